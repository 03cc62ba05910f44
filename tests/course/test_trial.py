"""Does a run in the sandbox tell an author what is not as it should be?"""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.authoring.new_week import new_week
from soc.authoring.trial import try_out
from soc.authoring.week import Week

pytestmark = pytest.mark.slow

FAULTS = {  # rule: where, what stands there, what stands there instead
    "solutions-pass": ("source/week16/practice.ipynb", "assert cost == 3 *", "assert cost == 4 *"),
    "release-scores-zero": (
        "source/week16/practice.ipynb",
        'assert answer(\\"w16-p1-first\\"), ',
        "assert True, ",
    ),
    "mistakes-get-their-message": (
        "mistakes/week16/practice.toml",
        'message = "tag.no-riel"',
        'message = "tag.no-f"',
    ),
    "right-answers-pass": (
        "mistakes/week16/practice.toml",
        'return thing + ": "',
        'return thing + " - "',
    ),
    "made-projects-score": ("guides/week16/guide.md", "checks 4 of 8", "checks 8 of 8"),
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with the week that `soc new-week` makes."""
    new_week(tmp_path, "week16", "Sounds")
    return tmp_path


def test_a_new_week_runs_as_it_is(course: Path) -> None:
    assert try_out(Week(course, "week16"), attempts=True) == []


def test_each_fault_is_said_where_it_is(course: Path) -> None:
    for file, old, new in FAULTS.values():
        text = (course / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (course / file).write_text(text.replace(old, new), encoding="utf-8")
    found = try_out(Week(course, "week16"), attempts=True)
    said = {rule: [one for one in found if one.rule == rule] for rule in FAULTS}
    assert all(said.values()), {rule: len(ones) for rule, ones in said.items()}
    assert [one.id for one in said["solutions-pass"]] == ["w16-f1-cost-test"]
    assert said["solutions-pass"][0].cell == 12
    assert [one.id for one in said["release-scores-zero"]] == ["w16-p1-first-test"]
    assert "w16-w1-price-tag:tag.no-f" in {one.id for one in said["mistakes-get-their-message"]}
    assert any(one.id.startswith("w16-w1") for one in said["right-answers-pass"])
    assert [one.id for one in said["made-projects-score"]] == ["weak"]
