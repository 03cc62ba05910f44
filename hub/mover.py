"""Moves what students handed in from their outboxes into nbgrader's exchange. A service of the hub.

Rule: nbgrader finds a submission whole or not at all, under the student's own name, with the time
at which it arrived here. Every step can be killed and run again: the copy's name follows from the
submission, the receipt from the copy, and the student's folder goes last. What is refused is kept
in <data>/hub/refused for staff to look at; her own work stays in her home in any case.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub import desks, feedback, service
from hub.people import is_username
from hub.submissions import (
    SECRET,
    TIMESTAMP,
    Limits,
    Named,
    RefusedError,
    check_name,
    copy,
    is_whole,
    opened,
    read_secret,
)
from programme.site import Site

_INTERVAL_S = 0.5
_UNFINISHED_S = 600.0
_log = logging.getLogger("hub.mover")


@dataclass(frozen=True)
class Receipt:
    """What a student is told about one thing she handed in. `sent_as` is her folder's name."""

    status: str  # received | refused
    assignment: str
    sent_as: str
    at: str
    reason: str = ""
    detail: str = ""


def move_all(site: Site, limits: Limits | None = None) -> list[Receipt]:
    """Move all that is whole, of all cohorts. Safe beside another mover, and to run again."""
    with _alone(site):
        return [
            receipt
            for cohort in site.cohort_names()
            for student in _folders(site.root / "outbox" / cohort)
            if is_username(student)
            for receipt in _move_outbox(site, cohort, student, limits or Limits())
        ]


def _move_outbox(site: Site, cohort: str, student: str, limits: Limits) -> Iterator[Receipt]:
    outbox = site.root / "outbox" / cohort / student
    for name in sorted(path.name for path in outbox.iterdir()):
        if name.startswith(".nfs"):
            continue
        try:
            receipt = _move(site, cohort, student, name, limits)
        except OSError as error:
            # A full disk or the like: it stays where it is, and the others go on.
            _log.error(
                "%s/%s: %r was not moved, next try follows: %s", cohort, student, name, error
            )
            continue
        if receipt:
            _log.info("%s/%s: %s %s %s", cohort, student, receipt.status, name, receipt.reason)
            yield receipt


def _move(site: Site, cohort: str, student: str, name: str, limits: Limits) -> Receipt | None:
    """Move one folder; None when it isn't whole yet."""
    outbox = site.root / "outbox" / cohort / student
    try:
        with opened(outbox) as parent, opened(name, parent) as folder:
            if not is_whole(folder):
                if time.time() - os.fstat(folder).st_ctime < _UNFINISHED_S:
                    return None
                raise RefusedError("unfinished", name)
            released = set(_folders(desks.outbound(site, cohort)))
            named = Named(check_name(name, student, released), read_secret(folder))
            at = _take(site, cohort, student, folder, named, limits)
    except RefusedError as refusal:
        return _refuse(site, cohort, student, name, refusal)
    receipt = Receipt("received", named.assignment, name, at)
    _write_receipt(site, cohort, student, f"{named.assignment}+{named.suffix}", receipt)
    shutil.rmtree(outbox / name, ignore_errors=True)
    if (outbox / name).exists():  # she made it undeletable: out of the way, or it comes again
        _keep(site, cohort, student, name)
    return receipt


def _take(site: Site, cohort: str, student: str, folder: int, named: Named, limits: Limits) -> str:
    """Copy it into inbound, unless it is there; the time of its arrival as nbgrader writes it."""
    inbound = site.exchange / cohort / "inbound"
    if not inbound.is_dir():
        inbound.mkdir(parents=True)
    for there in inbound.glob(f"{student}+{named.assignment}+*+{named.suffix}"):
        return there.name.split("+")[2]
    arriving = inbound / f".arriving-{named.suffix}"
    shutil.rmtree(arriving, ignore_errors=True)
    try:
        copied = copy(folder, arriving, limits)
        at = _nbgrader_time(copied.changed_at)
        (arriving / TIMESTAMP).write_text(at, encoding="ascii")
        (arriving / SECRET).write_text(named.secret, encoding="ascii")
        arriving.chmod(0o755)
        arriving.rename(inbound / f"{student}+{named.assignment}+{at}+{named.suffix}")
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return at


def _refuse(site: Site, cohort: str, student: str, name: str, why: RefusedError) -> Receipt:
    reason, detail = why.args
    parts = name.split("+")
    assignment = parts[1] if len(parts) > 1 else ""
    receipt = Receipt("refused", assignment, name, _nbgrader_time(time.time()), reason, detail)
    _write_receipt(site, cohort, student, f"refused+{time.time_ns()}", receipt)
    _keep(site, cohort, student, name)
    return receipt


def _keep(site: Site, cohort: str, student: str, name: str) -> None:
    """Put a folder aside, whatever it is. Nothing in it is opened or followed."""
    place = desks.state(site) / "refused" / cohort / student
    place.mkdir(parents=True, exist_ok=True)
    source = site.root / "outbox" / cohort / student / name
    descriptor = os.open(source, os.O_PATH | os.O_NOFOLLOW)
    try:
        with contextlib.suppress(OSError):  # a folder closed even to its owner can't be moved
            if not source.is_symlink():
                Path(f"/proc/self/fd/{descriptor}").chmod(0o700)
    finally:
        os.close(descriptor)
    source.rename(place / f"{time.time_ns()}-{name[:150]}")


def _write_receipt(site: Site, cohort: str, student: str, name: str, receipt: Receipt) -> None:
    folder = desks.receipts(site, cohort, student)
    new = folder / f".{name}.new"
    new.write_text(json.dumps(asdict(receipt)), encoding="utf-8")
    new.replace(folder / f"{name}.json")


def _nbgrader_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f %Z")


def _folders(path: Path) -> list[str]:
    """Names of the real folders in `path`; none when there is no such folder."""
    try:
        with os.scandir(path) as entries:
            return sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return []
        raise


@contextlib.contextmanager
def _alone(site: Site) -> Iterator[None]:
    """One mover at a time: `soc collect` may run one while the hub's service does."""
    with (desks.state(site) / "mover.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Move and deliver until told to stop."""
    site = Site.open()
    delivery = feedback.Delivery(site)
    for _ in service.every(_INTERVAL_S, site, "mover"):
        try:
            move_all(site)
            delivery.run()
        except OSError as error:
            _log.error("The mover goes on after: %s", error)


if __name__ == "__main__":
    main()
