"""Sessions and who was there. A mark can be changed; it always says who set it, when and how.

The same marks sent twice are the same: what is so already stays as it is, with who set it first.
A form that was opened before somebody else changed what it shows is refused, not silently obeyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, and_, insert, select, update

from programme.people import Person
from programme.record import MARKS, Mark
from programme.roster import find_cohort, find_enrolments
from programme.schema import attendance, catch_ups, enrolments, people, sessions
from programme.site import Site
from programme.store import RefusedError, reading, writing
from programme.taught import of_kind

Source = Literal["class", "online", "paper", "catch_up"]


class ChangedError(RefusedError):
    """Somebody else has marked the session since the form was opened; nothing was written."""


@dataclass(frozen=True)
class Session:
    """One session of a cohort. `starts_at` is its hour in Cambodia, None for the usual one."""

    number: int
    held_on: date
    starts_at: time | None = None


@dataclass(frozen=True)
class Line:
    """One active student at one session; the mark and where it comes from, None if unmarked."""

    enrolment_id: int
    person: Person
    mark: Mark | None
    marked_by: str | None
    marked_at: datetime | None
    source: Source | None


@dataclass(frozen=True)
class Sheet:
    """One session with its active students, by username. `version` changes with every mark."""

    cohort: str
    session: Session
    lines: tuple[Line, ...]
    catch_ups: tuple[date, ...]
    version: str


def read_sessions(site: Site, cohort: str) -> list[Session]:
    """All sessions of a cohort in order, those to come too."""
    with reading(site) as connection:
        rows = connection.execute(
            select(sessions.c.number, sessions.c.held_on, sessions.c.starts_at)
            .where(sessions.c.cohort_id == find_cohort(connection, cohort).id)
            .order_by(sessions.c.number)
        )
        return [Session(*row) for row in rows]


def read_sheet(site: Site, cohort: str, number: int) -> Sheet:
    """Session `number` with everybody who is to be marked. Raises RefusedError."""
    with reading(site) as connection:
        session_id, session = find_session(connection, cohort, number)
        lines = _lines(connection, session_id)
        again = connection.execute(
            select(catch_ups.c.held_on)
            .where(catch_ups.c.session_id == session_id)
            .order_by(catch_ups.c.held_on)
        ).scalars()
        return Sheet(cohort, session, tuple(lines), tuple(again), _version(lines))


def mark(
    site: Site,
    cohort: str,
    number: int,
    marks: Mapping[str, Mark],
    by: str,
    at: datetime,
    *,
    source: Source = "class",
    seen: str | None = None,
) -> int:
    """Set the marks of session `number`, username → mark, all or none; returns how many changed.

    Students who are not named keep the mark they have. `seen` is the sheet's version that `by` saw.
    Raises RefusedError for a session that is not held yet on the day of `at`, an unknown session or
    student, or an unknown mark; ChangedError when what was seen has changed.
    """
    today = of_kind(site.course, "ambassador").schedule.local_date(at)
    with writing(site) as connection:
        return mark_in(connection, cohort, number, marks, by, at, today, source, seen)


def mark_in(
    connection: Connection,
    cohort: str,
    number: int,
    marks: Mapping[str, Mark],
    by: str,
    at: datetime,
    today: date,
    source: Source,
    seen: str | None = None,
) -> int:
    """The same in an open transaction, for many sessions at once; `today` is the day of `at`."""
    session_id, session = find_session(connection, cohort, number, lock=True)
    if session.held_on > today:
        raise RefusedError(
            f"Session {number} of {cohort} is on {session.held_on}: mark it from that day on, "
            "or move the session first."
        )
    known = find_enrolments(connection, cohort)
    for username, value in marks.items():
        if value not in MARKS:
            raise RefusedError(f"{value!r} is no mark. Known: {', '.join(MARKS)}")
        if username not in known:
            raise RefusedError(f"{username!r} is not enrolled as student in {cohort}.")
    now = _marks(connection, session_id)
    new = {
        number: value
        for number, value in ((known[username], value) for username, value in marks.items())
        if now.get(number) != value
    }
    if new and seen is not None and seen != _version(_lines(connection, session_id)):
        raise ChangedError(
            f"Somebody else has marked session {number} meanwhile. Nothing was changed by this "
            "form: look at the marks as they are now, and save again."
        )
    facts = {"marked_by": by, "marked_at": at, "source": source}
    _write(connection, session_id, new, set(now), facts)
    return len(new)


def move_session(
    site: Site, cohort: str, number: int, held_on: date, starts_at: time | None = None
) -> None:
    """Give a session another date, for a holiday or a flood, or an hour. Raises RefusedError."""
    new = {"held_on": held_on} | ({} if starts_at is None else {"starts_at": starts_at})
    with writing(site) as connection:
        session_id, _ = find_session(connection, cohort, number)
        connection.execute(update(sessions).where(sessions.c.id == session_id).values(new))


def find_session(
    connection: Connection, cohort: str, number: int, *, lock: bool = False
) -> tuple[int, Session]:
    """The session's id and facts; with `lock`, who comes second waits. Raises RefusedError."""
    query = select(
        sessions.c.id, sessions.c.number, sessions.c.held_on, sessions.c.starts_at
    ).where(sessions.c.cohort_id == find_cohort(connection, cohort).id, sessions.c.number == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise RefusedError(f"{cohort} has no session {number}.")
    return row.id, Session(row.number, row.held_on, row.starts_at)


def _write(
    connection: Connection,
    session_id: int,
    new: Mapping[int, Mark],
    there: set[int],
    facts: Mapping[str, Any],
) -> None:
    added = [
        {"session_id": session_id, "enrolment_id": number, "mark": value, **facts}
        for number, value in new.items()
        if number not in there
    ]
    if added:
        connection.execute(insert(attendance), added)
    for number in new.keys() & there:
        connection.execute(
            update(attendance)
            .where(attendance.c.session_id == session_id, attendance.c.enrolment_id == number)
            .values(mark=new[number], **facts)
        )


def _marks(connection: Connection, session_id: int) -> dict[int, Mark]:
    rows = connection.execute(
        select(attendance.c.enrolment_id, attendance.c.mark).where(
            attendance.c.session_id == session_id
        )
    )
    return {row.enrolment_id: row.mark for row in rows}


def _lines(connection: Connection, session_id: int) -> list[Line]:
    of_session = and_(
        attendance.c.enrolment_id == enrolments.c.id, attendance.c.session_id == session_id
    )
    rows = connection.execute(
        select(
            enrolments.c.id.label("enrolment_id"),
            *(people.c[name] for name in Person.__dataclass_fields__),
            *(attendance.c[name] for name in ("mark", "marked_by", "marked_at", "source")),
        )
        .join_from(enrolments, people)
        .join(sessions, sessions.c.cohort_id == enrolments.c.cohort_id)
        .outerjoin(attendance, of_session)
        .where(
            sessions.c.id == session_id,
            enrolments.c.role == "student",
            enrolments.c.status == "active",
        )
        .order_by(people.c.username)
    ).mappings()
    return [_line(row) for row in rows]


def _line(row: RowMapping) -> Line:
    facts = dict(row)
    person = Person(**{name: facts.pop(name) for name in Person.__dataclass_fields__})
    return Line(person=person, **facts)


def _version(lines: list[Line]) -> str:
    """Short, and different after every change of a mark."""
    told = [(line.enrolment_id, line.mark, line.marked_at) for line in lines if line.mark]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
