"""Does every test say yes to what is right, and no, in its own words, to what is not?"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.course.conftest import Workdir
from tests.course.release import released
from tests.course.runner import Outcome, Runner, code_cells
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


def _run(attempt: Attempt, runner: Runner, workdir: Workdir) -> dict[str, Outcome]:
    cells = code_cells(read(attempt.week, attempt.notebook))
    if attempt.code is not None:
        assert attempt.exercise in dict(cells), "the exercise is no cell of this notebook"
        cells = [(i, attempt.code if i == attempt.exercise else source) for i, source in cells]
    change = {} if attempt.answer is None else {attempt.exercise: attempt.answer}
    outcomes = runner.run(cells, workdir(attempt.week, change=change))
    return _failed(outcomes, attempt.week, attempt.notebook)


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
def test_a_mistake_brings_up_its_own_message(
    attempt: Attempt, runner: Runner, workdir: Workdir
) -> None:
    failed = _run(attempt, runner, workdir)
    assert attempt.test in failed
    assert failed[attempt.test].text.endswith(f"[{attempt.week}/{attempt.message}]")
    stem = attempt.exercise if attempt.notebook == "practice" else f"w{attempt.week[4:]}-project"
    assert all(name.startswith(stem) for name in failed), "a mistake touches its own exercise only"


@pytest.mark.parametrize("attempt", [a for w in weeks() for a in rights(w)], ids=str)
def test_a_different_right_answer_scores_full(
    attempt: Attempt, runner: Runner, workdir: Workdir
) -> None:
    failed = _run(attempt, runner, workdir)
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
