"""A folder of its own for each sandbox; what a killed grader left behind is removed by the next.

Whose folder is in use is said by a lock on it, which the kernel gives up with its process: numbers
of processes are given to others, and say nothing in another container with the same /tmp.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "soc-autograder-"


class Scratch:
    """A new empty folder at `path`, claimed by this process until `remove`."""

    def __init__(self) -> None:
        """Make it, and remove what others left."""
        sweep()
        self._claim: int | None = None
        while self._claim is None:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            with contextlib.suppress(OSError):  # another's sweep came between the two calls
                self._claim = _claim(self.path)

    def remove(self) -> None:
        """Remove it with all that is in it. May be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None


def _claim(path: Path) -> int:
    """Lock a folder. Raises OSError when somebody has, or when it is no folder or gone."""
    claim = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.stat()
    except OSError:
        os.close(claim)
        raise
    return claim


def sweep() -> None:
    """Remove folders that nobody claims any more; as root, also those of its sandboxes' users."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if os.geteuid() in (0, path.lstat().st_uid):
                claim = _claim(path)
                shutil.rmtree(path, ignore_errors=True)
                os.close(claim)
