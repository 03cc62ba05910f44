"""The database: from empty to the newest version, its constraints, and what can't be undone."""

from __future__ import annotations

import resource
import sqlite3
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, delete, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from programme import schema
from programme.fictional import make_people
from programme.people import Person
from programme.roster import enrol, find_enrolment, members
from programme.site import Site
from programme.store import StoreError, ensure_database, make_engine, reading, writing
from tests.programme.sites import COHORT, START, fill, make_site

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_migrations_make_what_the_tables_say(any_site: Site) -> None:
    ensure_database(any_site.programme_url)
    with make_engine(any_site.programme_url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_ensuring_twice_changes_nothing(any_site: Site, people: list[Person]) -> None:
    first = ensure_database(any_site.programme_url)
    fill(any_site, people)
    assert ensure_database(any_site.programme_url) == first
    with reading(any_site) as connection:
        assert len(connection.execute(select(schema.people)).all()) == 5


def test_two_programs_may_migrate_at_once(any_site: Site) -> None:
    failures: list[Exception] = []

    def ensure() -> None:
        try:
            ensure_database(any_site.programme_url)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_new_file_that_somebody_is_writing_is_waited_for(site: Site) -> None:
    path = make_url(site.programme_url).database
    assert path is not None
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    first.execute("CREATE TABLE of_the_first (x)")
    threading.Timer(0.3, lambda: first.execute("COMMIT")).start()
    ensure_database(site.programme_url)
    with make_engine(site.programme_url).connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    first.close()


def test_a_newer_database_is_refused_and_left_alone(any_site: Site) -> None:
    ensure_database(any_site.programme_url)
    engine = make_engine(any_site.programme_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE programme_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"9999.*Update the program"):
        ensure_database(any_site.programme_url)


@pytest.mark.parametrize(
    "url",
    [
        "not a url",
        "nosuchdb://x/y",
        "sqlite:////proc/nowhere/x.sqlite",
        "postgresql:///?host=/nowhere",
    ],
)
def test_a_database_that_cannot_be_opened_is_named(url: str) -> None:
    with pytest.raises(StoreError) as failure:
        ensure_database(url)
    assert url.split(":", maxsplit=1)[0] in str(failure.value)


def test_a_password_is_not_in_the_message() -> None:
    with pytest.raises(StoreError) as failure:
        ensure_database("postgresql://soc:s3cret@/db?host=/nowhere")
    assert "s3cret" not in str(failure.value)


def test_sqlite_is_in_wal_mode_with_foreign_keys_on(site: Site) -> None:
    with reading(site) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def _decide(connection: Connection) -> None:
    connection.execute(
        insert(schema.decisions).values(
            enrolment_id=find_enrolment(connection, "sokha", COHORT),
            kind="computed",
            outcome="on_the_way",
            honours=False,
            reasons=[],
            policy_version="1",
            author="office",
            made_at=NOW,
        )
    )


@pytest.mark.parametrize(
    "statement",
    [
        update(schema.decisions).values(outcome="graduated"),
        delete(schema.decisions),
    ],
    ids=["update", "delete"],
)
def test_decisions_can_only_be_added(
    any_site: Site, people: list[Person], statement: object
) -> None:
    fill(any_site, people)
    with writing(any_site) as connection:
        _decide(connection)
    with pytest.raises(DBAPIError, match="kept as they were made"), writing(any_site) as connection:
        connection.execute(statement)
    with reading(any_site) as connection:
        assert connection.execute(select(schema.decisions.c.outcome)).scalars().all() == [
            "on_the_way"
        ]


def test_decisions_can_not_be_replaced_from_outside(site: Site, people: list[Person]) -> None:
    """Another program, without our pragmas, on the same file."""
    import sqlite3
    from contextlib import closing

    fill(site, people)
    with writing(site) as connection:
        _decide(connection)
    file = site.programme_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as other:
        for statement in (
            "INSERT OR REPLACE INTO decisions SELECT id, enrolment_id, kind, 'graduated', 1,"
            " reasons, policy_version, author, made_at, NULL FROM decisions",
            "UPDATE decisions SET outcome = 'graduated'",
            "DELETE FROM decisions",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="kept as they were made"):
                other.execute(statement)


@pytest.mark.postgres
def test_postgres_refuses_truncate_too(postgres_url: str, tmp_path: Path) -> None:
    ensure_database(postgres_url)
    with (
        pytest.raises(DBAPIError, match="kept as they were made"),
        make_engine(postgres_url).begin() as connection,
    ):
        connection.execute(text("TRUNCATE decisions CASCADE"))


DECISION = (
    "INSERT INTO decisions (kind, outcome, author, override_reason, enrolment_id, honours, reasons,"
    " policy_version, made_at) SELECT {}, id, false, '[]', '1', '2026-01-01' FROM enrolments"
)
BROKEN = {
    "a role nobody knows": "UPDATE enrolments SET role = 'queen'",
    "staff in a cohort": "UPDATE enrolments SET role = 'staff' WHERE cohort_id IS NOT NULL",
    "withdrawn without a reason": "UPDATE enrolments SET status = 'withdrawn'",
    "withdrawn before she came": (
        "UPDATE enrolments SET status = 'withdrawn', withdrawn_on = '2020-01-01',"
        " withdrawn_reason = 'moved'"
    ),
    "an outcome nobody knows": DECISION.format("'computed', 'failed', 'office', NULL"),
    "a decision by nobody": DECISION.format("'computed', 'graduated', '', NULL"),
    "an override without a reason": DECISION.format("'override', 'graduated', 'office', NULL"),
    "a computed decision with one": DECISION.format("'computed', 'graduated', 'office', 'liked'"),
    "an observed lesson of 11 items": (
        "INSERT INTO observations (enrolment_id, number, score, passed, observer, observed_on)"
        " SELECT id, 1, 11, true, 'maly', '2026-01-01' FROM enrolments"
    ),
    "a mark nobody knows": (
        "INSERT INTO attendance (session_id, enrolment_id, mark, marked_by, marked_at)"
        " SELECT 1, id, 'late', 'maly', '2026-01-01' FROM enrolments"
    ),
    "attendance of a session that is not there": (
        "INSERT INTO attendance (session_id, enrolment_id, mark, marked_by, marked_at)"
        " SELECT 99999, id, 'absent', 'maly', '2026-01-01' FROM enrolments"
    ),
    "two people of one name": "UPDATE people SET username = 'sokha'",
    "a name in capitals": "UPDATE people SET username = upper(username)",
    "an enrolled person removed": "DELETE FROM people",
    "staff twice": (
        "INSERT INTO enrolments (person_id, role, status, enrolled_on)"
        " SELECT person_id, 'staff', 'active', '2026-01-01' FROM enrolments WHERE role = 'staff'"
    ),
}


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A cohort that several tests try to break: whatever is refused leaves it as it was."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").url()
    site = make_site(tmp_path_factory.mktemp("filled") / "data", url)
    fill(site, [Person("sokha", "Sok Sokha"), Person("bopha", "Chea Bopha")])
    return site


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN.keys())
def test_the_database_itself_refuses(filled: Site, statement: str) -> None:
    with pytest.raises(IntegrityError), writing(filled) as connection:
        connection.execute(text(statement))


