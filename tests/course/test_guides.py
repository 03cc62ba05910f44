"""Is what the instructor holds in her hand still true?"""

from __future__ import annotations

import re

import pytest

from tests.course.conftest import Workdir
from tests.course.runner import Runner, code_cells
from tests.course.texts import BANNED
from tests.course.weeks import COURSE, checks, exercises, read, weeks

WEEKS = pytest.mark.parametrize("week", weeks())
GUIDES = COURSE / "guides"
_KEY = re.compile(r"\*\*(w\d\d-[a-z0-9-]+)\*\*\n\n```python\n(.*?)```", re.DOTALL)
_SAMPLE = re.compile(
    r"\*\*(\w+)\*\* · checks (\d+) of 8 · [^\n]*\n\n```python\n(.*?)```", re.DOTALL
)
_MINUTES = re.compile(r"^\| (\d+) \|", re.MULTILINE)


def _guide(week: str) -> str:
    return (GUIDES / week / "guide.md").read_text(encoding="utf-8")


@WEEKS
def test_a_week_has_its_guide_its_leadership_and_its_letter(week: str) -> None:
    assert {p.name for p in (GUIDES / week).iterdir()} == {"guide.md", "leadership.md", "letter.md"}


@WEEKS
def test_each_session_takes_85_minutes(week: str) -> None:
    sessions = _guide(week).split("## Session ")[1:]
    assert [sum(map(int, _MINUTES.findall(part))) for part in sessions] == [85, 85]


@WEEKS
def test_the_answer_key_is_the_source(week: str) -> None:
    key = dict(_KEY.findall(_guide(week)))
    sources = {cell["id"]: cell.source for cell in read(week, "practice").cells}
    assert set(key) == {e.name for e in exercises(week) if e.kind in "BFW"}
    for name, code in key.items():
        assert code in sources[name], name


@WEEKS
def test_the_sample_projects_pass_as_many_checks_as_the_guide_says(
    week: str, runner: Runner, workdir: Workdir
) -> None:
    samples = _SAMPLE.findall(_guide(week))
    assert [name for name, _, _ in samples] == ["weak", "good", "excellent"]
    cells = code_cells(read(week, "project"))
    made = next(i for i, source in cells if source.startswith("%%keep"))
    points = {n: c.metadata["nbgrader"]["points"] for n, c in checks(week, "project").items()}
    for name, said, code in samples:
        magic = dict(cells)[made].partition("\n")[0]
        sample = [(i, f"{magic}\n{code}" if i == made else source) for i, source in cells]
        passed = {one.cell for one in runner.run(sample, workdir(week)) if one.passed}
        assert sum(points[test] for test in points if test in passed) == int(said), name


@WEEKS
def test_the_guides_use_no_word_that_hurts(week: str) -> None:
    for path in (GUIDES / week).iterdir():
        assert not BANNED.search(path.read_text(encoding="utf-8")), path
