"""The real bar: the same attempts through the autograder, its sandbox and its clean room."""

from __future__ import annotations

import pytest
from nbgrader.api import Gradebook

from autograder.batch import Result
from tests.course.sandboxed import FULL, UNTOUCHED, Classroom, classroom
from tests.course.weeks import NOTEBOOKS, checks, mistakes, weeks

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=weeks())
def graded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Classroom, dict[str, Result]]:
    """A classroom that has been graded once."""
    room = classroom(request.param, tmp_path_factory.mktemp("classroom"))
    return room, room.grade()


Graded = tuple[Classroom, dict[str, Result]]


def _hand_marked(room: Classroom) -> float:
    with Gradebook(room.config.CourseDirectory.db_url, "course-test") as gradebook:
        solutions = gradebook.find_assignment(room.week).notebooks
        return sum(
            float(cell.max_score)
            for notebook in solutions
            for cell in notebook.grade_cells
            if cell.name not in checks(room.week, notebook.name)
        )


def test_every_submission_is_graded(graded: Graded) -> None:
    room, results = graded
    assert results.keys() == room.attempts.keys()
    assert {name: one.reason for name, one in results.items() if one.status != "graded"} == {}


def test_solutions_and_all_right_answers_score_full(graded: Graded) -> None:
    room, results = graded
    for name, one in results.items():
        if name == FULL or name.startswith("right"):
            said = {k: v for n in NOTEBOOKS for k, v in room.outputs(name, n).items() if v}
            assert said == {}, name
            assert one.max_score is not None
            assert one.score == one.max_score - _hand_marked(room), name


def test_the_untouched_release_scores_nothing(graded: Graded) -> None:
    assert graded[1][UNTOUCHED].score == 0


def test_each_mistake_brings_up_its_own_message(graded: Graded) -> None:
    room, _ = graded
    for name, attempts in room.attempts.items():
        for attempt in attempts:
            if attempt.test:
                said = room.outputs(name, attempt.notebook)[attempt.test]
                assert said.rstrip().endswith(f"/{attempt.message}]"), (attempt, said)


def test_a_mistake_costs_no_other_exercise(graded: Graded) -> None:
    room, _ = graded
    tests_of: dict[str, set[str]] = {}
    for mistake in mistakes(room.week):  # every test has a mistake that stops it
        tests_of.setdefault(mistake.exercise, set()).add(mistake.test)
    for name, attempts in room.attempts.items():
        if name.startswith("mistake"):
            own = {attempt.exercise for attempt in attempts}  # a cell that a person marks too
            own = own.union(*(tests_of[exercise] for exercise in own))
            for notebook in NOTEBOOKS:
                for test, said in room.outputs(name, notebook).items():
                    assert not said or test in own, (test, said)


def test_every_mistake_was_handed_in(graded: Graded) -> None:
    room, _ = graded
    handed_in = [a for own in room.attempts.values() for a in own if a.test]
    assert len(handed_in) == len(mistakes(room.week))
