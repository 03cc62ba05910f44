"""Submissions that arrive in pieces: what is there of each, and its way into the outbox.

    <data>/hub/desks/<cohort>/<student>/uploads/<week>+<length>+<sha256>.part

Rule: an upload is named by whose it is and by its own bytes, so nothing has to be announced or
remembered. How far it has come is the length of that file; that it has arrived is said by the
outbox and by the receipts, as for any other submission. So the service can be killed at any moment,
and the same bytes sent twice are one submission.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hub import desks
from hub.condition import FULL_DISK
from hub.exchange.unpacking import unpack
from hub.submissions import Limits, RefusedError
from programme.site import Site
from programme.whole_file import flush

_PART = re.compile(r"([A-Za-z0-9_-]{1,64})\+([0-9]{1,9})\+([0-9a-f]{64})\.part")
_HOUR_S = 3600.0


class OffsetError(Exception):
    """The piece does not begin where the upload stands."""


class BusyError(Exception):
    """Not now: she has begun too many, or the disk is full. `args[0]` is the id of the reason."""


@dataclass(frozen=True)
class Rules:
    """What the service takes. An unfinished upload is kept for `kept_s` seconds."""

    limits: Limits = field(default_factory=Limits)
    unfinished_each: int = 3
    begun_an_hour: int = 60
    kept_s: float = 7 * 86_400.0


@dataclass(frozen=True)
class Upload:
    """One submission as a tar.gz of `length` bytes with this SHA-256."""

    cohort: str
    student: str
    week: str
    length: int
    sha256: str

    @property
    def sent_as(self) -> str:
        """Its name in the outbox, as the mover wants names to be."""
        return f"{self.student}+{self.week}+{self.length}+{self.sha256}"


class Uploads:
    """All uploads of one installation."""

    def __init__(
        self, site: Site, rules: Rules | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock`: seconds since the epoch."""
        self._site, self._clock = site, clock
        self.rules = rules or Rules()
        self._begun: dict[str, deque[float]] = {}

    def check(self, upload: Upload) -> None:
        """Raises RefusedError when such a one is not taken, whatever is in it."""
        released = desks.outbound(self._site, upload.cohort)
        if upload.week not in {path.name for path in released.iterdir()}:
            raise RefusedError("unknown-week", upload.week)
        if not 0 < upload.length <= self.rules.limits.bytes:
            raise RefusedError("too-big", str(upload.length))

    def receipt(self, upload: Upload) -> dict[str, str] | None:
        """What the mover says of it, or {"status": "on-its-way"}; None until it is whole."""
        cohort, student = upload.cohort, upload.student
        # The outbox first: the mover empties it only after it has written the receipt.
        if os.path.lexists(desks.outbox(self._site, cohort, student) / upload.sent_as):
            return {"status": "on-its-way", "sent_as": upload.sent_as}
        for path in desks.receipts(self._site, cohort, student).glob("[!.]*.json"):
            found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
            if found.get("sent_as") == upload.sent_as:
                return found
        return None

    def offset(self, upload: Upload) -> int:
        """How many bytes of it are here."""
        with contextlib.suppress(FileNotFoundError):
            return self._part(upload).stat().st_size
        return upload.length if self.receipt(upload) else 0

    def append(self, upload: Upload, at: int, piece: bytes) -> int:
        """Add a piece that begins at `at`; how many bytes are here now.

        Raises OffsetError, BusyError, RefusedError when it is more than was said, and OSError.
        """
        here = self.offset(upload)
        if at != here:
            raise OffsetError
        if at + len(piece) > upload.length:
            raise RefusedError("too-big", "more than was said")
        if not piece:
            return here
        if at == 0:
            self._make_room(upload)
        with self._part(upload).open("ab") as file:
            file.write(piece)
        return at + len(piece)

    def settle(self, upload: Upload) -> None:
        """When all bytes are here, put the folder into her outbox. May be killed and run again.

        Raises RefusedError for what may not be taken (it is gone then), OSError when the disk is
        full (it stays then).
        """
        part = self._part(upload)
        if not part.exists() or part.stat().st_size < upload.length:
            return
        place = part.with_suffix(".unpacking")
        shutil.rmtree(place, ignore_errors=True)
        try:
            if not self.receipt(upload):
                _check_digest(part, upload.sha256)
                unpack(part, place, self.rules.limits)
                place.chmod(0o777)  # as nbgrader leaves it: the sign that it is whole
                outbox = desks.outbox(self._site, upload.cohort, upload.student)
                place.rename(outbox / upload.sent_as)
                flush(outbox)
        except RefusedError:
            part.unlink(missing_ok=True)
            raise
        finally:
            shutil.rmtree(place, ignore_errors=True)
        part.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what was given up, and finish what a kill left between two steps."""
        for part in (desks.state(self._site) / "desks").glob("*/*/uploads/*.part"):
            if found := _PART.fullmatch(part.name):
                cohort, student = part.parts[-4:-2]
                upload = Upload(cohort, student, found[1], int(found[2]), found[3])
                with contextlib.suppress(RefusedError):
                    self.settle(upload)
            with contextlib.suppress(FileNotFoundError):
                if self._clock() - part.stat().st_mtime > self.rules.kept_s:
                    part.unlink()

    def _part(self, upload: Upload) -> Path:
        folder = desks.uploads(self._site, upload.cohort, upload.student)
        return folder / f"{upload.week}+{upload.length}+{upload.sha256}.part"

    def _make_room(self, upload: Upload) -> None:
        """Before the first piece: not too many an hour; her oldest unfinished ones go."""
        begun = self._begun.setdefault(upload.student, deque())
        while begun and begun[0] < self._clock() - _HOUR_S:
            begun.popleft()
        if len(begun) >= self.rules.begun_an_hour:
            raise BusyError("too-often")
        disk = shutil.disk_usage(self._site.root)
        if disk.free < FULL_DISK * disk.total:
            raise BusyError("disk-full")
        begun.append(self._clock())
        parts = self._part(upload).parent.glob("*.part")
        oldest_first = sorted(parts, key=lambda path: path.stat().st_mtime)
        for part in oldest_first[: len(oldest_first) + 1 - self.rules.unfinished_each]:
            part.unlink()


def _check_digest(part: Path, sha256: str) -> None:
    with part.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise RefusedError("wrong-checksum", part.name)
