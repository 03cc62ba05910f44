"""The years 2022 and 2023 in the database show the figures of the programme's own report."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, distinct, func, select, text
from sqlalchemy.exc import IntegrityError

from programme import reported, schema
from programme.fictional_years import fill_survey, fill_years
from programme.site import Site
from programme.store import RefusedError, reading, writing

APPLICATIONS, ENROLMENTS = schema.applications, schema.enrolments


def _count(connection: Connection, kind: str, years: tuple[int, ...]) -> tuple[int, int, int]:
    """Applied, accepted, graduated, by three questions to the tables."""
    names = [f"{kind}-{year}" for year in years]
    mine = schema.programmes.c.name.in_(names)
    applied = select(func.count()).select_from(APPLICATIONS.join(schema.programmes)).where(mine)
    graduated = (
        select(func.count(distinct(ENROLMENTS.c.id)))
        .select_from(schema.decisions.join(ENROLMENTS).join(schema.cohorts).join(schema.programmes))
        .where(mine, schema.decisions.c.outcome == "graduated")
    )
    accepted = applied.where(APPLICATIONS.c.status == "accepted")
    one, two, three = (connection.execute(q).scalar_one() for q in (applied, accepted, graduated))
    return one, two, three


def _provinces(connection: Connection, kind: str) -> set[str]:
    query = (
        select(schema.people.c.province_code)
        .select_from(schema.people.join(ENROLMENTS).join(schema.cohorts))
        .where(schema.cohorts.c.kind == kind, ENROLMENTS.c.role == "student")
        .distinct()
    )
    return set(connection.execute(query).scalars())


def test_the_tables_hold_exactly_the_reported_figures(any_site: Site) -> None:
    fill_years(any_site, reported.REPORTED, 1)
    fill_survey(any_site, "club-2023", 1)
    with reading(any_site) as connection:
        assert _count(connection, "ambassador", (2022, 2023)) == (175, 60, 49)
        assert _count(connection, "club", (2022,))[:2] == (133, 75)
        assert _count(connection, "club", (2023,))[:2] == (181, 105)
        assert _count(connection, "club", (2022, 2023)) == (314, 180, 110)
        assert _clubs(connection, "club-2022") == {
            ("02", "in_person"), ("06", "in_person"),
            ("08", "online"), ("17", "online"), ("18", "online"),
        }  # fmt: skip
        modes = [mode for _, mode in _clubs(connection, "club-2023")]
        assert (modes.count("in_person"), modes.count("online")) == (3, 4)
        assert _provinces(connection, "ambassador") == set(reported.AMBASSADORS_FROM)
        assert _provinces(connection, "club") == set(reported.MEMBERS_FROM)
        reached = select(func.count(distinct(APPLICATIONS.c.province_code)))
        assert connection.execute(reached).scalar() == reported.PROVINCES_REACHED
        assert _group_sizes(connection) == [15, 15, 15, 15]
        assert _shares_of_yes(connection) == {
            "recommend": 87.5, "barrier_place": 60, "barrier_not_allowed": 45,
            "barrier_no_support": 5, "technology_hard": 30,
        }  # fmt: skip


def _clubs(connection: Connection, programme: str) -> set[tuple[str, str]]:
    query = (
        select(schema.clubs.c.province_code, schema.clubs.c.mode)
        .join_from(schema.clubs, schema.programmes)
        .where(schema.programmes.c.name == programme)
    )
    return {(row.province_code, row.mode) for row in connection.execute(query)}


def _group_sizes(connection: Connection) -> list[int]:
    query = (
        select(func.count())
        .select_from(schema.group_members.join(schema.groups).join(schema.cohorts))
        .where(schema.cohorts.c.kind == "ambassador")
        .group_by(schema.groups.c.id)
    )
    return list(connection.execute(query).scalars())


def _shares_of_yes(connection: Connection) -> dict[str, float]:
    answers = schema.survey_answers
    yes = func.sum(func.length(answers.c.answer) - 2)  # yes is one letter longer than no
    query = select(answers.c.question, 100 * yes, func.count()).group_by(answers.c.question)
    return {question: float(points) / n for question, points, n in connection.execute(query)}


def test_a_year_that_is_there_already_is_refused_and_left_alone(site: Site) -> None:
    fill_years(site, reported.REPORTED, 1)
    with reading(site) as connection:
        first = connection.execute(select(schema.people.c.name_latin)).all()
    with pytest.raises(RefusedError, match="ambassador-2022 already"):
        fill_years(site, reported.REPORTED, 1)
    with reading(site) as connection:
        assert connection.execute(select(schema.people.c.name_latin)).all() == first


def test_every_club_is_led_by_a_graduate_and_three_members_came_back(site: Site) -> None:
    fill_years(site, reported.REPORTED, 2)
    with reading(site) as connection:
        leaders = set(connection.execute(select(schema.clubs.c.leader_id)).scalars())
        graduates = select(ENROLMENTS.c.person_id).join_from(ENROLMENTS, schema.decisions)
        graduated = set(
            connection.execute(graduates.where(schema.decisions.c.outcome == "graduated")).scalars()
        )
        twice = (
            select(ENROLMENTS.c.person_id)
            .where(ENROLMENTS.c.role == "student")
            .group_by(ENROLMENTS.c.person_id)
            .having(func.count() > 1)
        )
        assert len(leaders) == 12
        assert leaders <= graduated
        assert len(connection.execute(twice).all()) == 3


BROKEN = {
    "a minor without a guardian": "UPDATE applications SET minor = true, guardian_name = NULL",
    "a minor whose guardian has a phone and no name": "UPDATE applications SET minor = true,"
    " guardian_phone = '+85512345678', guardian_name = NULL",
    "a club refused for no reason": "UPDATE clubs SET status = 'refused', cohort_id = NULL,"
    " reason = NULL",
    "a declined application without a reason": "UPDATE applications SET reasons = NULL,"
    " decided_by = NULL WHERE status = 'declined'",
    "a minor who consents herself": "UPDATE consents SET of_minor = true, given_as = 'self'",
    "one reader in both seats": "UPDATE readings SET reader = 'reader-1'",
    "a third reader": "UPDATE readings SET seat = 3",
    "a group of another cohort": "UPDATE group_members SET cohort_id = cohort_id + 1",
    "a district of another province": "UPDATE people SET district_code = '9901'",
    "a running club without a cohort": "UPDATE clubs SET cohort_id = NULL",
    "a club without a safeguarding adult": "UPDATE clubs SET safeguarding_adult = ''",
    "a club without a place": "UPDATE clubs SET place = ''",
    "a group that meets nowhere": "UPDATE groups SET mode = 'in_person', place = NULL",
    "an answer without its sheet": "UPDATE survey_answers SET response = 'sokha'",
    "a certificate that is valid twice": "INSERT INTO certificates (number, enrolment_id,"
    " issued_on, issued_by, payload, signature) SELECT 'n' || d.id, e.id, '2022-05-01', 'office',"
    " '', '' FROM decisions d, (SELECT min(id) AS id FROM enrolments) e",
    "a certificate taken back for no reason": "INSERT INTO certificates (number, enrolment_id,"
    " issued_on, issued_by, payload, signature, revoked_at) SELECT 'n' || id, id, '2022-05-01',"
    " 'office', '', '', '2022-06-01' FROM enrolments",
}


def test_the_database_itself_refuses(any_site: Site) -> None:
    fill_years(any_site, reported.REPORTED, 1)
    fill_survey(any_site, "club-2023", 1)
    for what, statement in BROKEN.items():
        with pytest.raises(IntegrityError), writing(any_site) as connection:
            assert connection.execute(text(statement)).rowcount == 0, what
