"""Which course a cohort is taught: the Ambassadors' or the clubs', each with its own rules."""

from __future__ import annotations

import functools
from pathlib import Path

from sqlalchemy import select

from programme import club_plan, course
from programme.course import Course
from programme.schema import cohorts
from programme.site import Site
from programme.store import reading


def of_kind(folder: Path, kind: str) -> Course:
    """The course of this kind of programme. Raises CourseError that names file and key.

    Every page needs it: the file is read again when it has changed.
    """
    file = folder / "club" / "club.toml" if kind == "club" else folder / "course.toml"
    try:
        found = file.stat()
    except OSError:
        return _read(folder, kind)  # which says what is missing
    return _read_once(folder, kind, (found.st_mtime_ns, found.st_size, found.st_ino))


@functools.lru_cache(maxsize=8)
def _read_once(folder: Path, kind: str, _version: tuple[int, int, int]) -> Course:
    return _read(folder, kind)


def _read(folder: Path, kind: str) -> Course:
    return club_plan.read(folder).course if kind == "club" else course.read(folder)


def course_of(site: Site, cohort: str) -> Course:
    """The course of this cohort; the Ambassadors' for one that the database does not know."""
    with reading(site) as connection:
        kind = connection.execute(
            select(cohorts.c.kind).where(cohorts.c.name == cohort)
        ).scalar_one_or_none()
    return of_kind(site.course, kind or "ambassador")
