"""Sessions and who was there. A mark can be changed; it always says who set it and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from programme.record import MARKS, Mark
from programme.roster import find_cohort, find_enrolments
from programme.schema import attendance, sessions
from programme.site import Site
from programme.store import RefusedError, reading, writing


@dataclass(frozen=True)
class Session:
    """One session of a cohort."""

    number: int
    held_on: date


def read_sessions(site: Site, cohort: str) -> list[Session]:
    """All sessions of a cohort in order, those to come too."""
    with reading(site) as connection:
        rows = connection.execute(
            select(sessions.c.number, sessions.c.held_on)
            .where(sessions.c.cohort_id == find_cohort(connection, cohort).id)
            .order_by(sessions.c.number)
        )
        return [Session(number, held_on) for number, held_on in rows]


def mark(
    site: Site, cohort: str, number: int, marks: Mapping[str, Mark], by: str, at: datetime
) -> None:
    """Set the marks of session `number`: username → mark, all or none.

    Students who are not named keep the mark they have. Raises RefusedError for a session that is
    not held yet on the day of `at`, an unknown session or student, or an unknown mark.
    """
    with writing(site) as connection:
        session_id, held_on = _session(connection, cohort, number)
        if held_on > at.date():
            raise RefusedError(
                f"Session {number} of {cohort} is on {held_on}: mark it from that day on, "
                "or move the session first."
            )
        known = find_enrolments(connection, cohort)
        for username, value in marks.items():
            if value not in MARKS:
                raise RefusedError(f"{value!r} is no mark. Known: {', '.join(MARKS)}")
            if username not in known:
                raise RefusedError(f"{username!r} is not enrolled as student in {cohort}.")
        if not marks:
            return
        connection.execute(
            delete(attendance).where(
                attendance.c.session_id == session_id,
                attendance.c.enrolment_id.in_([known[username] for username in marks]),
            )
        )
        rows = [
            {
                "session_id": session_id,
                "enrolment_id": known[username],
                "mark": value,
                "marked_by": by,
                "marked_at": at,
            }
            for username, value in marks.items()
        ]
        connection.execute(insert(attendance), rows)


def move_session(site: Site, cohort: str, number: int, held_on: date) -> None:
    """Give a session another date, for a holiday or a flood. Raises RefusedError."""
    with writing(site) as connection:
        session_id, _ = _session(connection, cohort, number)
        connection.execute(
            update(sessions).where(sessions.c.id == session_id).values(held_on=held_on)
        )


def _session(connection: Connection, cohort: str, number: int) -> tuple[int, date]:
    row = connection.execute(
        select(sessions.c.id, sessions.c.held_on).where(
            sessions.c.cohort_id == find_cohort(connection, cohort).id,
            sessions.c.number == number,
        )
    ).first()
    if row is None:
        raise RefusedError(f"{cohort} has no session {number}.")
    return row.id, row.held_on
