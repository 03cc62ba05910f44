"""Files that are there whole or not at all: made beside their place, and put there at the end.

Until then nobody but their owner can read them: what is kept so, as keys are, was never open.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programme.errors import ProgrammeError

FOR_ALL, FOR_THE_GROUP, FOR_ITS_OWNER = 0o644, 0o640, 0o600


class FileError(ProgrammeError):
    """A file can't be written; what was there before is still there."""


@contextmanager
def new_file(file: Path, *, mode: int = FOR_THE_GROUP, sync: bool = True) -> Iterator[Path]:
    """An empty file beside `file` that takes its place when the block ends well, else goes away.

    With `sync` it is there when the power goes, too. An OSError, the block's own as well, becomes a
    FileError.
    """
    made: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        os.close(handle)
        made = Path(name)
        yield made
        if sync:
            flush(made)
        made.chmod(mode)
        made.replace(file)
        if sync:
            flush(file.parent)
    except OSError as error:
        raise FileError(f"{file} can't be written: {error}") from error
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def write_whole(
    file: Path, content: bytes, *, mode: int = FOR_THE_GROUP, sync: bool = True
) -> None:
    """Write a file as `new_file` does."""
    with new_file(file, mode=mode, sync=sync) as made:
        made.write_bytes(content)


def flush(path: Path) -> None:
    """Have the disk hold a file's bytes, or a folder's names. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
