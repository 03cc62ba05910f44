"""One at a time marks a cohort: `soc`, formgrader's Collect, and what grades on arrival.

Rule: who comes second waits and says so. The lock is the kernel's, so it ends with its process,
however that ends.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "marking.lock"
_log = logging.getLogger("soc")


@contextmanager
def alone(cohort_root: Path) -> Iterator[None]:
    """Hold the cohort's lock. Not for two nested uses: the inner one would wait for ever."""
    with (cohort_root / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.warning(
                "Somebody else collects or grades %s just now; this goes on when that is done.",
                cohort_root.name,
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
