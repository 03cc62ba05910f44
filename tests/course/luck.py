"""Does luck decide anything? `python -m tests.course.luck` prints the stored attempts it helps or
harms; `... week05` those of one week.

Tests draw numbers. An attempt is run with seeds, and once for each draw that could be the number
that stands in its program, the lowest, the highest or the same as a draw before. What is right
passes each time, and a mistake fails each time, with its own message.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.course.draws import HIGHEST, LOWEST, TWIN
from tests.course.runner import Cells, Outcome, Runner, code_cells
from tests.course.weeks import Attempt, checks, mistakes, read, rights, weeks

_DRAW, _SEEN = "draw", "seen"


@dataclass(frozen=True)
class Plan:
    """A seed, and the draw (from 0) that is as wished."""

    seed: int
    at: int = -1
    wish: Any = None

    def cell(self) -> tuple[str, str]:
        """The cell that makes it so."""
        given = f"{self.seed}, {self.at}, {self.wish!r}"
        return _DRAW, f"from tests.course.draws import lucky, seen\nlucky({given})"


@dataclass(frozen=True)
class Effort:
    """How much is tried: seeds, the first draws of an exercise, and what each may be by luck.

    A number that stands in the program is always tried.
    """

    seeds: Sequence[int] = range(5)
    draws: int = 6
    wishes: Sequence[str] = (LOWEST, HIGHEST, TWIN)


def lucky(name: str, runner: Runner, folder: Path, effort: Effort = Effort()) -> list[str]:
    """The week's attempts that luck decides about, and how. `folder` is as a student has it."""
    exercises: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in [*mistakes(name), *rights(name)]:
        if attempt.code is not None:
            exercises.setdefault((attempt.notebook, attempt.exercise), []).append(attempt)
    return [
        line
        for attempts in exercises.values()
        for line in decided(attempts, runner, folder, effort)
    ]


def decided(attempts: list[Attempt], runner: Runner, folder: Path, effort: Effort) -> Iterator[str]:
    """What is decided by luck among the attempts at one exercise."""
    before, own = _around(attempts[0])
    if not any("random" in source for source in [*(s for _, s in own), *map(_code, attempts)]):
        return
    every = sorted(set().union(*(_constants(_code(one)) for one in attempts)), key=str)
    seen = (_SEEN, f"import json\nprint(json.dumps(seen({every!r})))")
    (solution,) = runner.run_each(before, [[Plan(0).cell(), *own, seen]], folder)
    possible = json.loads(solution[-1].printed)[: effort.draws]
    jobs = [(one, plan) for one in attempts for plan in _plans(one, possible, effort)]
    cells = [[plan.cell(), *_written(own, attempt)] for attempt, plan in jobs]
    runs = runner.run_each(before, cells, folder) if jobs else []
    for (attempt, plan), outcomes in zip(jobs, runs, strict=True):
        said = _said(attempt, outcomes)
        if said != attempt.message:
            yield f"{attempt}: {said or 'passes'} with {plan}"


def _plans(attempt: Attempt, possible: list[list[Any]], effort: Effort) -> Iterator[Plan]:
    """`possible`: for each draw, the numbers of all programs that it may be."""
    yield from map(Plan, effort.seeds)
    own = _constants(_code(attempt))
    for at, numbers in enumerate(possible):
        for wish in (*(one for one in numbers if one in own), *effort.wishes):
            if at or wish != TWIN:
                yield Plan(0, at, wish)


def _written(own: Cells, attempt: Attempt) -> Cells:
    return [(n, _code(attempt)) if n == attempt.exercise else (n, s) for n, s in own]


def _code(attempt: Attempt) -> str:
    return attempt.code or ""


def _around(attempt: Attempt) -> tuple[Cells, Cells]:
    """What runs before the exercise; and its own cells, from the shop's to its last test."""
    cells = code_cells(read(attempt.week, attempt.notebook))
    names = [name for name, _ in cells]
    tests = [names.index(test) for test in _tests(attempt)]
    every = [names.index(test) for test in checks(attempt.week, attempt.notebook)]
    here = names.index(attempt.exercise)
    begin = max((test + 1 for test in every if test < here), default=0)
    return cells[:begin], cells[begin : max(tests) + 1]


def _tests(attempt: Attempt) -> list[str]:
    """The tests of the attempt's exercise; a project is one exercise."""
    stem = attempt.exercise if attempt.notebook == "practice" else ""
    return [name for name in checks(attempt.week, attempt.notebook) if name.startswith(stem)]


def _said(attempt: Attempt, outcomes: list[Outcome]) -> str:
    """The message of the mistake's own test; of a right one, any; "" when nothing failed."""
    tests = [attempt.test] if attempt.test else _tests(attempt)
    if outcomes[0].error == "Died":
        return "did not end"
    failed = [one.text for one in outcomes if one.cell in tests and not one.passed]
    return _message(failed[0]) if failed else ""


def _message(text: str) -> str:
    return text.rpartition("/")[2].strip("]\n ") if text else ""


def _constants(code: str) -> set[Any]:
    """The numbers and texts in a program, and the numbers beside them; nothing when it is none."""
    body = "\n".join(line for line in code.splitlines() if not line.startswith("%%"))
    try:
        tree = ast.parse(body)
    except SyntaxError:
        return set()
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {one for one in found if isinstance(one, int | float | str)}


if __name__ == "__main__":
    import tempfile

    from tests.course.conftest import student_folder

    with Runner() as warm, tempfile.TemporaryDirectory() as parent:
        found = [
            line
            for name in sys.argv[1:] or weeks()
            for line in lucky(name, warm, student_folder(name, Path(parent) / name))
        ]
    print(*found, f"{len(found)} attempts have luck", sep="\n")
