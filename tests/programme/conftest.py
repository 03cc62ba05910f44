"""A site to try things on: a data folder with one cohort, on SQLite or on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from programme.people import Person
from programme.site import Site
from tests.programme.sites import fill, make_site


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """An empty site, once on SQLite and once on PostgreSQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return make_site(tmp_path / "data", url)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site on SQLite."""
    return make_site(tmp_path / "data")


@pytest.fixture
def people() -> list[Person]:
    """Three people with names in both scripts."""
    return [
        Person("sokha", "Sok Sokha", "សុខ សុខា", 2008, "02"),
        Person("bopha", "Chea Bopha", "ជា បុប្ផា", 2010, "12"),
        Person("dara", "Kim Dara", "", None, None),
    ]


@pytest.fixture
def cohort(site: Site, people: list[Person]) -> Site:
    """The site with a cohort of three students and their instructor."""
    fill(site, people)
    return site
