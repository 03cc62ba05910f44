"""A submission's archive becomes a folder, or is refused. Everything in it may be hostile.

Rule: names are parsed and rebuilt, and nothing is extracted by a library; files and folders alone.
The limits hold for what comes out, and before a library sees it, so that no small archive fills the
disk or the memory. Whether it is a submission is the mover's question, as for any other.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from pathlib import Path

from hub.submissions import Limits, RefusedError
from programme.whole_file import flush

_CHUNK_BYTES = 1 << 16
_HEADERS_BYTES = 4096  # for each file: its header, its long name, and padding
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class _Bounded(gzip.GzipFile):
    """Gives out at most so many bytes: tarfile keeps in memory what it reads as headers."""

    def __init__(self, archive: Path, most: int) -> None:
        super().__init__(archive, "rb")
        self._left = most

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= self._left:
            raise RefusedError("too-big", "when unpacked")
        data = super().read(size)
        self._left -= len(data)
        return data


def unpack(archive: Path, place: Path, limits: Limits) -> None:
    """Unpack a tar.gz into `place`, which must not exist, down to the disk.

    Modes are ours and times are now. Raises RefusedError for what may not be taken, OSError when
    the disk is full.
    """
    place.mkdir()
    most = limits.bytes + (limits.files + 4) * _HEADERS_BYTES + tarfile.RECORDSIZE
    try:
        with (
            _Bounded(archive, most) as stream,
            tarfile.open(fileobj=stream, mode="r|") as members,
        ):
            _unpack(members, place, limits)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise RefusedError("not-an-archive", type(error).__name__) from error
    for folder, _, _ in os.walk(place):
        flush(Path(folder))


def _unpack(members: tarfile.TarFile, place: Path, limits: Limits) -> None:
    seen: set[tuple[str, ...]] = set()
    total = 0
    for member in members:
        parts = _parts(member.name, limits)
        if parts in seen:
            raise RefusedError("twice", repr(member.name)[:80])
        seen.add(parts)
        if len(seen) > limits.files:
            raise RefusedError("too-many", str(limits.files))
        total += member.size
        if not 0 <= member.size <= total <= limits.bytes:
            raise RefusedError("too-big", "when unpacked")
        try:
            _write(members, member, place.joinpath(*parts))
        except (FileExistsError, NotADirectoryError) as error:
            raise RefusedError("twice", repr(member.name)[:80]) from error


def _parts(name: str, limits: Limits) -> tuple[str, ...]:
    """The name's parts, each of which can be a file's name here."""
    parts = tuple(name.split("/", limits.depth + 2))
    if len(parts) > limits.depth + 1:
        raise RefusedError("too-deep", str(limits.depth))
    for part in parts:
        if part in ("", ".", "..") or "\\" in part or not part.isprintable():
            raise RefusedError("strange-name", repr(name)[:80])
        if len(os.fsencode(part)) > limits.name_bytes:
            raise RefusedError("strange-name", repr(name)[:80])
    return parts


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    source = members.extractfile(member) if member.type in _PLAIN else None
    if source is None or member.issparse():
        raise RefusedError("not-a-file", repr(member.name)[:80])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
