"""One backup as a file: a compressed tar, sealed with age, with a manifest as its last entry.

Rule: who makes backups holds the public key only, so a stolen server opens none of them. The
manifest names every file with its checksum and comes last: what was cut off has none.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import pyrage

from soc.errors import SocError

MANIFEST = "manifest.json"
DATA = "data/"  # the data folder's files; dumps lie beside it
SEALED = ".tar.gz.age"
OPEN = ".tar.gz"
_AGE = b"age-encryption.org/"  # how each of its files begins, whatever it is called
_FORMAT = 1
_SPOOL_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file of the backup. `mode` is restored as it was: a handed-in folder's has a meaning."""

    sha256: str
    bytes: int
    mode: int


@dataclass
class Manifest:
    """What a backup holds. `dumps`: PostgreSQL databases by what they are, and their entry.
    `left_out`: what in a student's home can't be read.
    """

    made_at: str
    files: dict[str, Entry] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    dumps: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    format: int = _FORMAT

    def as_json(self) -> bytes:
        """The manifest as it lies in the archive."""
        return json.dumps(asdict(self), indent=1).encode()  # ASCII: names may be no UTF-8

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read it. Raises SocError for one of another version of this program."""
        found = json.loads(text)
        if found["format"] != _FORMAT:
            raise SocError(
                f"The backup has format {found['format']}; this program reads {_FORMAT}."
            )
        return cls(**{**found, "files": {n: Entry(**e) for n, e in found["files"].items()}})


class Writer:
    """Adds files and folders to the tar and to the manifest."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar, self.manifest = tar, manifest

    def folder(self, name: str, status: os.stat_result) -> None:
        """An entry for a folder, with its mode and owner."""
        self._tar.addfile(_described(name, tarfile.DIRTYPE, status))
        self.manifest.folders[name] = status.st_mode & 0o7777

    def link(self, name: str, target: str, status: os.stat_result) -> None:
        """A symbolic link, as a link: what it points to is not read."""
        entry = _described(name, tarfile.SYMTYPE, status)
        entry.linkname = target
        self._tar.addfile(entry)

    def file(self, name: str, source: IO[bytes], status: os.stat_result) -> None:
        """A file as it is now. One that grows or shrinks meanwhile is what was read of it."""
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as copied:
            while chunk := source.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                copied.write(chunk)
            copied.seek(0)
            entry = _described(name, tarfile.REGTYPE, status)
            entry.size = size
            self._tar.addfile(entry, copied)
        mode = status.st_mode & 0o777
        self.manifest.files[name] = Entry(digest.hexdigest(), size, mode)

    def finish(self) -> None:
        """Write the manifest: without it the backup doesn't count."""
        text = self.manifest.as_json()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        self._tar.addfile(entry, io.BytesIO(text))


def _described(name: str, kind: bytes, status: os.stat_result) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, status.st_mode & 0o777, status.st_mtime
    entry.uid, entry.gid = status.st_uid, status.st_gid
    return entry


@contextlib.contextmanager
def written(path: Path, manifest: Manifest, recipient: str | None) -> Iterator[Writer]:
    """A new backup at `path`: there when the block ends, and no trace of it when it raises.

    Sealed for `recipient` (an age public key); None leaves it open. Raises SocError for a key that
    is none, or when `path` is there already.
    """
    if path.exists():
        raise SocError(f"{path} is there already. Name another file, or a folder.")
    keys = [_public_key(recipient)] if recipient else []
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "xb", opener=_for_us_alone) as file:
            with _sealing(file, keys) as sink, tarfile.open(fileobj=sink, mode="w|gz") as tar:
                writer = Writer(tar, manifest)
                yield writer
                writer.finish()
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@contextlib.contextmanager
def read(path: Path, key_file: Path | None) -> Iterator[tarfile.TarFile]:
    """The backup at `path` as a tar to read once, in order.

    Raises SocError when it needs a key and none is given, or another one.
    """
    with path.open("rb") as file:
        if file.peek(len(_AGE)).startswith(_AGE):
            if key_file is None:
                raise SocError(f"{path.name} is encrypted. Say where its key lies: --key FILE.")
            opening: contextlib.AbstractContextManager[IO[bytes]] = _opening(file, key_file)
        else:
            opening = contextlib.nullcontext(file)
        try:
            with opening as source, tarfile.open(fileobj=source, mode="r|gz") as tar:
                yield tar
        except (tarfile.TarError, EOFError, OSError, pyrage.DecryptError) as error:
            raise SocError(
                f"{path} can't be read to its end: {error}. Take another one."
            ) from error


def new_key(path: Path) -> str:
    """Write a new secret key, readable by its owner alone; the public key that belongs to it."""
    identity = pyrage.x25519.Identity.generate()
    with open(path, "x", opener=_for_us_alone) as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _public_key(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise SocError(
            f"{text[:12]!r}… is no public key of age ({error}). `soc backup-key FILE` makes one."
        ) from error


def _secret_key(path: Path) -> pyrage.x25519.Identity:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str("".join(lines).strip())
    except pyrage.IdentityError as error:
        raise SocError(f"{path} holds no secret key of age: it begins AGE-SECRET-KEY-1.") from error


@contextlib.contextmanager
def _sealing(file: IO[bytes], keys: list[pyrage.x25519.Recipient]) -> Iterator[IO[bytes]]:
    if not keys:
        yield file
        return
    with _piped(lambda source: pyrage.encrypt_io(source, file, keys)) as sink:
        yield sink


@contextlib.contextmanager
def _piped(consume: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """A file to write to, which `consume` reads in a thread; what it raises is raised here."""
    failed: list[BaseException] = []
    reading, writing = os.pipe()

    def run() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                consume(source)
            except BaseException as error:
                failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as sink:
            yield sink
    finally:
        thread.join()
    if failed:
        raise failed[0]


@contextlib.contextmanager
def _opening(file: IO[bytes], key_file: Path) -> Iterator[IO[bytes]]:
    key = _secret_key(key_file)
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as sink:
            try:
                pyrage.decrypt_io(file, sink, [key])
            except BaseException as error:
                failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as source:
            yield source
            while source.read(_CHUNK_BYTES):  # age proves the end of the file only at its end
                pass
    except (tarfile.TarError, EOFError):
        thread.join()
        if not failed:
            raise
    finally:
        thread.join()
    if failed:
        raise failed[0]
