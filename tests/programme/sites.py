"""Sites and cohorts that the tests start from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from programme import roster
from programme.people import Person
from programme.site import Site

COHORT = "ambassador-2026"
START = date(2026, 8, 3)
TODAY = date(2026, 8, 3)


def make_site(root: Path, programme_url: str | None = None) -> Site:
    """A data folder as `soc init` and `soc cohort add` leave it."""
    folder = root / "cohorts" / COHORT
    folder.mkdir(parents=True)
    settings = f'programme_url = "{programme_url}"\n' if programme_url else ""
    (root / "soc.toml").write_text(settings, encoding="utf-8")
    (folder / "cohort.toml").write_text('language = "en"\n', encoding="utf-8")
    return Site.open(root)


def fill(site: Site, people: list[Person]) -> None:
    """A cohort that starts on START, its students and an instructor."""
    roster.add_cohort(site, COHORT, START)
    roster.enrol(site, people, COHORT, on=START)
    roster.enrol(site, [Person("maly", "Keo Maly")], COHORT, "instructor", on=START)
    roster.enrol(site, [Person("office", "The Office")], None, "staff", on=START)
