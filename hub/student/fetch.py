"""Brings released weeks into her home: the files that she lacks, each whole or not at all.

Rule: nothing that is there is replaced. It is what nbgrader's own fetch does, without the command,
which would cost as much processor time as the rest of her server's start.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.student import weeks


def fetch(place: weeks.Place) -> None:
    """Copy what is missing of all released weeks. Raises OSError when her home is full or odd."""
    for source, target in missing(place):
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_name(f".{target.name}.arriving")
        shutil.copyfile(source, arriving)
        arriving.replace(target)


def missing(place: weeks.Place) -> Iterator[tuple[Path, Path]]:
    """Files of released weeks that she lacks, and where they go."""
    for week in weeks.released(place):
        released = place.folder("outbound") / week
        for source in sorted(released.rglob("*")):
            target = place.home / week / source.relative_to(released)
            if source.is_file() and not target.exists():
                yield source, target
