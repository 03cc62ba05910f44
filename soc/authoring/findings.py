"""A rule of the course, and what it finds: where, what, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from soc.authoring.week import Week


@dataclass(frozen=True)
class Spot:
    """One place where a rule isn't kept. `cell` counts from 1 at the top of a notebook."""

    file: Path
    what: str
    id: str = ""
    cell: int | None = None


@dataclass(frozen=True)
class Finding:
    """A spot with the rule's own words; `file` is relative to the course folder."""

    rule: str
    file: str
    cell: int | None
    id: str
    what: str
    why: str
    do: str


@dataclass(frozen=True)
class Rule:
    """One thing that every week keeps. `find` yields each spot where it isn't kept."""

    name: str
    why: str
    do: str
    find: Callable[[Week], Iterator[Spot]]

    def findings(self, week: Week) -> list[Finding]:
        """Every spot, with the reason and the next step."""
        return [
            Finding(
                self.name,
                spot.file.relative_to(week.course).as_posix(),
                spot.cell,
                spot.id,
                spot.what,
                self.why,
                self.do,
            )
            for spot in self.find(week)
        ]


def rule(*, why: str, do: str) -> Callable[[Callable[[Week], Iterator[Spot]]], Rule]:
    """Make a rule of a generator; it is named after it, with hyphens."""

    def named(find: Callable[[Week], Iterator[Spot]]) -> Rule:
        return Rule(find.__name__.replace("_", "-"), why, do, find)

    return named


def at(week: Week, notebook: str, identity: str, what: str) -> Spot:
    """A spot at the cell with this id."""
    ids = [cell["id"] for cell in week.notebooks[notebook].cells]
    return Spot(week.source / f"{notebook}.ipynb", what, identity, ids.index(identity) + 1)


def whole(week: Week, notebook: str, what: str) -> Spot:
    """A spot that is a whole notebook."""
    return Spot(week.source / f"{notebook}.ipynb", what)
