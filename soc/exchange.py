"""nbgrader's file exchange, made safe to kill and safe against strangers.

nbgrader copies a submission file by file into its place; killed half-way, half a submission
looks like a whole one. Here a copy is made beside its place and renamed into it: whoever looks sees
all of it or none.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment
from nbgrader.utils import parse_utc

from soc.turns import alone

REFUSED = ".refused-"  # nbgrader's patterns never match a leading dot
_COPYING = ".copying-"


class CopyWhole:
    """Mixin for an nbgrader exchange class: `do_copy` shows a whole folder or none."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy as nbgrader does, beside `dest`, then rename. `dest` must not exist."""
        place = Path(dest)
        copying = place.with_name(_COPYING + place.name)
        shutil.rmtree(copying, ignore_errors=True)  # left by a kill
        try:
            super().do_copy(src, str(copying), log)  # type: ignore[misc]
            copying.replace(place)
        except BaseException:
            # What nbgrader was about to replace is gone already, but its source is still in the
            # exchange: the same verb run again brings it.
            shutil.rmtree(copying, ignore_errors=True)
            raise


class ReleaseWhole(CopyWhole, ExchangeReleaseAssignment):
    """Release an assignment to the exchange, whole."""


class CollectFromCohort(CopyWhole, ExchangeCollect):
    """Collect what the cohort's students handed in; name and skip all other folders."""

    def start(self) -> None:
        """Collect, when nobody else marks this cohort."""
        with alone(Path(self.coursedir.root)):
            super().start()

    def init_src(self) -> None:
        """Find the submissions. A folder that can't be one is renamed so that it stops nobody."""
        inbound = Path(self.root) / self.coursedir.course_id / "inbound"
        for folder in handed_in(inbound, self.coursedir.assignment_id):
            reason = _why_not_a_submission(folder)
            if reason:
                kept = folder.rename(folder.with_name(REFUSED + folder.name))
                self.log.error("Refused: %s. It is kept as %s.", reason, kept)
        super().init_src()
        self.src_records: list[dict[str, Any]]
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            enrolled = {student.id for student in gradebook.students}
        strangers = [r for r in self.src_records if r["username"] not in enrolled]
        for record in strangers:
            self.log.error(
                "Not collected: %s is not a student of %s (%s). `soc enrol` adds a student.",
                record["username"], self.coursedir.course_id, record["filename"],
            )  # fmt: skip
        self.src_records = [r for r in self.src_records if r not in strangers]


def handed_in(inbound: Path, week: str) -> list[Path]:
    """The folders in `inbound` that claim to be submissions of `week`, without refused ones."""
    found = inbound.glob(f"*+{week}+*")
    return sorted(path for path in found if not path.name.startswith("."))


def _why_not_a_submission(folder: Path) -> str | None:
    if folder.is_symlink() or not folder.is_dir():
        return "it is not a folder"
    parts = folder.name.split("+")
    try:
        parse_utc(parts[2])
    except ValueError:
        return f"{parts[2]!r} in its name is not a time"
    return None
