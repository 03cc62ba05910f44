"""Does the practicum kit hold what an observer and a leader need, and agree with the rules?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from programme.written import KHMER
from soc.authoring.words import BANNED
from tests.course.weeks import COURSE

KIT = COURSE / "guides" / "practicum"
NEEDED = {
    "lesson-plan.md": ("After this session they can", "The 40 minutes", "electricity goes"),
    "reflection.md": ("One thing I keep, one thing I change", "safeguarding contact"),
    "club-plan.md": ("## Ten sessions", "## Families", "safeguarding.md", "Mentor"),
    "safeguarding.md": ("Two leaders", "Photos", "the same day", "1280", "Name, date, sign"),
}


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_observation_form_is_the_one_that_graduation_counts() -> None:
    form, rules = _toml(KIT / "observation.toml"), _toml(COURSE / "course.toml")["graduation"]
    assert len(form["item"]) == form["items"] == rules["lessons"]["items"] == 10
    assert form["passed"] == rules["lessons"]["pass_items"]
    assert form["good"] == rules["lessons"]["good_items"]


def test_each_item_can_be_seen_and_is_in_both_languages() -> None:
    items = _toml(KIT / "observation.toml")["item"]
    assert len({item["id"] for item in items}) == len(items)
    for item in items:
        assert item["en"].endswith("."), item["id"]
        assert KHMER.search(item["km"]), item["id"]
        assert item["seen"], item["id"]


@pytest.mark.parametrize("sheet", NEEDED)
def test_a_sheet_asks_for_what_matters(sheet: str) -> None:
    text = (KIT / sheet).read_text(encoding="utf-8")
    assert [one for one in NEEDED[sheet] if one not in text] == []
    assert not BANNED.search(text)


def test_the_planned_lesson_takes_as_long_as_the_form_says() -> None:
    rows = re.findall(r"^\| (\d+) \|", (KIT / "lesson-plan.md").read_text(encoding="utf-8"), re.M)
    assert sum(map(int, rows)) == _toml(KIT / "observation.toml")["minutes"]


def test_a_club_has_ten_sessions() -> None:
    text = (KIT / "club-plan.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d+) ", text, re.M) == [str(n) for n in range(1, 11)]
