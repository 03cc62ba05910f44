"""Passwords, invitation codes and outside accounts of our people, in <data>/hub/accounts.sqlite.

Rule: passwords and codes are not kept in a form that can be read back, and a code is used up in
the same transaction that stores the password it was for, so that no crash lets it be used twice.
An outside account (of an OpenID provider, of an LMS) is tied to one person, and she to one there.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import bcrypt

from hub import desks
from programme.site import Site

MIN_PASSWORD = 8
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another
_CODE_LENGTH = 10
_CODE_LIFE_S = 30 * 24 * 3600
_SCHEMA = """
create table if not exists passwords (username text primary key, hash blob not null);
create table if not exists invitations (
    username text primary key, hash blob not null, expires real not null
);
create table if not exists outside (
    issuer text, subject text, username text not null,
    primary key (issuer, subject), unique (issuer, username)
);
"""


class AccountError(Exception):
    """The code or password can't be accepted. `args[0]` is the id of the text that says why."""


def invite(site: Site, usernames: Iterable[str]) -> dict[str, str]:
    """New invitation codes by username; the older code of the same user stops working.

    A user who has a password keeps it until she uses the new code.
    """
    codes = {name: "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
             for name in usernames}  # fmt: skip
    expires = time.time() + _CODE_LIFE_S
    with _store(site) as store:
        store.executemany(
            "insert or replace into invitations values (?, ?, ?)",
            [(name, _hash(code), expires) for name, code in codes.items()],
        )
    return {name: f"{code[:5]}-{code[5:]}" for name, code in codes.items()}


def accept(site: Site, username: str, code: str, password: str) -> None:
    """Use up the code and set the password. Raises AccountError when either can't be accepted."""
    if len(password) < MIN_PASSWORD:
        raise AccountError("password-short")
    with _store(site) as store:
        row = store.execute(
            "select hash from invitations where username = ? and expires > ?",
            (username, time.time()),
        ).fetchone()
        typed = code.strip().lower().replace("-", "").replace(" ", "").replace("\u200b", "")
        # The hash is computed for unknown names too: the time must not tell who is invited.
        if not _matches(typed, row[0] if row else None):
            raise AccountError("code-unknown")
        gone = store.execute("delete from invitations where username = ?", (username,))
        if gone.rowcount != 1:
            raise AccountError("code-unknown")
        store.execute("insert or replace into passwords values (?, ?)", (username, _hash(password)))


def set_password(site: Site, username: str, password: str) -> None:
    """Set the password. Raises AccountError when it is too short."""
    if len(password) < MIN_PASSWORD:
        raise AccountError("password-short")
    with _store(site) as store:
        store.execute("insert or replace into passwords values (?, ?)", (username, _hash(password)))


def is_password(site: Site, username: str, password: str) -> bool:
    """Whether this is the user's password. Takes as long for a name that has none."""
    with _store(site) as store:
        row = store.execute("select hash from passwords where username = ?", (username,)).fetchone()
    return _matches(password, row[0] if row else None)


def without_password(site: Site, usernames: Iterable[str]) -> list[str]:
    """Those who can't log in yet, in the order given."""
    with _store(site) as store:
        have = {name for (name,) in store.execute("select username from passwords")}
    return [name for name in usernames if name not in have]


def invited(site: Site, usernames: Iterable[str]) -> list[str]:
    """Those who have a code that still holds, in the order given."""
    with _store(site) as store:
        query = "select username from invitations where expires > ?"
        have = {name for (name,) in store.execute(query, (time.time(),))}
    return [name for name in usernames if name in have]


def tie(site: Site, issuer: str, subject: str, username: str) -> None:
    """Tie an outside account to a user. May be run twice.

    Raises AccountError when either is tied to another.
    """
    with _store(site) as store:
        store.execute("insert or ignore into outside values (?, ?, ?)", (issuer, subject, username))
        if _tied(store, issuer, subject) != username:
            raise AccountError("account-of-another")


def whose(site: Site, issuer: str, subject: str) -> str | None:
    """The username that the outside account is tied to."""
    with _store(site) as store:
        return _tied(store, issuer, subject)


def _tied(store: sqlite3.Connection, issuer: str, subject: str) -> str | None:
    query = "select username from outside where issuer = ? and subject = ?"
    row = store.execute(query, (issuer, subject)).fetchone()
    return str(row[0]) if row else None


def outside(site: Site, issuer: str) -> dict[str, str]:
    """Username → her account's id at the issuer."""
    with _store(site) as store:
        rows = store.execute("select username, subject from outside where issuer = ?", (issuer,))
        return dict(rows)


def untie(site: Site, username: str) -> int:
    """Let go of the user's outside accounts, so that she can come with others; how many."""
    with _store(site) as store:
        return store.execute("delete from outside where username = ?", (username,)).rowcount


def forget(site: Site, username: str) -> None:
    """Remove the user's password, invitation and outside accounts."""
    with _store(site) as store:
        for table in ("passwords", "invitations", "outside"):
            store.execute(f"delete from {table} where username = ?", (username,))  # noqa: S608


@contextlib.contextmanager
def _store(site: Site) -> Iterator[sqlite3.Connection]:
    path = desks.state(site) / "accounts.sqlite"
    if not path.exists():
        path.touch(mode=0o600)
    store = _connect(path)
    try:
        store.execute("begin immediate")
        yield store
        store.execute("commit")
    finally:
        store.close()  # without a commit, nothing has happened


def _connect(path: Path) -> sqlite3.Connection:
    store = sqlite3.connect(path, timeout=30, isolation_level=None)
    store.executescript(_SCHEMA)
    return store


def _short(text: str) -> bytes:
    """bcrypt reads 72 bytes and stops at a zero: Khmer passwords are longer, so hash first."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest())


def _hash(text: str) -> bytes:
    return bcrypt.hashpw(_short(text), bcrypt.gensalt(10))


_NOBODYS = _hash(secrets.token_hex(16))


def _matches(text: str, stored: bytes | None) -> bool:
    return bcrypt.checkpw(_short(text), stored or _NOBODYS) and stored is not None
