"""What is due to be erased, by the terms of personal.toml and admission.toml; and erasing it.

A person is due when her last course ended that long ago and she has no seat as instructor or staff.
Each one is erased by herself: a run that was stopped goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, case, delete, func, or_, select

from programme import course
from programme.personal.erasing import erase, forget, remove, wipe_free_pages
from programme.personal.person import Numbers, folders
from programme.personal.register import Terms, terms
from programme.schema import applications, calls, cohorts, drafts, enrolments, people
from programme.site import Site
from programme.store import RefusedError, reading, writing

REASON = "kept for as long as it was needed"


@dataclass(frozen=True)
class Due:
    """How many of a kind are due or were erased; `refused` have to wait for somebody."""

    kind: str
    count: int
    refused: int = 0


def run(
    site: Site,
    today: date,
    by: str,
    *,
    dry_run: bool = False,
    advance: Callable[[int, int, str], None] | None = None,
) -> list[Due]:
    """Erase what is due on this day; with `dry_run` only count it."""
    kept, at = terms(site), datetime.combine(today, time(12), UTC)
    ended = today - timedelta(days=7 * len(course.read(site.course).weeks))
    with reading(site) as connection:
        over = _over(connection, ended - timedelta(days=kept.person))
        workless = _over(connection, ended - timedelta(days=kept.work))
    with_work = [name for name in workless if any(path.exists() for path in folders(site, name))]
    with writing(site) if not dry_run else reading(site) as connection:
        rows = _rows(connection, kept, today, dry_run=dry_run)
    refused = 0
    if not dry_run:
        for name in with_work:
            for path in folders(site, name):
                remove(path)
        for done, name in enumerate(over, 1):
            try:
                erase(site, name, REASON, by, at, asked_by="retention", wipe=False)
            except RefusedError:
                refused += 1
            if advance is not None:
                advance(done, len(over), "people")
        wipe_free_pages(site)
    return [*rows, Due("work", len(with_work)), Due("person", len(over) - refused, refused)]


def _over(connection: Connection, last_start: date) -> list[str]:
    """Who only learned, and whose last course started on this day or before."""
    elsewhere = func.sum(case((enrolments.c.role != "student", 1), else_=0))
    query = (
        select(people.c.username)
        .join_from(people, enrolments)
        .outerjoin(cohorts)
        .where(people.c.erased_on.is_(None))
        .group_by(people.c.id, people.c.username)
        .having(elsewhere == 0, func.max(cohorts.c.starts_on) <= last_start)
        .order_by(people.c.id)
    )
    return list(connection.execute(query).scalars())


def _rows(connection: Connection, kept: Terms, today: date, *, dry_run: bool) -> list[Due]:
    def before(days: int) -> datetime:
        return datetime.combine(today - timedelta(days=days), time(0), UTC)

    old_drafts = drafts.c.saved_at < before(kept.draft)
    old_calls = calls.c.called_at < before(kept.calls)
    refused = (
        select(applications.c.id)
        .where(
            applications.c.person_id.is_(None),
            applications.c.erased_on.is_(None),
            or_(applications.c.status != "accepted", applications.c.decided_at.is_(None)),
            func.coalesce(applications.c.decided_at, applications.c.submitted_at)
            < before(kept.refused),
        )
        .order_by(applications.c.id)
    )
    numbers = list(connection.execute(refused).scalars())
    found = [Due("application", len(numbers))]
    for kind, table, old in (("draft", drafts, old_drafts), ("calls", calls, old_calls)):
        count = connection.execute(select(func.count()).select_from(table).where(old)).scalar_one()
        found.append(Due(kind, count))
        if not dry_run:
            connection.execute(delete(table).where(old))
    if not dry_run:
        for number in numbers:
            forget(connection, Numbers((), (), (number,)), f"erased-a{number}", today)
    return found
