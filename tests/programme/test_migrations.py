"""A database of the version before is brought up to date with all that is in it."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from programme.site import Site
from programme.store import _alembic_config, ensure_database, make_engine

BEFORE = (
    "INSERT INTO people (id, username, name_km, name_latin, province_code)"
    " VALUES (1, 'sokha', '', 'Sok Sokha', '02')",
    "INSERT INTO cohorts (id, name, kind, mode, starts_on)"
    " VALUES (1, 'ambassador-2022', 'ambassador', 'online', '2022-08-01')",
    "INSERT INTO enrolments (id, person_id, cohort_id, role, enrolled_on)"
    " VALUES (1, 1, 1, 'student', '2022-08-01')",
    "INSERT INTO sessions (id, cohort_id, number, held_on) VALUES (1, 1, 1, '2022-08-01')",
    "INSERT INTO attendance (session_id, enrolment_id, mark, marked_by, marked_at)"
    " VALUES (1, 1, 'present', 'maly', '2022-08-01')",
)


def test_from_the_version_before_with_what_is_in_it(any_site: Site) -> None:
    engine = make_engine(any_site.programme_url)
    config = _alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in BEFORE:
            connection.execute(text(statement))
    ensure_database(any_site.programme_url)
    with engine.begin() as connection:
        assert connection.execute(
            text("SELECT source, mark, username FROM attendance, people")
        ).all() == [("class", "present", "sokha")]
        assert connection.execute(
            text("SELECT word FROM person_words ORDER BY word")
        ).scalars().all() == ["sok", "sokha", "soksokha"]
        connection.execute(text("UPDATE people SET district_code = '0201'"))
    with pytest.raises(Exception, match="district"), engine.begin() as connection:
        connection.execute(text("UPDATE people SET district_code = '0301'"))


READ = (
    "INSERT INTO programmes (id, name, kind, opens_on, closes_on)"
    " VALUES (1, 'ambassador-2022', 'ambassador', '2022-05-01', '2022-06-01')",
    "INSERT INTO applications (id, programme_id, link_hash, name_km, name_latin, name_key,"
    " birth_date, minor, phone, province_code, school_kind, wish, language, answers, submitted_at)"
    " VALUES (1, 1, 'x', '', 'Sok Sokha', 'soksokha', '2002-01-01', false, '+85500000001', '02',"
    " 'public', 'either', 'km', '{}', '2022-05-02')",
    "INSERT INTO readings (application_id, seat, reader, points, total, read_at)"
    " VALUES (1, 1, 'maly', '{}', 7, '2022-06-02')",
)


def test_readings_are_kept_when_there_is_a_seat_more(any_site: Site) -> None:
    engine = make_engine(any_site.programme_url)
    config = _alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in READ:
            connection.execute(text(statement))
    ensure_database(any_site.programme_url)
    third = (
        "INSERT INTO readings (application_id, seat, reader, points, total, read_at)"
        " VALUES (1, {}, '{}', '{{}}', 9, '2022-06-03')"
    )
    with engine.begin() as connection:
        assert connection.execute(text("SELECT reader, total FROM readings")).all() == [("maly", 7)]
        connection.execute(text(third.format(3, "vanna")))
    with pytest.raises(Exception, match="seat"), engine.begin() as connection:
        connection.execute(text(third.format(4, "davy")))
