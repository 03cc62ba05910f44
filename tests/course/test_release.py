"""What reaches a student: all that she needs, nothing that is hers to find."""

from __future__ import annotations

import re

import pytest

from tests.course.counts import PLAN, counted
from tests.course.ids import found, kept
from tests.course.release import released
from tests.course.weeks import (
    NOTEBOOKS,
    SOURCE,
    assertions,
    checks,
    exercises,
    read,
    weeks,
    written,
)

WEEKS = pytest.mark.parametrize("week", weeks())
EACH = pytest.mark.parametrize(("week", "notebook"), written())
_MARKS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|START|MARK SCHEME)")
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_START = re.compile(r"### BEGIN START\n(.*?)### END START\n", re.DOTALL)


@EACH
def test_no_solution_and_no_hidden_test_is_released(week: str, notebook: str) -> None:
    after = {cell["id"]: cell.source for cell in released(week, notebook).cells}
    for cell in read(week, notebook).cells:
        source = after[cell["id"]]
        assert not _MARKS.search(source), cell["id"]
        for hidden in _HIDDEN.findall(cell.source):
            assert not _lines(hidden) & _lines(source), cell["id"]
        for solution in _SOLUTION.findall(cell.source):
            start = _lines("\n".join(_START.findall(solution)))
            given = start | {line.removeprefix("#").strip() for line in start}
            own = _lines(_START.sub("", solution)) - given
            assert not own & _lines(source), cell["id"]
            assert _START.sub("", solution) not in source, cell["id"]


@EACH
def test_released_cells_have_no_outputs_and_tests_are_locked(week: str, notebook: str) -> None:
    for cell in released(week, notebook).cells:
        assert not cell.get("outputs"), cell["id"]
        if cell["id"] in checks(week, notebook):
            assert cell.metadata["editable"] is False, cell["id"]
            assert cell.metadata["deletable"] is False, cell["id"]


@WEEKS
def test_no_answers_lie_beside_the_notebooks(week: str) -> None:
    names = {path.name for path in (SOURCE / week).iterdir() if not path.name.startswith(".")}
    assert names <= {
        *(f"{name}.ipynb" for name in NOTEBOOKS),
        "messages.toml",
        "hints.toml",
        "recall.toml",
        "data",
    }


@EACH
def test_a_lesson_is_not_graded_and_the_others_are(week: str, notebook: str) -> None:
    graded = [c for c in read(week, notebook).cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert bool(graded) == (notebook != "lesson")
    assert all(cell.metadata["nbgrader"]["points"] > 0 for cell in graded)


@WEEKS
def test_ids_are_as_they_were_when_the_week_was_first_published(week: str) -> None:
    assert kept(week) is not None, f"publish them: python -m tests.course.ids {week}"
    assert found(week) == kept(week)


@EACH
def test_the_grade_id_of_a_cell_is_its_id_and_names_the_week(week: str, notebook: str) -> None:
    for cell in read(week, notebook).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", cell["id"])
        assert grade_id == cell["id"]
        assert cell["id"].startswith(f"w{week[4:]}-")


def test_no_id_is_used_twice() -> None:
    every = [cell["id"] for week, notebook in written() for cell in read(week, notebook).cells]
    assert len(every) == len(set(every))


@EACH
def test_the_kernel_is_named_as_the_hub_names_it(week: str, notebook: str) -> None:
    assert read(week, notebook).metadata["kernelspec"]["name"] == "python3"


@WEEKS
def test_the_counts_are_at_least_the_plan(week: str) -> None:
    assert all(has >= plan for has, plan in zip(counted(week), PLAN[week], strict=True))


@WEEKS
def test_every_exercise_has_enough_assertions_some_of_them_hidden(week: str) -> None:
    cells = checks(week, "practice")
    for exercise in exercises(week):
        counts = [assertions(cells[name].source) for name in exercise.tests]
        every, hidden = (sum(column) for column in zip(*counts, strict=True))
        if exercise.kind in "BFW":
            assert every >= 5, exercise.name
            assert hidden >= 1, exercise.name


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}
