"""What a student may read of a cohort: the released weeks, her receipts, her feedback.

Rule: a file is asked for by the SHA-256 of its bytes and never by a name, and is looked for among
her own alone. No link is followed, whoever made it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from hub import desks
from hub.submissions import RefusedError, open_file
from programme.site import Site

_MOST_KNOWN = 100_000


class Shelf:
    """Lists and reads. Digests are kept for as long as a file is what it was."""

    def __init__(self, site: Site) -> None:
        """Look at nothing yet."""
        self._site = site
        self._known: dict[tuple[int, ...], str] = {}

    def listing(self, cohort: str, student: str) -> dict[str, str]:
        """Name → digest of all her files; a name is outbound/<week>/…, feedback/… or receipts/…"""
        return {name: self._digest(file) for name, file in self._files(cohort, student)}

    def read(self, cohort: str, student: str, digest: str) -> bytes | None:
        """The file of these bytes; None when she has none."""
        for _, file in self._files(cohort, student):
            if self._digest(file) == digest:
                data = _content(file)
                return data if hashlib.sha256(data).hexdigest() == digest else None
        return None

    def _files(self, cohort: str, student: str) -> Iterator[tuple[str, int]]:
        """Name and open descriptor of each."""
        tops = {
            "outbound": desks.outbound(self._site, cohort),
            "feedback": desks.feedback(self._site, cohort, student),
            "receipts": desks.receipts(self._site, cohort, student),
        }
        for place, top in tops.items():
            for folder, folders, names, parent in os.fwalk(top):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(name for name in names if not name.startswith(".")):
                    shown = Path(place, Path(folder).relative_to(top), name).as_posix()
                    # What is no file, or is replaced just now, is not listed.
                    with (
                        contextlib.suppress(RefusedError, FileNotFoundError),
                        open_file(parent, name) as file,
                    ):
                        yield shown, file

    def _digest(self, file: int) -> str:
        now = os.fstat(file)
        state = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        if state not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[state] = hashlib.sha256(_content(file)).hexdigest()
        return self._known[state]


def _content(file: int) -> bytes:
    with os.fdopen(file, "rb", closefd=False) as stream:
        stream.seek(0)
        return stream.read()
