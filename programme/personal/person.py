"""Where one person's rows and files are: the numbers that lead to them, and her folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, false, or_, select

from programme.personal.register import KeptTable
from programme.schema import applications, cohorts, enrolments, people
from programme.site import Site
from programme.store import RefusedError


@dataclass(frozen=True)
class Numbers:
    """The keys that lead to everything about one person, or about one application alone."""

    person: tuple[int, ...]
    enrolments: tuple[int, ...]
    applications: tuple[int, ...]

    def mine(self, kept: KeptTable) -> ColumnElement[bool]:
        """Which rows of a table are about her."""
        known = {
            "enrolment_id": self.enrolments,
            "application_id": self.applications,
        }
        conditions = [
            _key(kept, column).in_(known.get(column, self.person)) for column in kept.whose
        ]
        return or_(false(), *conditions)


def _key(kept: KeptTable, column: str) -> ColumnElement[int]:
    """The column itself; applications are their own `application_id`."""
    own = kept.table.c.id if column == "application_id" and kept.name == "applications" else None
    found: ColumnElement[int] = kept.table.c[column] if own is None else own
    return found


@dataclass(frozen=True)
class Found:
    """Somebody whom the programme knows."""

    username: str
    numbers: Numbers
    cohorts: tuple[str, ...]


def find(connection: Connection, username: str) -> Found:
    """Everything that leads to her. Raises RefusedError when there is no such person."""
    number = connection.execute(
        select(people.c.id).where(people.c.username == username, people.c.erased_on.is_(None))
    ).scalar()
    if number is None:
        raise RefusedError(f"There is nobody with the username {username!r}.")
    seats = connection.execute(
        select(enrolments.c.id, cohorts.c.name)
        .outerjoin_from(enrolments, cohorts)
        .where(enrolments.c.person_id == number)
    ).all()
    applied = connection.execute(
        select(applications.c.id).where(applications.c.person_id == number)
    ).scalars()
    numbers = Numbers((number,), tuple(seat.id for seat in seats), tuple(applied))
    return Found(username, numbers, tuple(sorted(seat.name for seat in seats if seat.name)))


def folders(site: Site, username: str) -> Iterator[Path]:
    """Every folder that holds her files; some may not be there.

    In a cohort of the data folder these are nbgrader's: submitted, autograded and feedback, and
    what lies in the exchange, waits in her outbox, and came back to her desk.
    """
    yield site.root / "homes" / username
    for name in site.cohort_names():
        cohort = site.cohort(name)
        for step in ("submitted", "autograded", "feedback"):
            yield cohort.root / step / username
        yield site.root / "outbox" / name / username
        yield site.root / "hub" / "desks" / name / username
        yield from sorted(cohort.inbound.glob(f"{username}+*"))
