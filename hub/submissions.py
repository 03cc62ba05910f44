"""One folder that a student handed in: is it whole, may it be taken, and a copy of it.

Rule: everything in the folder may be hostile and may change while it is read. It is read through
descriptors that follow no link, within limits, and whatever is taken is a copy. The time of arrival
is the newest change time of what was read: the system sets it and no student can set it back.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from programme.whole_file import flush

SECRET = "submission_secret.txt"  # noqa: S105  # a file's name
TIMESTAMP = "timestamp.txt"
_ASSIGNMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SECRET_TEXT = re.compile(rb"[0-9a-f]{32,256}")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one submission may hold. A week's folder with data has some ten files and 1 MB."""

    files: int = 300
    bytes: int = 20 << 20
    depth: int = 6
    name_bytes: int = 120


class RefusedError(Exception):
    """The folder is not taken. `args[0]` is the id of the reason, `args[1]` the detail."""


@dataclass(frozen=True)
class Named:
    """What a folder's name claims, checked."""

    assignment: str
    secret: str

    @property
    def suffix(self) -> str:
        """Tells this submission from all others, and is the same if it is moved again."""
        return hashlib.sha256(self.secret.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Copied:
    """What was copied, and when the newest of it was last changed (seconds since the epoch)."""

    files: int
    bytes: int
    changed_at: float


@contextmanager
def opened(path: str | Path, parent: int | None = None) -> Iterator[int]:
    """A descriptor of a real folder. Raises RefusedError for anything else."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        folder = os.open(path, flags, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EACCES):
            raise RefusedError("not-a-folder", str(path)) from error
        raise
    try:
        yield folder
    finally:
        os.close(folder)


def is_whole(folder: int) -> bool:
    """Whether nbgrader has finished the folder: writing it all, it opens the folder's mode last."""
    if stat.S_IMODE(os.fstat(folder).st_mode) != 0o777:
        return False
    try:
        return _SECRET_TEXT.fullmatch(_read_small(folder, SECRET)) is not None
    except (OSError, RefusedError):
        return False


def check_name(name: str, student: str, released: set[str]) -> str:
    """The assignment it is for. Raises RefusedError when the name claims what isn't so."""
    parts = name.split("+")
    if len(parts) != 4 or parts[0] != student:
        raise RefusedError("not-hers", name)
    if not _ASSIGNMENT.fullmatch(parts[1]) or parts[1] not in released:
        raise RefusedError("unknown-week", parts[1])
    return parts[1]


def read_secret(folder: int) -> str:
    """nbgrader's secret, which names the feedback later. Raises RefusedError when it is not one."""
    secret = _read_small(folder, SECRET)
    if not _SECRET_TEXT.fullmatch(secret):
        raise RefusedError("not-nbgraders", SECRET)
    return secret.decode("ascii")


def copy(folder: int, place: Path, limits: Limits) -> Copied:
    """Copy the open folder to `place`, which must not exist.

    Raises RefusedError for what may not be taken, OSError when the disk is full.
    """
    copied = _copy(folder, place, limits, Copied(0, 0, 0.0), depth=0)
    if not any(place.glob("*.ipynb")):
        raise RefusedError("no-notebook", place.name)
    return copied


def _copy(folder: int, place: Path, limits: Limits, so_far: Copied, depth: int) -> Copied:
    if depth > limits.depth:
        raise RefusedError("too-deep", str(limits.depth))
    place.mkdir()
    for name in _names(folder, limits):
        kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(kind):
            with opened(name, folder) as inner:
                so_far = _copy(inner, place / name, limits, so_far, depth + 1)
        elif stat.S_ISREG(kind):
            so_far = _copy_file(folder, name, place / name, limits, so_far)
        else:
            raise RefusedError("not-a-file", name)
    flush(place)
    changed = max(so_far.changed_at, os.fstat(folder).st_ctime)
    return Copied(so_far.files, so_far.bytes, changed)


def _names(folder: int, limits: Limits) -> list[str]:
    names: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(names) >= limits.files:
                raise RefusedError("too-many", str(limits.files))
            if not entry.name.isprintable() or len(os.fsencode(entry.name)) > limits.name_bytes:
                raise RefusedError("strange-name", repr(entry.name)[:80])
            names.append(entry.name)
    return sorted(names)


def _copy_file(folder: int, name: str, place: Path, limits: Limits, so_far: Copied) -> Copied:
    total = so_far.bytes
    with open_file(folder, name) as source, place.open("xb") as target:
        while chunk := os.read(source, _CHUNK_BYTES):
            total += len(chunk)
            if total > limits.bytes:
                raise RefusedError("too-big", f"{limits.bytes >> 20} MB")
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
        changed = os.fstat(source).st_ctime  # after reading: a later change is a later arrival
    if so_far.files + 1 > limits.files:
        raise RefusedError("too-many", str(limits.files))
    return Copied(so_far.files + 1, total, max(so_far.changed_at, changed))


@contextmanager
def open_file(folder: int, name: str) -> Iterator[int]:
    """A descriptor of a real file; a pipe put in its place would not block."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EACCES):
            raise RefusedError("not-a-file", name) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise RefusedError("not-a-file", name)
        yield file
    finally:
        os.close(file)


def _read_small(folder: int, name: str) -> bytes:
    with open_file(folder, name) as file:
        return os.read(file, 4096)
