"""The folders that stand between a student and the cohort, and who owns them.

    <data>/homes/<student>/                    her own files, owned by her uid
    <data>/outbox/<cohort>/<student>/          what she handed in and nobody has moved yet
    <data>/hub/desks/<cohort>/<student>/       what comes back to her: receipts/ and feedback/;
                                               uploads/ is what is still under way over HTTP

Rule: as root, every student has a uid of her own, and the owner of her home is the record of it; as
an ordinary user everything belongs to that user, and the walls alone keep students apart.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from programme.site import Site

_FIRST_UID = 200_000
_RANGE, _RANGES = 10_000, 5_000


def state(site: Site) -> Path:
    """The hub's own folder; nobody else may look into it."""
    return _made(site.root / "hub", 0o700)


def home(site: Site, username: str) -> Path:
    """Her home, made at first use. As root it is given a uid of its own, with all that is in it."""
    homes = _made(site.root / "homes", 0o711)
    path = _made(homes / username, 0o700)
    if os.geteuid() == 0 and path.stat().st_uid < _FIRST_UID:
        _give(path, _free_uid(site, homes))
    return path


def _free_uid(site: Site, homes: Path) -> int:
    """A uid that no home here has. Each installation has a range of its own.

    The system counts a uid's processes over the whole machine: two that shared a uid would use up
    each other's limit.
    """
    first = _FIRST_UID + zlib.crc32(str(site.root).encode()) % _RANGES * _RANGE
    owners = [folder.stat().st_uid for folder in homes.iterdir()]
    return max([first - 1, *(uid for uid in owners if first <= uid < first + _RANGE)]) + 1


def uid_of(site: Site, username: str) -> int:
    """The uid her server runs as."""
    return home(site, username).stat().st_uid


def outbox(site: Site, cohort: str, username: str) -> Path:
    """Where her server puts what she hands in. Only she writes there, only the mover takes away."""
    path = _made(site.root / "outbox" / cohort / username, 0o700)
    uid = uid_of(site, username)
    if os.geteuid() == 0 and path.stat().st_uid != uid:
        _give(path, uid)
    return path


def receipts(site: Site, cohort: str, username: str) -> Path:
    """What the mover says about each thing she handed in. She reads it."""
    return _made(state(site) / "desks" / cohort / username / "receipts", 0o755)


def feedback(site: Site, cohort: str, username: str) -> Path:
    """Her own released feedback, under nbgrader's names. She reads it."""
    return _made(state(site) / "desks" / cohort / username / "feedback", 0o755)


def uploads(site: Site, cohort: str, username: str) -> Path:
    """Pieces of what she hands in over HTTP, until it is whole. The hub's alone."""
    return _made(state(site) / "desks" / cohort / username / "uploads", 0o700)


def outbound(site: Site, cohort: str) -> Path:
    """nbgrader's released assignments. All the cohort's students read it."""
    return _made(site.exchange / cohort / "outbound", 0o755)


def _give(folder: Path, uid: int) -> None:
    """Make `uid` the owner of the folder and what is in it, the folder itself last."""
    for root, folders, files in os.walk(folder, topdown=False):
        for name in folders + files:
            os.chown(Path(root, name), uid, uid, follow_symlinks=False)
    os.chown(folder, uid, uid)


def _made(path: Path, mode: int) -> Path:
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True)
        path.chmod(mode)
    return path
