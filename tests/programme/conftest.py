"""A site to try things on: a data folder with one cohort, on SQLite or on a real PostgreSQL."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from programme import roster
from programme.past_cohort import fill_past_cohort
from programme.people import Person
from programme.site import Site
from tests.postgres import PostgresServer
from tests.programme.gradebooks import make_gradebook
from tests.programme.school import open_school
from tests.programme.sites import COHORT, START, fill, make_site


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


def pytest_configure(config: pytest.Config) -> None:
    """nbgrader's own add_submission warns about the order in which it adds its rows."""
    config.addinivalue_line(
        "filterwarnings",
        "ignore:Object of type <[A-Za-z]+> not in session:sqlalchemy.exc.SAWarning",
    )


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook to copy: a new one takes seconds, as nbgrader starts alembic for it."""
    file = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    make_gradebook(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_postgres_gradebook(postgres_server: PostgresServer) -> str:
    """The same on PostgreSQL: the URL of a database to use as a template."""
    url = postgres_server.url()
    make_gradebook(url)
    return url


@pytest.fixture
def site_with_gradebook(
    any_site: Site, people: list[Person], request: pytest.FixtureRequest
) -> Site:
    """A cohort with an empty gradebook, which is on the same kind of database as the people."""
    if any_site.programme_url.startswith("postgresql"):
        template = request.getfixturevalue("empty_postgres_gradebook")
        url = request.getfixturevalue("postgres_server").url(template)
        settings = any_site.root / "soc.toml"
        settings.write_text(settings.read_text() + f'gradebook_url = "{url}"\n')
        any_site = Site.open(any_site.root)
    else:
        template = request.getfixturevalue("empty_gradebook")
        shutil.copy(template, any_site.cohort(COHORT).root / "gradebook.db")
    fill(any_site, people)
    return any_site


@pytest.fixture(scope="session")
def _past_root(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Path:
    root = tmp_path_factory.mktemp("past") / "data"
    site = make_site(root)
    shutil.copy(empty_gradebook, site.cohort(COHORT).root / "gradebook.db")
    fill_past_cohort(site, COHORT, 1, starts_on=START)
    roster.enrol(site, [Person("maly", "Keo Maly")], COHORT, "instructor", on=START)
    roster.enrol(site, [Person("office", "The Office")], None, "staff", on=START)
    return root


@pytest.fixture
def past(_past_root: Path, tmp_path: Path) -> Site:
    """A copy of a finished cohort of thirty, with an instructor and staff."""
    return Site.open(shutil.copytree(_past_root, tmp_path / "past"))


@pytest.fixture(scope="module")
def opened(
    empty_gradebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, dict[str, str]]:
    """A school with somebody in each role, and the values that its addresses need."""
    return open_school(tmp_path_factory.mktemp("opened") / "data", empty_gradebook)
