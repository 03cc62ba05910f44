"""Mentors and those who want one: what they wish, that both agree, the pairs that are confirmed.

Without a consent of both there is no pair, and a consent that is taken back ends it, by the
database itself. For a minor her guardian agrees. What is proposed is in matching.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from programme import course
from programme.applying import ADULT_AGE
from programme.matching import LANGUAGES, MEETS, SIDES, Pair, Side, Wish, fits, match
from programme.schema import (
    applications,
    consents,
    mentoring_wishes,
    mentorships,
    people,
)
from programme.site import Site
from programme.standing import has_graduated
from programme.store import RefusedError, reading, writing

MOST_PLACES = 10
PURPOSE = "mentoring"


@dataclass(frozen=True)
class Mentorship:
    """A pair that was confirmed; it ended on a day, or goes on."""

    mentor: str
    mentor_name: str
    mentee: str
    mentee_name: str
    starts_on: date
    ended_on: date | None


def is_minor(site: Site, username: str, today: date) -> bool:
    """By her newest application, else by her birth year; who is of unknown age is a minor."""
    with reading(site) as connection:
        row = connection.execute(
            select(people.c.birth_year, applications.c.birth_date)
            .outerjoin(applications, applications.c.person_id == people.c.id)
            .where(people.c.username == username)
            .order_by(applications.c.submitted_at.desc())
        ).first()
    if row is None or (row.birth_date is None and row.birth_year is None):
        return True
    born = row.birth_date or date(row.birth_year, 12, 31)
    return (today.year - born.year, today.month, today.day) < (ADULT_AGE, born.month, born.day)


def offer(
    site: Site,
    username: str,
    side: Side,
    language: str,
    meets: str,
    places: int,
    agreed_by: str,
    wording: str,
    at: datetime,
) -> None:
    """Write her wish down and that she agrees; for a minor `agreed_by` is her guardian.

    A wish may be changed; a consent is given once and stands. Raises RefusedError for what nobody
    can wish, for a mentor who has not graduated, and when nobody agrees.
    """
    known = side in SIDES and language in LANGUAGES and meets in MEETS
    if not known or not 1 <= places <= MOST_PLACES:
        raise RefusedError("choose a side, a language, a way to meet, and 1 to 10 places")
    if not agreed_by.strip():
        raise RefusedError("somebody has to agree: she, or her guardian while she is under 18")
    minor = is_minor(site, username, course.read(site.course).schedule.local_date(at))
    row = {"side": side, "language": language, "meets": meets, "places": places}
    with writing(site) as connection:
        person = _person(connection, username)
        if side == "mentor" and not has_graduated(connection, person):
            raise RefusedError("a mentor is somebody who has graduated")
        connection.execute(delete(mentoring_wishes).where(mentoring_wishes.c.person_id == person))
        connection.execute(insert(mentoring_wishes).values(person_id=person, **row))
        if _consent(connection, person) is None:
            given_as = "guardian" if minor else "self"
            connection.execute(
                insert(consents).values(
                    person_id=person, purpose=PURPOSE, of_minor=minor, given_as=given_as,
                    given_by=agreed_by.strip(), wording=wording, given_at=at,
                )
            )  # fmt: skip


def take_back(site: Site, username: str, at: datetime) -> None:
    """Take her consent back, and with it her wish; her pairs end. May be run twice."""
    with writing(site) as connection:
        person = _person(connection, username)
        mine = (consents.c.person_id == person) & (consents.c.purpose == PURPOSE)
        connection.execute(
            update(consents).where(mine, consents.c.withdrawn_at.is_(None)).values(withdrawn_at=at)
        )
        connection.execute(delete(mentoring_wishes).where(mentoring_wishes.c.person_id == person))


def wishes(site: Site) -> list[Wish]:
    """Of everybody who agreed; mentees who have a mentor are left out."""
    has_one = select(mentorships.c.mentee_id).where(mentorships.c.ended_on.is_(None))
    agreed = select(consents.c.person_id).where(
        consents.c.purpose == PURPOSE, consents.c.withdrawn_at.is_(None)
    )
    query = _wish_query().where(
        people.c.id.in_(agreed),
        (mentoring_wishes.c.side == "mentor") | people.c.id.not_in(has_one),
    )
    with reading(site) as connection:
        return [Wish(**row) for row in connection.execute(query).mappings()]


def wish_of(site: Site, username: str) -> Wish | None:
    """Her own wish, None when she has none."""
    query = _wish_query().where(people.c.username == username)
    with reading(site) as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else Wish(**row)


def proposals(site: Site) -> list[Pair]:
    """The pairs that `match` proposes today."""
    taken: dict[str, int] = {}
    for pair in pairs(site):
        if pair.ended_on is None:
            taken[pair.mentor] = taken.get(pair.mentor, 0) + 1
    return match(wishes(site), taken)


def confirm(site: Site, mentor: str, mentee: str, by: str, on: date) -> None:
    """Make a pair of two who both agreed. The same pair again is the same.

    Raises RefusedError when one of them has not agreed or took it back, when they don't fit, when
    the mentor has no place left, or when the mentee has another mentor.
    """
    going = [pair for pair in pairs(site) if pair.ended_on is None]
    if any((pair.mentor, pair.mentee) == (mentor, mentee) for pair in going):
        return
    if any(pair.mentee == mentee for pair in going):
        raise RefusedError(f"{mentee} has a mentor: end that first.")
    wished = {(wish.username, wish.side): wish for wish in wishes(site)}
    two = wished.get((mentor, "mentor")), wished.get((mentee, "mentee"))
    if two[0] is None or two[1] is None or fits(two[0], two[1]) is None:
        raise RefusedError(f"{mentor} and {mentee}: both have to agree and to wish what fits.")
    if sum(pair.mentor == mentor for pair in going) >= two[0].places:
        raise RefusedError(f"{mentor} has no place left.")
    with writing(site) as connection:
        ids = [_person(connection, name) for name in (mentor, mentee)]
        agreed = [_consent(connection, number) for number in ids]
        if None in agreed:
            raise RefusedError(f"{mentor} and {mentee}: one of them took it back.")
        connection.execute(
            insert(mentorships).values(
                mentor_id=ids[0], mentee_id=ids[1], mentor_consent_id=agreed[0],
                mentee_consent_id=agreed[1], matched_by=by, starts_on=on,
            )
        )  # fmt: skip


def pairs(site: Site, username: str | None = None) -> list[Mentorship]:
    """All pairs that were confirmed, or those of one person; the newest first."""
    mentor, mentee = people.alias("mentor"), people.alias("mentee")
    query = (
        select(
            mentor.c.username, mentor.c.name_latin, mentee.c.username, mentee.c.name_latin,
            mentorships.c.starts_on, mentorships.c.ended_on,
        )
        .select_from(mentorships)
        .join(mentor, mentor.c.id == mentorships.c.mentor_id)
        .join(mentee, mentee.c.id == mentorships.c.mentee_id)
        .order_by(mentorships.c.id.desc())
    )  # fmt: skip
    if username is not None:
        query = query.where((mentor.c.username == username) | (mentee.c.username == username))
    with reading(site) as connection:
        return [Mentorship(*row) for row in connection.execute(query)]


def _wish_query() -> Any:
    return (
        select(
            people.c.username, people.c.name_latin.label("name"), people.c.province_code,
            mentoring_wishes.c.side, mentoring_wishes.c.language, mentoring_wishes.c.meets,
            mentoring_wishes.c.places,
        )
        .join_from(mentoring_wishes, people)
        .order_by(people.c.username)
    )  # fmt: skip


def _consent(connection: Connection, person: int) -> int | None:
    """The consent of hers that stands."""
    return connection.execute(
        select(consents.c.id).where(
            consents.c.person_id == person,
            consents.c.purpose == PURPOSE,
            consents.c.withdrawn_at.is_(None),
        )
    ).scalar()


def _person(connection: Connection, username: str) -> int:
    number = connection.execute(select(people.c.id).where(people.c.username == username)).scalar()
    if number is None:
        raise RefusedError(f"There is nobody called {username!r}.")
    return int(number)
