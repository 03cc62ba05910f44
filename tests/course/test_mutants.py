"""Do the tests notice a small change of the solution? And is what counts them right?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.course.changes import Change, changes
from tests.course.mutants import LEAST, equivalents, share, tried, try_all
from tests.course.runner import Runner
from tests.course.weeks import Exercise, weeks

PROGRAM = """\
def price(kilos, big):
    '''What it costs.'''
    if kilos >= 5 and not big:
        kilos = kilos * 2
    name = f"{kilos} kg"[1:]
    return round(kilos / 3, 1)
print(price(2, True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("week", weeks())
def test_nine_in_ten_mutants_are_killed_and_the_equivalent_ones_live(
    week: str, runner: Runner
) -> None:
    found = tried(week, runner, seeds=[0])
    alive = [str(one) for one in found if not one.killed and not one.reason]
    assert share(found) >= LEAST, "\n".join(alive)
    right = {(m.exercise, m.change.was, m.change.becomes) for m in found if not m.killed}
    assert set(equivalents(week)) <= right, "these are stopped by a test, or are no mutants"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("if kilos >= 5 and (not big):", "if kilos > 5 and (not big):"),
        ("if kilos >= 5 and (not big):", "if kilos < 5 and (not big):"),
        ("if kilos >= 5 and (not big):", "if kilos >= 5 or not big:"),
        ("if kilos >= 5 and (not big):", "if kilos >= 5:"),
        ("if kilos >= 5 and (not big):", "if kilos >= 5 and big:"),
        ("if kilos >= 5 and (not big):", "if kilos >= 6 and (not big):"),
        ("kilos = kilos * 2", "kilos = kilos + 2"),
        ("kilos = kilos * 2", "pass"),
        ("name = f'{kilos} kg'[1:]", "name = f'{kilos} kg'[:]"),
        ("name = f'{kilos} kg'[1:]", "name = '{kilos} kg'[1:]"),
        ("return round(kilos / 3, 1)", "return"),
        ("return round(kilos / 3, 1)", "return round(kilos // 3, 1)"),
        ("return round(kilos / 3, 1)", "return round(kilos / 3)"),
    ],
)
def test_a_program_is_changed_in_many_ways(was: str, becomes: str) -> None:
    found = {(one.was, one.becomes) for one in changes(PROGRAM, range(1, 8), printed=False)}
    assert (was, becomes) in found


def test_a_change_is_a_program_touches_its_lines_only_and_comes_once() -> None:
    found = list(changes(PROGRAM, [3, 4], printed=False))
    assert len({one.source for one in found}) == len(found)
    for one in found:
        compile(one.source, "a change", "exec")
        assert "What it costs." in one.source
        assert "return round(kilos / 3, 1)\nprint(price(2, True))" in one.source


def test_what_is_printed_counts_only_where_it_is_kept() -> None:
    def printed(found: list[Change]) -> bool:
        return any("print(" in one.was for one in found)

    assert not printed(list(changes(PROGRAM, [7], printed=False)))
    assert printed(list(changes(PROGRAM, [7], printed=True)))


@pytest.mark.parametrize(
    ("test", "killed"),
    [("assert down(4) == 0 and down(0) == 0", True), ("assert callable(down)", False)],
)
def test_a_test_that_looks_kills_and_one_that_does_not_lets_live(
    test: str, killed: bool, runner: Runner, tmp_path: Path
) -> None:
    """One of the changes never ends: it is stopped, and counts as killed where it is called."""
    body = "def down(n):\n    while n > 0:\n        n = n - 1\n    return n"
    solution = f"### BEGIN SOLUTION\n{body}\n### END SOLUTION"
    exercise = Exercise("w99-w1-down", "practice", "w99-w1-down", ("w99-w1-down-test",))
    cells = [("w99-w1-down", solution), ("w99-w1-down-test", test)]
    found = {one.becomes: dead for one, dead in try_all(exercise, cells, [0], runner, tmp_path)}
    assert found["n = n + 1"] is killed
    assert found["return"] is killed
    assert found["while n <= 0:"] is killed


def test_a_solution_that_does_not_pass_is_said(runner: Runner, tmp_path: Path) -> None:
    exercise = Exercise("w99-w1-x", "practice", "w99-w1-x", ("w99-w1-x-test",))
    cells = [
        ("w99-w1-x", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        ("w99-w1-x-test", "x / 0"),
    ]
    with pytest.raises(AssertionError, match="w99-w1-x: the solution itself does not pass"):
        try_all(exercise, cells, [0], runner, tmp_path)
