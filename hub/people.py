"""Who may sign in, and as what: the roster, as the hub asks about it.

Rule: the roster alone decides. A name that is not in it has no account, whatever the hub's own
database remembers. It is read again when it is older than a few seconds, so that a student who was
added a moment ago can sign in without a restart.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from programme.roster import Member, members
from programme.site import Site

USERNAME = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_FRESH_S = 5.0
_FRESH_FOR_STRANGERS_S = 1.0


@dataclass(frozen=True)
class Person:
    """What one account may do. Cohort names are sorted."""

    username: str
    name: str
    staff: bool
    teaches: tuple[str, ...]
    studies: tuple[str, ...]

    @property
    def groups(self) -> list[str]:
        """The hub's groups, named as nbgrader expects them."""
        return [f"formgrade-{cohort}" for cohort in self.teaches] + [
            f"nbgrader-{cohort}" for cohort in self.studies
        ]


def is_username(name: str) -> bool:
    """Whether `name` can be a user's: it becomes a folder and part of a submission's name."""
    return USERNAME.fullmatch(name) is not None and ".." not in name


def people(members: Iterable[Member]) -> dict[str, Person]:
    """One Person a username, from all lines. Names that can't be used are left out."""
    lines: dict[str, list[Member]] = {}
    for member in members:
        if is_username(member.username):
            lines.setdefault(member.username, []).append(member)
    return {
        username: Person(
            username=username,
            name=theirs[0].name,
            staff=any(line.role == "staff" for line in theirs),
            teaches=_cohorts(theirs, "instructor"),
            studies=_cohorts(theirs, "student"),
        )
        for username, theirs in lines.items()
    }


def _cohorts(lines: list[Member], role: str) -> tuple[str, ...]:
    return tuple(sorted({line.cohort for line in lines if line.role == role and line.cohort}))


def read_people(site: Site) -> dict[str, Person]:
    """Everybody in the programme's roster now."""
    return people(members(site))


class Directory:
    """The roster, read again when it is older than a few seconds."""

    def __init__(self, read: Callable[[], dict[str, Person]]) -> None:
        self._read = read
        self._people: dict[str, Person] = {}
        self._read_at = float("-inf")

    def all(self) -> dict[str, Person]:
        """Everybody, by username."""
        return self._at_most_old(_FRESH_S)

    def find(self, username: str) -> Person | None:
        """The person of that name, or None when the roster has none.

        For an unknown name the roster is read again sooner: it may have been added just now.
        """
        person = self.all().get(username)
        if person is None:
            person = self._at_most_old(_FRESH_FOR_STRANGERS_S).get(username)
        return person

    def _at_most_old(self, seconds: float) -> dict[str, Person]:
        if time.monotonic() - self._read_at > seconds:
            self._people = self._read()
            self._read_at = time.monotonic()
        return self._people
