"""The weeks that a link of an LMS may open."""

from __future__ import annotations

from programme import course
from programme.site import Site


def titles(site: Site, cohort: str) -> dict[str, str]:
    """week01 → its number and title in the cohort's language, of every week of the course."""
    language = site.cohort(cohort).language
    return {
        week.assignment: f"{week.number} · {week.title.in_language(language)}"
        for week in course.read(site.course).weeks
    }


def is_open(site: Site, cohort: str, week: str) -> bool:
    """Whether students have the week."""
    return week in {path.name for path in site.cohort(cohort).outbound.glob("*")}
