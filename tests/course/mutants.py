"""Solutions with one small change each, and which of them the tests let through.

`python -m tests.course.mutants` prints the survivors. Beginners' own mistakes are stored in
course/mistakes; this finds what no beginner writes: a line lost, two lines swapped, another sign or
number, no f.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.course.conftest import right_answers
from tests.course.runner import Runner, code_cells
from tests.course.weeks import SOURCE, exercises, read, weeks

_SOLUTION = re.compile(
    r"### BEGIN SOLUTION\n(.*?)(?:### BEGIN START.*?)?### END SOLUTION", re.DOTALL
)
_OTHER_SIGN = {"+": "-", "-": "+", "*": "+", "/": "*", "//": "/", "%": "//"}


def mutants(cell: str) -> Iterator[str]:
    """The cell with one change in its solution at a time."""
    match = _SOLUTION.search(cell)
    if not match:
        return
    for changed in _changes(match[1]):
        yield cell[: match.start()] + changed + cell[match.end() :].lstrip("\n")


def survivors(week: str, runner: Runner, folder: Path) -> tuple[list[str], int]:
    """The mutants of the week's exercises that score full, and how many there were."""
    cells = code_cells(read(week, "practice"))
    alive, count = [], 0
    for exercise in (one for one in exercises(week) if one.kind in "BFW"):
        for mutant in mutants(dict(cells)[exercise.name]):
            count += 1
            outcomes = runner.run(
                [(i, mutant if i == exercise.name else source) for i, source in cells], folder
            )
            if all(one.passed for one in outcomes if one.cell in exercise.tests):
                alive.append(f"{exercise.name}\n{mutant}")
    return alive, count


def _changes(solution: str) -> Iterator[str]:
    lines = solution.splitlines(keepends=True)
    code = [i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")]
    for i in code:
        yield "".join(lines[:i] + lines[i + 1 :])
    for i, j in itertools.pairwise(code):
        swapped = lines.copy()
        swapped[i], swapped[j] = swapped[j], swapped[i]
        yield "".join(swapped)
    for token in tokenize.generate_tokens(io.StringIO(solution).readline):
        for text in _others(token):
            row, column = token.start
            line = lines[row - 1]
            end = column + len(token.string)
            yield "".join([*lines[: row - 1], line[:column] + text + line[end:], *lines[row:]])


def _others(token: tokenize.TokenInfo) -> Iterator[str]:
    if token.type == tokenize.OP and token.string in _OTHER_SIGN:
        yield _OTHER_SIGN[token.string]
    elif token.type == tokenize.NUMBER:
        yield str(int(token.string) + 1)
    elif token.type == tokenize.STRING and token.string.startswith("f"):
        yield token.string[1:]
    elif token.type == tokenize.STRING and len(token.string) > 2:
        yield '"x' + token.string[2:]


def _print() -> None:
    with Runner() as runner, tempfile.TemporaryDirectory() as parent:
        for week in weeks():
            folder = Path(parent) / week
            shutil.copytree(SOURCE / week, folder)
            kept = json.dumps(right_answers(week))
            (folder / "answers.json").write_text(kept, encoding="utf-8")
            alive, count = survivors(week, runner, folder)
            print(f"{week}: {count - len(alive)} of {count} mutants were found", *alive, sep="\n")


if __name__ == "__main__":
    _print()