def test_moments_keep_their_zone_and_naive_ones_are_refused(
    any_site: Site, people: list[Person]
) -> None:
    fill(any_site, people)
    with writing(any_site) as connection:
        _decide(connection)
    with reading(any_site) as connection:
        assert connection.execute(select(schema.decisions.c.made_at)).scalar_one() == NOW
        with pytest.raises(Exception, match="no time zone"):
            connection.execute(
                select(schema.decisions).where(
                    schema.decisions.c.made_at < NOW.replace(tzinfo=None)
                )
            )


def test_a_block_that_raises_writes_nothing(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)

    def change_and_stop() -> None:
        with writing(any_site) as connection:
            connection.execute(update(schema.cohorts).values(starts_on=date(1999, 1, 1)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_and_stop()
    with reading(any_site) as connection:
        assert connection.execute(select(schema.cohorts.c.starts_on)).scalar_one() == START


def test_a_full_disk_is_said_in_words_and_changes_nothing(cohort: Site) -> None:
    """The limit on a file's size does what a full disk does: the write fails half-way."""
    before = members(cohort)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(StoreError, match="can't be used now"):
            enrol(cohort, make_people(1, 300), COHORT, on=START)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert members(cohort) == before
    assert enrol(cohort, make_people(1, 300), COHORT, on=START) == 300


def test_a_file_that_is_no_database_is_said_in_words(site: Site) -> None:
    Path(site.programme_url.removeprefix("sqlite:///")).write_text("a letter, " * 500)
    with pytest.raises(StoreError, match="not a database"):
        members(site)
