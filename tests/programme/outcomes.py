"""What the school of roles.toml has of certificates, surveys and requests."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, update

from programme import decisions
from programme.certificates import issuing, keys
from programme.personal import requests
from programme.schema import cohorts, programmes
from programme.site import Site
from programme.store import writing
from programme.surveys import asking
from tests.programme.sites import COHORT

GRADUATES = ("bopha", "sokha")
OPENED = date(2026, 1, 1)


def add_outcomes(site: Site) -> tuple[Site, dict[str, str]]:
    """Two graduates with their certificates; gives the site anew, as its settings change."""
    settings = site.root / "soc.toml"
    settings.write_text(f'public_url = "https://x.example.org"\n{settings.read_text()}')
    keys.make_key(site)
    for username in GRADUATES:
        decisions.override(site, COHORT, username, "graduated", "For the tests.", "office")
    issuing.issue(site, COHORT, by="office", today=date(2026, 12, 1), usernames=GRADUATES)
    requests.ask(site, "bopha", "erasure")
    hers, _ = issuing.of_cohort(site, COHORT)
    return Site.open(site.root), {"certificate": hers.number, "survey": _survey(site)}


def _survey(site: Site) -> str:
    """A survey of the cohort that is open for a long time."""
    with writing(site) as connection:
        call = {"name": COHORT, "kind": "ambassador", "opens_on": OPENED, "closes_on": OPENED}
        made = insert(programmes).returning(programmes.c.id)
        number = connection.execute(made, call).scalar_one()
        mine = update(cohorts).where(cohorts.c.name == COHORT).values(programme_id=number)
        connection.execute(mine)
    return asking.open_survey(site, COHORT, "after", OPENED, date(2099, 1, 1), dry_run=False)
