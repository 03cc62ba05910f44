"""Do numbers that a test draws decide anything? And would we notice?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.course.conftest import Workdir
from tests.course.luck import Effort, decided, lucky
from tests.course.runner import Runner
from tests.course.weeks import mistakes, weeks

QUICK = Effort(seeds=(), draws=3, wishes=())  # the numbers in the programs; the command tries all


@pytest.mark.slow
@pytest.mark.parametrize("week", weeks())
def test_luck_decides_nothing(week: str, runner: Runner, workdir: Workdir) -> None:
    assert lucky(week, runner, workdir(week), QUICK) == []


def test_a_number_that_may_be_todays_is_noticed(runner: Runner, workdir: Workdir) -> None:
    notes = next(one for one in mistakes("week02") if one.message == "notes.big")
    four = replace(notes, code="big = amount // 10000\nsmall = 4", message="notes.small")
    (found,) = decided([notes, four], runner, workdir("week02"), QUICK)
    assert found.startswith("w02-w2-notes:notes.small: passes with Plan(seed=0, at=1, wish=4")


def test_a_right_answer_that_luck_refuses_is_noticed(runner: Runner, workdir: Workdir) -> None:
    notes = next(one for one in mistakes("week02") if one.message == "notes.big")
    code = "big = amount // 10000\nsmall = 0 if amount < 30000 else amount % 10000 // 1000"
    often_right = replace(notes, code=code, test="", message="")
    found = list(decided([often_right], runner, workdir("week02"), Effort(seeds=[0])))
    assert any("notes.small with Plan(seed=0, at=0, wish='lowest')" in line for line in found)
