"""Brings released feedback to each student's own desk.

nbgrader releases all feedback into one folder, under names that only the holder of a submission's
secret can guess. Behind the walls all students may share one uid, so that folder is not shown to
anybody. Rule: a student's desk holds the files that belong to her graded submissions and no others,
under nbgrader's own names, so that nbgrader's fetch_feedback finds them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from hub import desks
from hub.people import is_username
from hub.submissions import SECRET
from programme.site import Site


def deliver(site: Site, cohort: str, student: str = "*", week: str = "*") -> list[Path]:
    """Copy what is released and not yet on the desks, or newer; the files that were written.

    Of all students and weeks, unless one is named.
    """
    from nbgrader.utils import notebook_hash  # noqa: PLC0415  # 70 MB that an idle mover needn't hold

    released = site.exchange / cohort / "feedback"
    written = []
    for secret_file in sorted(site.cohort(cohort).root.glob(f"feedback/{student}/{week}/{SECRET}")):
        owner = secret_file.parent.parent.name
        if not is_username(owner):
            continue
        desk = desks.feedback(site, cohort, owner)
        secret = secret_file.read_text(encoding="ascii", errors="replace")
        for page in sorted(secret_file.parent.glob("*.html")):
            name = f"{notebook_hash(secret=secret, notebook_id=page.stem)}.html"
            if _is_newer(released / name, desk / name):
                new = desk / f".{name}.new"
                shutil.copyfile(released / name, new)
                shutil.copystat(released / name, new)
                new.chmod(0o644)
                new.replace(desk / name)
                written.append(desk / name)
    return written


def _is_newer(source: Path, target: Path) -> bool:
    try:
        there = source.stat()
    except FileNotFoundError:
        return False
    try:
        here = target.stat()
    except FileNotFoundError:
        return True
    return (there.st_mtime_ns, there.st_size) != (here.st_mtime_ns, here.st_size)


class Delivery:
    """Delivers again only when a cohort's released feedback has changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seen: dict[str, int] = {}

    def run(self) -> None:
        """Look at all cohorts once."""
        for cohort in self._site.cohort_names():
            try:
                changed = (self._site.exchange / cohort / "feedback").stat().st_mtime_ns
            except FileNotFoundError:
                continue
            if self._seen.get(cohort) != changed:
                deliver(self._site, cohort)
                self._seen[cohort] = changed
