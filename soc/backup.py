"""A backup of a data folder while everything runs: databases, submissions, exchange, homes.

Rule: databases first, each by its own snapshot, then files in the order in which they travel:
whatever moves on meanwhile is found twice rather than not at all, and what a database names is
there. What handed-in work waits in the outboxes is moved before, so that it keeps its time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub import condition
from hub.mover import move_all
from programme.site import Site
from soc.archive import DATA, OPEN, SEALED, Manifest, Writer, written
from soc.database import dump, is_postgres

HUB_DATABASE = "SOC_HUB_DB"
# The way of a submission is homes -> outbox -> exchange -> cohorts: each is read before the next.
_ORDER = ("homes", "outbox", "exchange", "cohorts", "hub")
# What only a running hub has a use for.
_LIVE = ("hub/alive", "hub/door", "hub/watch", "hub/logs", "hub/etc")
_LIVE_SUFFIXES = (".lock", ".pid", "-wal", "-shm", "-journal")
_HALF = (".arriving-", ".copying-")  # being copied: its source is still there
_STUDENTS = ("homes/", "outbox/")  # where a student's own code decides what is there
_LONGEST_NAME = 2_000  # bytes; a path of the system has 4,096, and a restore may be to a longer one
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True)
class Written:
    """A backup that is there, whole."""

    path: Path
    manifest: Manifest


def back_up(site: Site, to: Path, *, recipient: str | None, keep: int = 0) -> Written:
    """Write a backup into the folder `to`, or to the new file `to`.

    `recipient` is the age public key that it is sealed for. With `keep`, all but the newest so many
    backups of the folder are removed when the new one is whole. Raises SocError when a database
    can't be read; then nothing is left behind.
    """
    move_all(site)
    at = datetime.now(UTC)
    suffix = SEALED if recipient else OPEN
    path = to / f"soc-{at:%Y%m%dT%H%M%SZ}{suffix}" if to.is_dir() else to
    manifest = Manifest(f"{at:%Y-%m-%dT%H:%M:%SZ}")
    with written(path, manifest, recipient) as archive:
        for what, url in postgres_urls(site).items():
            _add_dump(archive, what, url)
        databases = _sqlite_files(site)
        for database in databases:
            _add_sqlite(archive, site, database)
        for file in _files(site, skip={*databases, path.resolve()}):
            _add(archive, site, file)
    if keep and to.is_dir():
        for old in backups(to)[:-keep]:
            old.unlink()
    condition.beat(site, condition.BACKUP)
    return Written(path, manifest)


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first: their names hold their time."""
    return sorted(p for p in folder.glob("soc-*Z.tar.gz*") if p.name.endswith((OPEN, SEALED)))


def postgres_urls(site: Site) -> dict[str, str]:
    """The installation's databases that are PostgreSQL's, by what they are."""
    urls = {"programme": site.programme_url, "hub": os.environ.get(HUB_DATABASE, "")}
    urls |= {f"gradebook {name}": site.cohort(name).gradebook_url for name in site.cohort_names()}
    return {what: url for what, url in urls.items() if url and is_postgres(url)}


def _add_dump(archive: Writer, what: str, url: str) -> None:
    name = f"databases/{what.replace(' ', '-')}.dump"
    with tempfile.TemporaryFile() as file:
        dump(url, file)
        file.seek(0)
        archive.file(name, file, os.fstat(file.fileno()))
    archive.manifest.dumps[what] = name


def _sqlite_files(site: Site) -> list[Path]:
    """Our own SQLite files. One in a student's home is a file like others, and not opened."""
    return [
        path
        for pattern in ("*", "hub/*", "cohorts/*/*")
        for path in sorted(site.root.glob(pattern))
        if path.is_file() and not path.name.endswith(_LIVE_SUFFIXES) and _is_sqlite(path)
    ]


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _add_sqlite(archive: Writer, site: Site, path: Path) -> None:
    """A snapshot by SQLite's own means: whole, whoever writes meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        with (
            contextlib.closing(sqlite3.connect(path, timeout=60)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        with copy.open("rb") as file:
            archive.file(DATA + _name(site, path), file, path.stat())


def _files(site: Site, skip: set[Path]) -> Iterator[Path]:
    """All else in the data folder, folders before what is in them, in the order of the way."""
    place = {name: number for number, name in enumerate(_ORDER)}
    for top in sorted(site.root.iterdir(), key=lambda path: (place.get(path.name, -1), path.name)):
        waiting = [top]  # no recursion: a student can nest folders deeper than Python calls
        while waiting:
            path = waiting.pop()
            if path in skip or _is_live(_name(site, path)):
                continue
            yield path
            with contextlib.suppress(OSError):  # moved on, or refused: `_add` says so
                too_deep = len(os.fsencode(_name(site, path))) > _LONGEST_NAME
                if path.is_dir() and not path.is_symlink() and not too_deep:
                    waiting.extend(sorted(path.iterdir(), reverse=True))


def _is_live(name: str) -> bool:
    if name.startswith("homes/"):
        return False
    half = name.rsplit("/", 1)[-1].startswith(_HALF)
    return half or name in _LIVE or name.endswith(_LIVE_SUFFIXES)


def _add(archive: Writer, site: Site, path: Path) -> None:
    """One file, folder or link; what was moved on since it was found is not missed.

    Raises OSError for what can't be read, unless a student made it so in her own folders.
    """
    name = _name(site, path)
    try:
        _add_whatever_it_is(archive, DATA + name, path)
    except FileNotFoundError:
        return
    except OSError:
        if not name.startswith(_STUDENTS):
            raise
        archive.manifest.left_out.append(name)


def _add_whatever_it_is(archive: Writer, name: str, path: Path) -> None:
    if len(os.fsencode(name)) > _LONGEST_NAME:
        raise OSError(errno.ENAMETOOLONG, "nested too deep to be restored", name)
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode):
        if not os.access(path, os.R_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "closed to its owner", name)
        archive.folder(name, status)
    elif stat.S_ISLNK(status.st_mode):
        archive.link(name, str(path.readlink()), status)
    elif stat.S_ISREG(status.st_mode):
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as file:
            archive.file(name, file, os.fstat(opened))


def _name(site: Site, path: Path) -> str:
    return str(path.relative_to(site.root))
