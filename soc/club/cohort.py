"""A club's own nbgrader course: its sessions stand in its folder, made anew from the course.

An Ambassador cohort is released from the checkout's course/source. A club's sessions are put
together from several weeks, so each club keeps the source that it was released from.
"""

from __future__ import annotations

from programme import club_plan
from programme.site import Cohort, Site
from soc.club.notebooks import write_source


def ensure_session_source(site: Site, cohort: Cohort, name: str) -> None:
    """Write the source of session `name` into the club's folder, as the course has it now.

    Raises SocError when an exercise of club.toml is not in the course, and CourseError.
    """
    club = club_plan.read(site.course)
    names = [session.assignment for session in club.course.weeks]
    write_source(site.course, club, names.index(name) + 1, cohort.root)
