"""How the installation is just now: does each service work, and what waits for whom.

Read from what lies in the data folder, so that it is true whoever asks: the instructors' page, the
metrics, a test. Rule: numbers and ages only, no names of students.
"""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub import desks, servers
from hub.people import is_username
from hub.student.weeks import ANSWER
from programme.site import Cohort, Site

# Seconds without a sign of life after which a service counts as stopped. Grading one submission
# may take long: its own limits end it before this one.
PATIENCE_S = {"mover": 30.0, "watch": 30.0, "arrivals": 900.0, "exchange": 60.0}
_NOT_EVERYWHERE = ("exchange",)  # is missed only if it has run, and was not stopped in good order
BACKUP = "backup"
OLD_BACKUP_S = 26 * 3600.0
FULL_DISK = 0.05  # the part of the disk that has to be free


@dataclass(frozen=True)
class Waiting:
    """How many wait, and for how many seconds the first of them."""

    count: int = 0
    oldest_s: float = 0.0

    @classmethod
    def since(cls, moments: list[float], now: float) -> Waiting:
        """Of the moments at which each began to wait."""
        return cls(len(moments), max(0.0, now - min(moments))) if moments else cls()


@dataclass(frozen=True)
class CohortCondition:
    """One cohort's submissions, by where they are."""

    name: str
    received: int  # in the exchange, all of them
    handed_in: Waiting  # still in an outbox
    checking: Waiting  # graded on arrival, and no answer yet
    by_hand: int  # could not be graded on arrival and has no feedback since
    refused: int  # put aside for staff


@dataclass(frozen=True)
class Condition:
    """The whole installation. `silent_s`: since the last sign of each service and of a backup."""

    silent_s: dict[str, float]
    cohorts: tuple[CohortCondition, ...]
    servers: int
    disk_free_bytes: int
    disk_bytes: int

    @property
    def stopped(self) -> list[str]:
        """The services that should have given a sign of life by now."""
        expected = [n for n in PATIENCE_S if n in self.silent_s or n not in _NOT_EVERYWHERE]
        return [n for n in expected if self.silent_s.get(n, math.inf) > PATIENCE_S[n]]

    @property
    def backup_is_old(self) -> bool:
        """Whether a day went by without one. Where there never was one, `soc doctor` says so."""
        return self.silent_s.get(BACKUP, 0) > OLD_BACKUP_S

    @property
    def disk_is_full(self) -> bool:
        """Whether so little is free that submissions may soon be refused."""
        return self.disk_free_bytes < FULL_DISK * self.disk_bytes

    @property
    def healthy(self) -> bool:
        """Whether the installation does its work by itself."""
        return not self.stopped and not self.disk_is_full


class Glance:
    """`look`, at most every few seconds however often it is asked: health may be asked by all."""

    def __init__(self, site: Site, every_s: float = 5.0) -> None:
        """Look at nothing yet."""
        self._site, self._every_s = site, every_s
        self._seen: Condition | None = None
        self._seen_at = 0.0

    def now(self) -> Condition:
        """How it was not long ago."""
        if self._seen is None or time.monotonic() - self._seen_at > self._every_s:
            self._seen, self._seen_at = look(self._site), time.monotonic()
        return self._seen


def beat(site: Site, service: str) -> None:
    """A sign that a service works, or that a backup was made."""
    folder = desks.state(site) / "alive"
    folder.mkdir(exist_ok=True)
    (folder / service).touch()


def rest(site: Site, service: str) -> None:
    """A service that not every installation has ends in good order."""
    (desks.state(site) / "alive" / service).unlink(missing_ok=True)


def look(site: Site) -> Condition:
    """How it is now."""
    now = time.time()
    disk = shutil.disk_usage(site.root)
    return Condition(
        silent_s={name: now - at for name, at in _beats(site)},
        cohorts=tuple(of_cohort(site, name, now) for name in site.cohort_names()),
        servers=len(servers.registered(site)),
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def of_cohort(site: Site, name: str, now: float) -> CohortCondition:
    """One cohort's part. `now`: seconds since the epoch."""
    cohort = site.cohort(name)
    notes = list(_notes(site, cohort))
    return CohortCondition(
        name,
        received=sum(1 for folder in _entries(cohort.inbound) if "+" in folder.name),
        handed_in=Waiting.since(list(_handed_in(site, name)), now),
        checking=Waiting.since([at for at, status in notes if status == "checking"], now),
        by_hand=sum(status == "by-hand" for _, status in notes),
        refused=sum(len(_entries(who)) for who in _entries(desks.state(site) / "refused" / name)),
    )


def _beats(site: Site) -> Iterator[tuple[str, float]]:
    for name in (*PATIENCE_S, BACKUP):
        with contextlib.suppress(FileNotFoundError):
            yield name, (desks.state(site) / "alive" / name).stat().st_mtime


def _handed_in(site: Site, cohort: str) -> Iterator[float]:
    """When each folder in the outboxes was last changed. The mover may take one meanwhile."""
    for outbox in _entries(site.root / "outbox" / cohort):
        for folder in _entries(outbox):
            with contextlib.suppress(OSError):
                yield folder.stat(follow_symlinks=False).st_ctime


def _notes(site: Site, cohort: Cohort) -> Iterator[tuple[float, str]]:
    """Each unsettled note about grading on arrival: when it was written, and its status."""
    for student in _entries(desks.state(site) / "desks" / cohort.name):
        if not is_username(student.name):
            continue
        for path in (student / "receipts").glob(f"{ANSWER}*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                at = path.stat().st_mtime
                status = json.loads(path.read_text(encoding="utf-8"))["status"]
                week = path.stem.removeprefix(ANSWER)
                if status != "answered" and not _answered_since(cohort, student.name, week, at):
                    yield at, status


def _answered_since(cohort: Cohort, student: str, week: str, at: float) -> bool:
    """Whether an instructor has given feedback herself after what the note tells."""
    try:
        return (cohort.root / "feedback" / student / week).stat().st_mtime > at
    except FileNotFoundError:
        return False


def _entries(folder: Path) -> list[Path]:
    """What is in a folder and isn't hidden; nothing when there is no such folder."""
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
