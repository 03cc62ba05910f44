"""The programme's database: opened, brought up to date, read and written in transactions.

SQLite by default (write-ahead log, foreign keys on), PostgreSQL by URL. There are two ways in,
`reading(site)` and `writing(site)`; both give a connection, and `writing` keeps everything or
nothing. A connection lives as long as its transaction: there is no pool that a fork could share.
"""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from programme.errors import ProgrammeError
from programme.schema import VERSION_TABLE
from programme.site import Site

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 20_000
_WRITES = "soc_writes"
_POSTGRES_LOCK = 0x50C5157E  # any constant number: two programs must not migrate at once


class StoreError(ProgrammeError):
    """The programme's database can't be opened, or is of a newer version than this program."""


class RefusedError(ProgrammeError):
    """The database or a rule refused a change; nothing was written."""


@contextmanager
def reading(site: Site) -> Iterator[Connection]:
    """A connection to read from, in one transaction: what it sees belongs together."""
    engine = _engine(site.programme_url)
    if engine.dialect.name == "postgresql":  # SQLite's transactions are so by themselves
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with _in_words(site), engine.connect() as connection:
        yield connection


@contextmanager
def writing(site: Site) -> Iterator[Connection]:
    """A connection in a transaction that is kept when the block ends, undone when it raises."""
    engine = _engine(site.programme_url).execution_options(**{_WRITES: True})
    with _in_words(site), engine.begin() as connection:
        yield connection


@contextmanager
def _in_words(site: Site) -> Iterator[None]:
    """A full disk, a lost server, a lock that nobody lets go: StoreError instead of a trace."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(
            f"The database {_safe(site.programme_url)} can't be used now: {error.orig}. "
            "Nothing was changed by this step; try again when that is put right."
        ) from error


def ensure_database(url: str) -> str:
    """Create the database's tables or migrate them to this program's version, which is returned.

    May be run twice, and by two programs at once. All or nothing. Raises StoreError when the
    database can't be reached, or was written by a newer version of this program.
    """
    engine = make_engine(url).execution_options(**{_WRITES: True})
    scripts = _alembic_config()
    directory = ScriptDirectory.from_config(scripts)
    head = directory.get_current_head() or ""
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
            found = _found_version(connection)
            if found == head:
                return head
            if found is not None and found not in {s.revision for s in directory.walk_revisions()}:
                raise StoreError(
                    f"The database {_safe(url)} has version {found}, which this program does not "
                    f"know (its own is {head}). Update the program; nothing was changed."
                )
            scripts.attributes["connection"] = connection
            command.upgrade(scripts, "head")
    except DBAPIError as error:
        raise StoreError(f"The database {_safe(url)} can't be prepared: {error.orig}") from error
    return head


def _found_version(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def make_engine(url: str) -> Engine:
    """An engine for the URL with SQLite's settings. Raises StoreError when the URL is no URL."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"{_safe(url)} is no database URL that is known here: {error}. "
            "Use sqlite:////path/to/file or postgresql://user@host/name."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transactions leave reads outside of them: we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    _to_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Without this, INSERT OR REPLACE would slip past the triggers that guard decisions.
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _to_write_ahead_log(cursor: sqlite3.Cursor) -> None:
    # The one statement that does not heed busy_timeout: of two programs that open a new file at
    # once, the second is told "locked" without waiting. Later the mode is in the file.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: one that first reads could otherwise fail half-way as busy.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@functools.cache
def _engine(url: str) -> Engine:
    ensure_database(url)
    return make_engine(url)


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _safe(url: str) -> str:
    """The URL without its password, for messages."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(url)
