"""What somebody asks about her own data: a copy, or to be forgotten; and what staff answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from programme.personal.person import find
from programme.personal.register import kept
from programme.schema import people, privacy_requests
from programme.site import Site
from programme.store import RefusedError, reading, writing

Kind = Literal["copy", "erasure"]
KINDS: tuple[Kind, ...] = ("copy", "erasure")


@dataclass(frozen=True)
class Request:
    """One request. `username` is erased-<number> after it was done."""

    id: int
    username: str
    kind: Kind
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    done_by: str | None
    note: str | None


def ask(site: Site, username: str, kind: str, at: datetime | None = None) -> None:
    """Write her request down; asking twice is one request. Raises RefusedError for another kind."""
    if kind not in KINDS:
        raise RefusedError(f"{kind!r} can't be asked for. Known: {', '.join(KINDS)}.")
    with writing(site) as connection:
        (number,) = find(connection, username).numbers.person
        row = {"person_id": number, "kind": kind, "asked_by": "herself"}
        try:
            with connection.begin_nested():
                asked_at = at or datetime.now(UTC)
                connection.execute(insert(privacy_requests), row | {"asked_at": asked_at})
        except IntegrityError:
            return


def refuse(site: Site, request_id: int, reason: str, by: str, at: datetime | None = None) -> None:
    """Close a request without doing it, with a reason that she sees."""
    if len(reason.strip()) < 3:
        raise RefusedError("a request is refused with a reason")
    with writing(site) as connection:
        done = connection.execute(
            update(privacy_requests)
            .where(privacy_requests.c.id == request_id, privacy_requests.c.done_at.is_(None))
            .values(done_at=at or datetime.now(UTC), done_by=by, note=reason.strip()[:1000])
        )
        if done.rowcount == 0:
            raise RefusedError("There is no such open request.")


def all_requests(site: Site, username: str | None = None) -> list[Request]:
    """Every request, or hers; those that wait first, the oldest first."""
    query = (
        select(privacy_requests, people.c.username)
        .join_from(privacy_requests, people)
        .order_by(privacy_requests.c.done_at.is_not(None), privacy_requests.c.id)
    )
    if username is not None:
        query = query.where(people.c.username == username)
    with reading(site) as connection:
        rows = connection.execute(query).mappings().all()
    names = Request.__dataclass_fields__
    return [Request(**{name: row[name] for name in names}) for row in rows]


def counts(site: Site, username: str) -> Mapping[str, int]:
    """How many rows of each kind of data are about her."""
    found: dict[str, int] = {}
    with reading(site) as connection:
        numbers = find(connection, username).numbers
        for one in kept():
            for table in one.tables:
                query = select(func.count()).select_from(table.table).where(numbers.mine(table))
                found[one.id] = found.get(one.id, 0) + connection.execute(query).scalar_one()
    return found
