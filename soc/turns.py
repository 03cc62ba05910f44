"""One at a time marks a cohort: `soc`, formgrader, `nbgrader autograde`, and grading on arrival.

Rule: who comes second waits and says so. The lock is the kernel's, so it ends with its process,
however that ends.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter

LOCK = "marking.lock"
_log = logging.getLogger("soc")


@contextmanager
def alone(cohort_root: Path, log: logging.Logger | Any = _log) -> Iterator[None]:
    """Hold the cohort's lock. Not for two nested uses: the inner one would wait for ever."""
    with (cohort_root / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning(
                "Somebody else collects or grades %s just now; this goes on when that is done.",
                cohort_root.name,
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class ExporterInTurn(NotebookExporter):
    """nbgrader's Autograde, in turn with all others: `c.Autograde.exporter_class`.

    The converter makes its exporter just before it touches the first submission. Its hooks come
    later, after the old folder is gone, and not at all when a submission fails.
    """

    def __init__(self, parent: Any, **settings: Any) -> None:
        """Put the lock around the `convert_notebooks` of `parent`, the converter."""
        super().__init__(parent=parent, **settings)  # type: ignore[no-untyped-call]
        convert = parent.convert_notebooks

        def in_turn() -> None:
            with alone(Path(parent.coursedir.root), parent.log):
                convert()

        parent.convert_notebooks = in_turn
