"""Does every test say yes to what is right, and no, in its own words, to what is not?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.course.conftest import Workdir, student_folder
from tests.course.release import released
from tests.course.runner import TIMEOUT_S, Outcome, Runner, code_cells
from tests.course.weeks import (
    NOTEBOOKS,
    Attempt,
    checks,
    exercises,
    messages,
    mistakes,
    read,
    rights,
    weeks,
    written,
)


def _failed(outcomes: list[Outcome], week: str, notebook: str) -> dict[str, Outcome]:
    tests = checks(week, notebook)
    return {one.cell: one for one in outcomes if one.cell in tests and not one.passed}


Run = Callable[[Attempt], dict[str, Outcome]]


@pytest.fixture(scope="session")
def run(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Gives the tests that an attempt fails. All programs for one exercise run at once."""
    kept: dict[Attempt, list[Outcome]] = {}

    def run_one(attempt: Attempt) -> dict[str, Outcome]:
        if attempt.code is None:
            cells = code_cells(read(attempt.week, attempt.notebook))
            change = {attempt.exercise: attempt.answer}
            folder = student_folder(attempt.week, _new_folder(attempt), change=change)
            outcomes = runner.run(cells, folder)
        else:
            if attempt not in kept:
                kept.update(_programs(attempt, runner, _new_folder(attempt)))
            outcomes = kept[attempt]
        return _failed(outcomes, attempt.week, attempt.notebook)

    def _new_folder(attempt: Attempt) -> Path:
        return tmp_path_factory.mktemp("attempt") / attempt.week

    return run_one


def _programs(attempt: Attempt, runner: Runner, folder: Path) -> dict[Attempt, list[Outcome]]:
    """Every stored program for an attempt's exercise, run from its cell to the notebook's end."""
    cells = code_cells(read(attempt.week, attempt.notebook))
    assert attempt.exercise in dict(cells), "the exercise is no cell of this notebook"
    here = [name for name, _ in cells].index(attempt.exercise)
    every = [
        one
        for one in mistakes(attempt.week) + rights(attempt.week)
        if one.code is not None and one.exercise == attempt.exercise
    ]
    tried = [[(one.exercise, one.code or ""), *cells[here + 1 :]] for one in every]
    student_folder(attempt.week, folder)
    outcomes = runner.run_each(cells[:here], tried, folder, cpu_s=TIMEOUT_S)
    return dict(zip(every, outcomes, strict=True))


@pytest.mark.parametrize(("week", "notebook"), written())
def test_the_source_scores_full(week: str, notebook: str, runner: Runner, workdir: Workdir) -> None:
    outcomes = runner.run(code_cells(read(week, notebook)), workdir(week))
    meant = {
        cell["id"]
        for cell in read(week, notebook).cells
        if "raises-exception" in cell.metadata.get("tags", [])
    }
    assert {one.cell: one.text for one in outcomes if not one.passed}.keys() == meant


@pytest.mark.parametrize("week", weeks())
def test_the_untouched_release_scores_nothing(week: str, runner: Runner, workdir: Workdir) -> None:
    for notebook in NOTEBOOKS[1:]:
        outcomes = runner.run(code_cells(released(week, notebook)), workdir(week, answered=False))
        assert _failed(outcomes, week, notebook).keys() == checks(week, notebook).keys()


@pytest.mark.parametrize("week", weeks())
def test_the_untouched_release_has_a_message_for_each_test(
    week: str, runner: Runner, workdir: Workdir
) -> None:
    for notebook in NOTEBOOKS[1:]:
        outcomes = runner.run(code_cells(released(week, notebook)), workdir(week, answered=False))
        for outcome in _failed(outcomes, week, notebook).values():
            assert outcome.error == "AssertionError", outcome
            assert f"[{week}/" in outcome.text, outcome


@pytest.mark.parametrize("attempt", [a for w in weeks() for a in mistakes(w)], ids=str)
def test_a_mistake_brings_up_its_own_message(attempt: Attempt, run: Run) -> None:
    failed = run(attempt)
    assert attempt.test in failed
    assert failed[attempt.test].text.endswith(f"[{attempt.week}/{attempt.message}]")
    stem = attempt.exercise if attempt.notebook == "practice" else f"w{attempt.week[4:]}-project"
    assert all(name.startswith(stem) for name in failed), "a mistake touches its own exercise only"


@pytest.mark.parametrize("attempt", [a for w in weeks() for a in rights(w)], ids=str)
def test_a_different_right_answer_scores_full(attempt: Attempt, run: Run) -> None:
    failed = run(attempt)
    assert not failed, {name: one.text for name, one in failed.items()}


@pytest.mark.parametrize("week", weeks())
def test_every_test_stops_a_mistake(week: str) -> None:
    stopped = {attempt.test for attempt in mistakes(week)}
    tests = {name for notebook in NOTEBOOKS for name in checks(week, notebook)}
    assert tests - stopped == set(), "no stored mistake makes these tests fail"


@pytest.mark.parametrize("week", weeks())
def test_every_exercise_has_mistakes_and_other_right_answers(week: str) -> None:
    wrongs = Counter(attempt.exercise for attempt in mistakes(week))
    others = Counter(attempt.exercise for attempt in rights(week))
    for exercise in exercises(week):
        if exercise.kind in "BFW":
            assert wrongs[exercise.name] >= 3, exercise.name
            assert others[exercise.name] >= 2, exercise.name


@pytest.mark.parametrize("week", weeks())
def test_every_message_is_brought_up_by_a_mistake(week: str) -> None:
    brought_up = {attempt.message for attempt in mistakes(week)}
    assert set(messages(week)) - brought_up == set(), "no stored mistake shows these messages"
