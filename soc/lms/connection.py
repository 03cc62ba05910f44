"""A cohort's course at the LMS: its registration, and where its services are."""

from __future__ import annotations

from hub.lti import platforms
from hub.lti.platforms import Platform
from hub.lti.store import Course, Store
from programme.site import Cohort, Site
from soc.errors import SocError


def find_course(site: Site, cohort: Cohort) -> tuple[Platform, Course]:
    """The registration and the course. Raises SocError that says what is missing."""
    course = Store(site).course(cohort.name)
    if course is None:
        raise SocError(
            f"No LMS has sent anybody to {cohort.name} yet, so nobody knows where its services "
            f"are. Name its course in {platforms.file(site)}, and open one link from there."
        )
    platform = platforms.find(platforms.read(site), course.issuer, course.client_id)
    if platform is None:
        raise SocError(f"{course.issuer} is no longer in {platforms.file(site)}.")
    return platform, course
