"""kept.toml as values: of each table whose it is, and what erasing makes of each column."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from programme import admission
from programme.course import Both
from programme.schema import metadata
from programme.site import Site
from programme.toml_table import read_toml

FILE = Path(__file__).parent / "kept.toml"


@dataclass(frozen=True)
class KeptTable:
    """One table. `whose`: columns that lead to a person, an enrolment or an application."""

    name: str
    whose: tuple[str, ...]
    replace: Mapping[str, Any]
    clear: tuple[str, ...]
    authors: tuple[str, ...]
    stays: tuple[str, ...]
    remove: bool

    @property
    def table(self) -> Table:
        """The table itself."""
        return metadata.tables[self.name]

    @property
    def columns(self) -> set[str]:
        """Every column of which it is said what becomes of it."""
        return {*self.replace, *self.clear, *self.authors, *self.stays}


@dataclass(frozen=True)
class Kept:
    """One kind of data: what and why in words, for how long, and where it lies."""

    id: str
    days: str
    what: Both
    why: Both
    tables: tuple[KeptTable, ...]


@dataclass(frozen=True)
class Terms:
    """For how many days each kind is kept, after what kept.toml says."""

    person: int
    work: int
    calls: int
    draft: int
    refused: int

    def __getitem__(self, name: str) -> int:
        """The term of this name, as kept.toml names it."""
        return int(getattr(self, name))


@functools.cache
def kept() -> tuple[Kept, ...]:
    """All kinds of data, in the order in which they are shown."""
    found = _read()["kept"]
    return tuple(
        Kept(
            one["id"],
            one["days"],
            Both(**one["what"]),
            Both(**one["why"]),
            tuple(_table(table) for table in one.get("table", ())),
        )
        for one in found
    )


@functools.cache
def tables() -> tuple[KeptTable, ...]:
    """All tables that hold something about people."""
    return tuple(table for one in kept() for table in one.tables)


def not_personal() -> frozenset[str]:
    """Names of the tables that hold nothing about a person."""
    return frozenset(_read()["not_personal"])


def terms(site: Site) -> Terms:
    """How long this installation keeps things. Raises CourseError that names file and key."""
    top = read_toml(site.course / "personal.toml")
    days = top.table("days")
    own = {name: days.whole(name, 30, 3650) for name in ("person", "work", "calls")}
    days.done()
    top.done()
    rules = admission.read(site.course)
    return Terms(**own, draft=rules.draft_days, refused=rules.keep_days)


def _table(found: Mapping[str, Any]) -> KeptTable:
    return KeptTable(
        found["name"],
        tuple(found["whose"]),
        found.get("replace", {}),
        tuple(found.get("clear", ())),
        tuple(found.get("authors", ())),
        tuple(found["stays"]),
        found.get("remove", False),
    )


@functools.cache
def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
