"""What reaches a student: all that she needs, nothing that is hers to find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from soc.authoring.findings import Spot, at, rule, whole
from soc.authoring.released import released
from soc.authoring.week import NOTEBOOKS, Week

BESIDE = {
    *(f"{name}.ipynb" for name in NOTEBOOKS),
    "messages.toml",
    "hints.toml",
    "recall.toml",
    "data",
}
_MARKS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|START|MARK SCHEME)")
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_START = re.compile(r"### BEGIN START\n(.*?)### END START\n", re.DOTALL)


@rule(
    why="Otherwise nbgrader can't make the release, and no student gets the week.",
    do="Look at the cell's nbgrader settings (in Jupyter: View, Create Assignment).",
)
def releasable(week: Week) -> Iterator[Spot]:
    """Notebooks that nbgrader refuses, and other kernels than the hub's."""
    for notebook in NOTEBOOKS:
        kernel = week.notebooks[notebook].metadata.get("kernelspec", {}).get("name")
        if kernel != "python3":
            yield whole(week, notebook, f"its kernel is {kernel}, and the hub's is python3")
        made = _release(week, notebook)
        if isinstance(made, Exception):
            said = str(made).strip().partition("\n")[0] or type(made).__name__
            yield whole(week, notebook, f"nbgrader refuses it: {said}")


@rule(
    why="A solution or hidden test that she receives can't show any more what she can do.",
    do="Close the region (### BEGIN … ### END …) around it, or take the copy out of the text.",
)
def leaks(week: Week) -> Iterator[Spot]:
    """Solutions, hidden tests and their marks in what students receive."""
    for notebook in NOTEBOOKS:
        after = _released_sources(week, notebook)
        for cell in week.notebooks[notebook].cells:
            source = after.get(cell["id"], "")
            if _MARKS.search(source):
                yield at(week, notebook, cell["id"], "a mark of a region is released")
            for text in _secrets(cell.source):
                if text & _lines(source):
                    line = sorted(text & _lines(source))[0]
                    yield at(week, notebook, cell["id"], f"this line is released: {line}")


@rule(
    why="What lies beside the notebooks is given to students too.",
    do="Answers belong in course/mistakes, notes in course/guides, data in the folder data.",
)
def files_beside(week: Week) -> Iterator[Spot]:
    """Files that are no part of a week."""
    for path in sorted(week.source.iterdir()):
        if path.name not in BESIDE and not path.name.startswith("."):
            yield Spot(path, "this file would be given to students")


def _release(week: Week, notebook: str) -> Any:
    """What she receives, or the error with which nbgrader refuses. Made once for all rules."""
    if notebook not in week.releases:
        try:
            week.releases[notebook] = released(week, notebook)
        except Exception as error:  # each of nbgrader's steps raises what it likes
            week.releases[notebook] = error
    return week.releases[notebook]


def _released_sources(week: Week, notebook: str) -> dict[str, str]:
    """By cell. Empty when nbgrader refuses: `releasable` says so."""
    made = _release(week, notebook)
    return {} if isinstance(made, Exception) else {cell["id"]: cell.source for cell in made.cells}


def _secrets(source: str) -> Iterator[set[str]]:
    """The lines of each hidden test, and of each solution without what its start gives."""
    for hidden in _HIDDEN.findall(source):
        yield _lines(hidden)
    for solution in _SOLUTION.findall(source):
        start = _lines("\n".join(_START.findall(solution)))
        given = start | {line.removeprefix("#").strip() for line in start}
        yield _lines(_START.sub("", solution)) - given


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}


RULES = (releasable, leaks, files_beside)
