"""What reaches a student, and whether there is as much of it as planned."""

from __future__ import annotations

import pytest

from tests.course.counts import PLAN, counted, least
from tests.course.release import released
from tests.course.weeks import checks, written

EACH = pytest.mark.parametrize(("week", "notebook"), written())


@EACH
def test_released_cells_have_no_outputs_and_tests_are_locked(week: str, notebook: str) -> None:
    for cell in released(week, notebook).cells:
        assert not cell.get("outputs"), cell["id"]
        if cell["id"] in checks(week, notebook):
            assert cell.metadata["editable"] is False, cell["id"]
            assert cell.metadata["deletable"] is False, cell["id"]


@pytest.mark.parametrize("week", PLAN)
def test_the_counts_are_at_least_the_plan(week: str) -> None:
    assert all(has >= plan for has, plan in zip(counted(week), PLAN[week], strict=True))


@pytest.mark.parametrize(("what", "wanted", "has"), least(), ids=lambda one: str(one).strip())
def test_there_is_enough_of_everything(what: str, wanted: int, has: int) -> None:
    assert has >= wanted, what
