"""Solutions with one small change each, and which of them the tests let through.

`python -m tests.course.mutants` prints a table a week and the survivors; `... week05` one week.
Beginners' own mistakes are stored in course/mistakes; this finds what no beginner writes. Beside
them lies equivalents.toml: changes that leave a right answer right, each with its reason.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.course.changes import Change, changes
from tests.course.conftest import student_folder
from tests.course.runner import Cells, Runner, code_cells
from tests.course.weeks import MISTAKES, Exercise, exercises, read, weeks

SEEDS = range(3)
LEAST = 0.9  # of the mutants that are no right answers


@dataclass(frozen=True)
class Mutant:
    """A changed solution, and what the exercise's own tests made of it."""

    exercise: str
    change: Change
    killed: bool
    reason: str  # why it is a right answer too; "" when it is none

    def __str__(self) -> str:
        return f"{self.exercise}: {self.change.was}  ->  {self.change.becomes}"


def tried(week: str, runner: Runner, seeds: Sequence[int] = SEEDS) -> list[Mutant]:
    """The mutants of the week's practice. One counts as killed when each seed kills it.

    Raises AssertionError when an unchanged solution does not pass: then no number here counts.
    """
    reasons = equivalents(week)
    with tempfile.TemporaryDirectory() as parent:
        folder = student_folder(week, Path(parent) / week)
        cells = code_cells(read(week, "practice"))
        return [
            Mutant(exercise.name, change, killed, reasons.get(_key(exercise.name, change), ""))
            for exercise in exercises(week)
            if exercise.kind in "BFW"
            for change, killed in try_all(exercise, cells, seeds, runner, folder)
        ]


def equivalents(week: str) -> dict[tuple[str, str, str], str]:
    """Why a change is right too, by exercise and by the lines before and after."""
    file = MISTAKES / week / "equivalents.toml"
    if not file.is_file():
        return {}
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["equivalent"]
    return {(one["exercise"], one["was"], one["becomes"]): one["why"] for one in entries}


def table(found: Mapping[str, Sequence[Mutant]]) -> str:
    """A line a week and a total: how many mutants, of them equivalent, killed, surviving."""
    lines = [f"{'week':8}{'mutants':>9}{'equal':>7}{'killed':>8}{'alive':>7}{'share':>8}"]
    every = [mutant for mutants in found.values() for mutant in mutants]
    for name, mutants in [*found.items(), ("total", every)]:
        counted = [one for one in mutants if not one.reason]
        alive = [one for one in counted if not one.killed]
        lines.append(
            f"{name:8}{len(mutants):>9}{len(mutants) - len(counted):>7}"
            f"{len(counted) - len(alive):>8}{len(alive):>7}{share(mutants):>8.1%}"
        )
    return "\n".join(lines)


def share(mutants: Sequence[Mutant]) -> float:
    """The part of the mutants, equivalent ones left out, that was killed; 1 when there are none."""
    counted = [one.killed for one in mutants if not one.reason]
    return sum(counted) / len(counted) if counted else 1.0


def _key(exercise: str, change: Change) -> tuple[str, str, str]:
    return exercise, change.was, change.becomes


def try_all(
    exercise: Exercise, cells: Cells, seeds: Sequence[int], runner: Runner, folder: Path
) -> list[tuple[Change, bool]]:
    """The changes of one exercise's solution, and whether its own tests stop each."""
    names = [name for name, _ in cells]
    begin, end = names.index(exercise.name), max(map(names.index, exercise.tests)) + 1
    unchanged, after = cells[begin][1], cells[begin + 1 : end]
    left = [Change("", "", unchanged), *of_cell(unchanged)]
    killed = dict.fromkeys(left, True)
    for seed in seeds:
        attempts = [[(exercise.name, one.source), *after] for one in left if killed[one]]
        outcomes = runner.run_each(cells[:begin], attempts, folder, seed)
        for one, outcome in zip([one for one in left if killed[one]], outcomes, strict=True):
            passed = {cell.cell for cell in outcome if cell.passed}
            killed[one] = not passed.issuperset(exercise.tests)
        assert not killed[left[0]], f"{exercise.name}: the solution itself does not pass"
    return list(killed.items())[1:]


def of_cell(cell: str) -> Iterator[Change]:
    """The changes in the solution of a cell. The cell's magic, in its first line, stays."""
    lines = cell.split("\n")
    magic = lines[0] if lines[0].startswith("%%") else ""
    solution, inside = [], False
    for number, line in enumerate(lines, 1):
        inside = (inside or "### BEGIN SOLUTION" in line) and "### END SOLUTION" not in line
        if inside:
            solution.append(number)
    body = "\n".join(["", *lines[1:]]) if magic else cell
    for change in changes(body, solution, printed=magic.startswith("%%keep")):
        source = f"{magic}\n{change.source}" if magic else change.source
        yield Change(change.was, change.becomes, source)


if __name__ == "__main__":
    with Runner() as warm:
        results = {week: tried(week, warm) for week in sys.argv[1:] or weeks()}
    for mutant in (one for mutants in results.values() for one in mutants):
        if not mutant.killed and not mutant.reason:
            print(mutant)
    print(table(results))
