"""Does a project show the finished thing first, open three ways, and mark all girls alike?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from soc.authoring.findings import Spot, at, rule, whole
from soc.authoring.week import Week

SAMPLES = ("weak", "good", "excellent")
_LINE = re.compile(r"^\*\*([A-F])\. ", re.MULTILINE)
_LEVEL = re.compile(r"^- \*\*([1-4])\*\* (.+)$", re.MULTILINE)
_WAY = re.compile(r"^(\d)\. ", re.MULTILINE)
_SAMPLE = re.compile(
    r"\*\*(\w+)\*\* · checks (\d+) of 8 · ([^\n]*)\n\n```python\n(.*?)```", re.DOTALL
)
_MARK = re.compile(r"([A-F]) (\d)")


@dataclass(frozen=True)
class Sample:
    """A made project: its name, what the checks give it, the marks by hand, its program."""

    name: str
    checks: int
    marks: dict[str, int]
    code: str


def samples(week: Week) -> list[Sample]:
    """The made projects of the guide, in its order."""
    return [
        Sample(name, int(checks), {line: int(mark) for line, mark in _MARK.findall(marks)}, code)
        for name, checks, marks, code in _SAMPLE.findall(week.guide())
    ]


@rule(
    why="She works toward a thing that she has seen; before it, a plan is empty words.",
    do="Show it at the top, before the plan: in a fence, or in a free cell that makes it.",
)
def finished_first(week: Week) -> Iterator[Spot]:
    """Projects that don't show the finished thing before the plan."""
    for cell in week.notebooks["project"].cells:
        if cell.cell_type == "markdown" and ("```" in cell.source or "![" in cell.source):
            return
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            return
        if cell.source.startswith("## Plan"):
            break
    yield whole(week, "project", "no finished thing stands before the plan")


@rule(
    why="What she has changed herself is hers; one way fits one girl.",
    do="Write the section “## Three ways to make it your own” with the ways 1 to 3.",
)
def three_ways(week: Week) -> Iterator[Spot]:
    """Projects without three ways to make it one's own."""
    for cell in week.markdown("project"):
        if cell.source.startswith("## Three ways to make it your own"):
            ways = _WAY.findall(cell.source)
            if ways != ["1", "2", "3"]:
                yield at(week, "project", cell["id"], f"it has {len(ways)} ways, not three")
            return
    yield whole(week, "project", "there are no three ways to make it your own")


@rule(
    why="Two instructors mark alike when they see what each number looks like.",
    do="For each line A, B, C: levels 4, 3, 2, 1, each with an *Example: …*.",
)
def rubric(week: Week) -> Iterator[Spot]:
    """Rubric lines that lack a level, and levels without an example."""
    cells = [cell for cell in week.markdown("project") if _LEVEL.search(cell.source)]
    if not cells:
        yield whole(week, "project", "there is no rubric")
    for cell in cells:
        for letter, text in _rubric_lines(cell.source):
            levels = _LEVEL.findall(text)
            if [level for level, _ in levels] != ["4", "3", "2", "1"]:
                yield at(week, "project", cell["id"], f"line {letter} has not the levels 4 to 1")
            for level, words in levels:
                if "*Example: " not in words:
                    what = f"line {letter}, level {level}, has no example"
                    yield at(week, "project", cell["id"], what)


@rule(
    why="Three made projects let instructors compare their marks before they mark a girl's.",
    do="In the guide: **weak** · checks 4 of 8 · A 1, B 1, C 1, and its program; then good and "
    "excellent, each with more.",
)
def made_samples(week: Week) -> Iterator[Spot]:
    """Guides without three made projects, in rising order, marked on every rubric line."""
    file = week.guides / "guide.md"
    if not file.is_file():
        return
    made = samples(week)
    if tuple(one.name for one in made) != SAMPLES:
        yield Spot(file, "there are not three made projects: weak, good, excellent")
        return
    lines = {
        letter
        for cell in week.markdown("project")
        if _LEVEL.search(cell.source)
        for letter, _ in _rubric_lines(cell.source)
    }
    for one in made:
        if set(one.marks) != lines:
            yield Spot(file, f"{one.name} is not marked on each of {', '.join(sorted(lines))}")
    sums = [one.checks + sum(one.marks.values()) for one in made]
    if not sums[0] < sums[1] < sums[2]:
        yield Spot(file, f"the marks of the made projects don't rise: {sums}")


def _rubric_lines(source: str) -> list[tuple[str, str]]:
    """Letter and text of each line of a rubric."""
    parts = _LINE.split(source)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


RULES = (finished_first, three_ways, rubric, made_samples)
