"""What LTI has to remember: launches that have begun, courses of an LMS, marks that were sent.

In <data>/hub/lti.sqlite. Rule: what may be used once is deleted as it is read, in one transaction.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass

from hub import desks
from programme.site import Site

LAUNCH_S = 600
CHOICE_S = 3600
_SCHEMA = """
create table if not exists once (
    name text primary key, kind text not null, value text not null, expires real not null
);
create table if not exists courses (
    cohort text primary key, issuer text not null, client_id text not null,
    lineitems text not null, memberships text not null, scopes text not null
);
create table if not exists columns (
    cohort text, week text, lineitem text not null, primary key (cohort, week)
);
create table if not exists sent (
    cohort text, username text, week text, mark text not null, primary key (cohort, username, week)
);
"""


@dataclass(frozen=True)
class Begun:
    """A launch that was sent to the LMS and has not come back."""

    issuer: str
    client_id: str
    nonce: str
    framed: bool


@dataclass(frozen=True)
class Course:
    """An LMS's course, by the last launch out of it: where its services are, '' where none."""

    cohort: str
    issuer: str
    client_id: str
    lineitems: str
    memberships: str
    scopes: tuple[str, ...]


class Store:
    """The database; opened for each use, as the hub and `soc` share it."""

    def __init__(self, site: Site) -> None:
        self._path = desks.state(site) / "lti.sqlite"

    def begin(self, issuer: str, client_id: str, framed: bool) -> tuple[str, Begun]:
        """Remember a launch; its state, which is given back once, within ten minutes."""
        begun = Begun(issuer, client_id, secrets.token_urlsafe(32), framed)
        return self._keep("launch", json.dumps(begun.__dict__), LAUNCH_S), begun

    def take(self, state: str) -> Begun | None:
        """The launch of that state, now used up; None when there is none (any more)."""
        value = self._take("launch", state)
        return Begun(**json.loads(value)) if value else None

    def offer(self, choice: str) -> str:
        """Remember what an instructor may choose for; a ticket that is good once, for an hour."""
        return self._keep("choice", choice, CHOICE_S)

    def accept(self, ticket: str) -> str | None:
        """What the ticket was given for, now used up."""
        return self._take("choice", ticket)

    def _keep(self, kind: str, value: str, life_s: float) -> str:
        name = secrets.token_urlsafe(32)
        with self._open() as store:
            store.execute("delete from once where expires < ?", (time.time(),))
            store.execute(
                "insert into once values (?, ?, ?, ?)", (name, kind, value, time.time() + life_s)
            )
        return name

    def _take(self, kind: str, name: str) -> str | None:
        with self._open() as store:
            row = store.execute(
                "delete from once where name = ? and kind = ? and expires > ? returning value",
                (name, kind, time.time()),
            ).fetchone()
        return str(row[0]) if row else None

    def note_course(self, course: Course) -> None:
        """Remember where the course's services are; another LMS has nothing of the one before."""
        values = course.__dict__ | {"scopes": json.dumps(course.scopes)}
        with self._open() as store:
            before = store.execute(
                "select issuer, client_id from courses where cohort = ?", (course.cohort,)
            ).fetchone()
            if before not in (None, (course.issuer, course.client_id)):
                store.execute("delete from columns where cohort = ?", (course.cohort,))
                store.execute("delete from sent where cohort = ?", (course.cohort,))
            store.execute(
                "insert or replace into courses values "
                "(:cohort, :issuer, :client_id, :lineitems, :memberships, :scopes)",
                values,
            )

    def course(self, cohort: str) -> Course | None:
        """The LMS's course of that cohort; None before the first launch out of it."""
        with self._open() as store:
            row = store.execute("select * from courses where cohort = ?", (cohort,)).fetchone()
        if row is None:
            return None
        name, issuer, client_id, lineitems, memberships, scopes = row
        return Course(name, issuer, client_id, lineitems, memberships, tuple(json.loads(scopes)))

    def note_column(self, cohort: str, week: str, lineitem: str) -> None:
        """Remember the column that the LMS keeps for its link to that week."""
        with self._open() as store:
            store.execute(
                "insert or replace into columns values (?, ?, ?)", (cohort, week, lineitem)
            )

    def column(self, cohort: str, week: str) -> str:
        """The column of the LMS's link to that week; '' where no launch has named one."""
        with self._open() as store:
            row = store.execute(
                "select lineitem from columns where cohort = ? and week = ?", (cohort, week)
            ).fetchone()
        return str(row[0]) if row else ""

    def sent(self, cohort: str) -> dict[tuple[str, str], str]:
        """(username, week) → the mark that the LMS has from us."""
        with self._open() as store:
            rows = store.execute("select * from sent where cohort = ?", (cohort,))
            return {(username, week): mark for _, username, week, mark in rows}

    def note_sent(self, cohort: str, username: str, week: str, mark: str) -> None:
        """Remember that the LMS has taken this mark."""
        with self._open() as store:
            store.execute(
                "insert or replace into sent values (?, ?, ?, ?)", (cohort, username, week, mark)
            )

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.touch(mode=0o600)
        store = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            store.executescript(_SCHEMA)
            store.execute("begin immediate")
            yield store
            store.execute("commit")
        finally:
            store.close()  # without a commit, nothing has happened
