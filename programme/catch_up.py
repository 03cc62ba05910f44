"""A session that is held again for those who missed it: who comes is marked as caught up.

How many caught-up sessions count is for the rules of graduation to say; here they are written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import insert, select

from programme import attendance, course
from programme.attendance import Line, Sheet
from programme.record import Mark
from programme.schema import catch_ups
from programme.site import Site
from programme.store import RefusedError, writing


def missed(sheet: Sheet) -> list[Line]:
    """Who may catch the session up: everybody who is marked, and not as here."""
    return [line for line in sheet.lines if line.mark in ("absent", "excused")]


def plan(site: Site, cohort: str, number: int, held_on: date) -> None:
    """Hold session `number` again on this day. May be run twice.

    Raises RefusedError for a day before the session's own, or an unknown session.
    """
    with writing(site) as connection:
        session_id, session = attendance.find_session(connection, cohort, number, lock=True)
        if held_on < session.held_on:
            raise RefusedError(
                f"Session {number} of {cohort} is on {session.held_on}: it is caught up later."
            )
        known = select(catch_ups.c.id).where(
            catch_ups.c.session_id == session_id, catch_ups.c.held_on == held_on
        )
        if connection.execute(known).first() is None:
            connection.execute(insert(catch_ups).values(session_id=session_id, held_on=held_on))


def mark_caught_up(
    site: Site, cohort: str, number: int, usernames: Sequence[str], by: str, at: datetime
) -> int:
    """Mark those who came to a catch-up, all or nobody; returns how many marks changed.

    Raises RefusedError when session `number` was not held again by the day of `at`, or for
    somebody who did not miss it.
    """
    sheet = attendance.read_sheet(site, cohort, number)
    if not any(day <= _day(site, at) for day in sheet.catch_ups):
        raise RefusedError(f"Session {number} of {cohort} was not held again yet: plan it first.")
    may = {line.person.username for line in missed(sheet)}
    done = {line.person.username for line in sheet.lines if line.mark == "caught_up"}
    for username in usernames:
        if username not in may | done:
            raise RefusedError(f"{username!r} did not miss session {number} of {cohort}.")
    marks: dict[str, Mark] = dict.fromkeys(usernames, "caught_up")
    return attendance.mark(site, cohort, number, marks, by, at, source="catch_up")


def _day(site: Site, at: datetime) -> date:
    return course.read(site.course).schedule.local_date(at)
