"""The desk of a club that was approved: its cohort's folder, gradebook and exchange."""

from __future__ import annotations

from programme import clubs
from programme.site import Site

LANGUAGE = "km"  # members are beginners in their villages; leaders teach in Khmer


def ensure_desks(site: Site) -> list[str]:
    """Make what is missing for each club that runs; the names of those that were made."""
    made = []
    for name, starts_on, mode in clubs.without_folder(site, site.cohort_names()):
        from soc.cohorts import ensure_cohort  # noqa: PLC0415  nbgrader, which is seldom needed

        ensure_cohort(site, name, starts_on, language=LANGUAGE, kind="club", mode=mode)
        made.append(name)
    return made
