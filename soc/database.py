"""Make a PostgreSQL database that a URL names and that isn't there yet. SQLite makes its own."""

from __future__ import annotations

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from soc.errors import SocError


def ensure_database_exists(url: str) -> None:
    """Create the database of a PostgreSQL `url` unless it is there; nothing for other URLs.

    Raises SocError when the server can't be reached or the role may not create databases.
    """
    wanted = make_url(url)
    if wanted.get_backend_name() != "postgresql":
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
