"""Which course a cohort is taught: the Ambassadors' or the clubs', each with its own rules."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from programme import club, course
from programme.course import Course
from programme.schema import cohorts
from programme.site import Site
from programme.store import reading


def of_kind(folder: Path, kind: str) -> Course:
    """The course of this kind of programme. Raises CourseError that names file and key."""
    return club.read(folder).course if kind == "club" else course.read(folder)


def course_of(site: Site, cohort: str) -> Course:
    """The course of this cohort; the Ambassadors' for one that the database does not know."""
    with reading(site) as connection:
        kind = connection.execute(
            select(cohorts.c.kind).where(cohorts.c.name == cohort)
        ).scalar_one_or_none()
    return of_kind(site.course, kind or "ambassador")
