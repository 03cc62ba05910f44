"""What the school of roles.toml has of certificates, surveys and requests."""

from __future__ import annotations

from datetime import date

from programme import decisions
from programme.certificates import issuing, keys
from programme.site import Site
from tests.programme.sites import COHORT

GRADUATES = ("bopha", "sokha")


def add_outcomes(site: Site) -> tuple[Site, dict[str, str]]:
    """Two graduates with their certificates; gives the site anew, as its settings change."""
    settings = site.root / "soc.toml"
    settings.write_text(f'public_url = "https://x.example.org"\n{settings.read_text()}')
    keys.make_key(site)
    for username in GRADUATES:
        decisions.override(site, COHORT, username, "graduated", "For the tests.", "office")
    issuing.issue(site, COHORT, by="office", today=date(2026, 12, 1), usernames=GRADUATES)
    hers, _ = issuing.of_cohort(site, COHORT)
    return Site.open(site.root), {"certificate": hers.number}
