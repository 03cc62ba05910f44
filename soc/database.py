"""PostgreSQL databases: made when a URL names one that isn't there, dumped, filled from a dump."""

from __future__ import annotations

import os
import subprocess
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from soc.errors import SocError


def is_postgres(url: str) -> bool:
    """Whether the URL is one of PostgreSQL's, and not of SQLite's."""
    return make_url(url).get_backend_name() == "postgresql"


def ensure_database_exists(url: str) -> None:
    """Create the database of a PostgreSQL `url` unless it is there; nothing for other URLs.

    Raises SocError when the server can't be reached or the role may not create databases.
    """
    wanted = make_url(url)
    if not is_postgres(url):
        return
    server = wanted.set(drivername="postgresql", database="postgres")
    try:
        with psycopg.connect(
            server.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (wanted.database,)
            ).fetchone()
            if not there:
                name = sql.Identifier(str(wanted.database))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    except psycopg.Error as error:
        raise SocError(
            f"The PostgreSQL database {wanted.database!r} could not be made: {error}. "
            f"Make it by hand: createdb '{wanted.database}'"
        ) from error


def dump(url: str, file: IO[bytes]) -> None:
    """Write the PostgreSQL database to `file`, as one snapshot. Raises SocError when it can't."""
    _run(url, ["pg_dump", "--format=custom", "--no-owner"], stdout=file)


def fill(url: str, file: IO[bytes]) -> None:
    """Fill the empty PostgreSQL database from a dump: all of it or nothing. Raises SocError."""
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    _run(url, ["pg_restore", *options], stdin=file)


def is_empty(url: str) -> bool:
    """Whether the PostgreSQL database has no table, or isn't there."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain) as connection:
            count = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone()
    except psycopg.OperationalError as error:
        if f'"{make_url(url).database}" does not exist' in str(error):
            return True
        raise SocError(f"PostgreSQL can't be asked: {error}") from error
    return count == (0,)


def _run(
    url: str, command: list[str], stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None
) -> None:
    """One of PostgreSQL's own programs. The password goes by the environment, which no other user
    can read, unlike a command line."""
    address = make_url(url).set(drivername="postgresql")
    environment = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    plain = address._replace(password=None).render_as_string(hide_password=False)
    try:
        done = subprocess.run(
            [*command, f"--dbname={plain}"],
            env=environment, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise SocError(
            f"{command[0]} is not installed: sudo apt-get install postgresql-client"
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise SocError(f"{command[0]} failed on {address.database!r}: {said}")
