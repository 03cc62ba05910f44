"""Those who have a place become people of a cohort, in groups formed by wish and place.

All in one transaction, and it may be run as often as one likes: who is enrolled stays where she is.
Somebody who was in a club or cohort before is the same person: she is found by the application that
brought her then.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from programme.admitting.admit import accepted_seats, took_other
from programme.admitting.forming import Accepted, form
from programme.admitting.group import Group
from programme.admitting.places import find_programme, free_places, members_of, programme_groups
from programme.admitting.why import Why
from programme.people import Person
from programme.roster import enrol_one
from programme.schema import (
    applications,
    clubs,
    cohorts,
    consents,
    enrolments,
    group_members,
    people,
)
from programme.site import Site
from programme.store import RefusedError, reading, writing

LONGEST_USERNAME = 28  # a number may follow


@dataclass(frozen=True)
class Placed:
    """One girl who has her place: in which group of which cohort, from which day on.

    `unmet`: why the group is not as she wished, if it isn't. `new`: she was enrolled just now.
    """

    number: int
    username: str
    name_km: str
    name_latin: str
    language: str
    group: Group
    starts_on: date
    unmet: Why | None
    new: bool


def enrol_accepted(site: Site, programme: str, on: date, *, dry_run: bool = False) -> list[Placed]:
    """Enrol everybody who is accepted, and put her into a group; all or nobody.

    Returns all who have a place, by cohort, group and username; `dry_run` keeps nothing. Raises
    RefusedError that names the applications which fit into no group, or whose girl can't be
    enrolled.
    """
    # What is written to a connection for reading is undone at its end.
    with (reading if dry_run else writing)(site) as connection:
        programme_id = find_programme(connection, programme)
        groups = {group.id: group for group in programme_groups(connection, programme_id)}
        seats = accepted_seats(connection, programme_id)
        formed = _form(connection, programme_id, list(groups.values()), seats)
        starts = _starts(connection, programme_id)
        placed = []
        for row in seats:
            group = groups[row.group_id or formed[row.id]]
            username = _ensure_member(connection, row, group, on)
            placed.append(
                Placed(
                    row.id, username, row.name_km, row.name_latin, row.language, group,
                    starts[group.cohort], _unmet(row, group), row.group_id is None,
                )
            )  # fmt: skip
    return sorted(placed, key=lambda one: (one.group.cohort, one.group.name, one.username))


def _form(
    connection: Connection, programme_id: int, groups: Sequence[Group], seats: Sequence[Row[Any]]
) -> dict[int, int]:
    without = [row for row in seats if row.group_id is None]
    free = free_places(groups, members_of(connection, programme_id))
    formed = form(
        [
            Accepted(row.id, row.id, row.province_code, row.wish, took_other(row.reasons))
            for row in without
        ],
        free,
    )
    if formed.nowhere:
        numbers = ", ".join(map(str, formed.nowhere))
        raise RefusedError(
            f"No group has a place for the applications {numbers}: nobody was enrolled. "
            "Give a group that they can reach more places."
        )
    return dict(formed.groups)


def _starts(connection: Connection, programme_id: int) -> dict[str, date]:
    query = select(cohorts.c.name, cohorts.c.starts_on).where(
        cohorts.c.programme_id == programme_id
    )
    return {row.name: row.starts_on for row in connection.execute(query)}


def _unmet(row: Row[Any], group: Group) -> Why | None:
    if group.wished(row.wish):
        return None
    return Why("admit.other", {"wish": f"apply.wish.{row.wish}"})


def _ensure_member(connection: Connection, row: Row[Any], group: Group, on: date) -> str:
    """Make her a person, a student of the group's cohort and a member; returns her username."""
    person = _known(connection, row) or _new(connection, row)
    cohort_id = connection.execute(
        select(cohorts.c.id).where(cohorts.c.name == group.cohort)
    ).scalar_one()
    enrol_one(connection, person, cohort_id, "student", on)
    person_id = connection.execute(
        select(people.c.id).where(people.c.username == person.username)
    ).scalar_one()
    enrolment_id = connection.execute(
        select(enrolments.c.id).where(
            enrolments.c.person_id == person_id, enrolments.c.cohort_id == cohort_id
        )
    ).scalar_one()
    if row.group_id is None:
        member = {"enrolment_id": enrolment_id, "group_id": group.id, "cohort_id": cohort_id}
        connection.execute(insert(group_members), member)
        _tie(connection, row, person_id, cohort_id)
    return person.username


def _tie(connection: Connection, row: Row[Any], person_id: int, cohort_id: int) -> None:
    """Her application and what she agreed to are the person's now."""
    club = select(clubs.c.id).where(clubs.c.cohort_id == cohort_id).scalar_subquery()
    connection.execute(
        update(applications)
        .where(applications.c.id == row.id)
        .values(person_id=person_id, club_id=club)
    )
    connection.execute(
        update(consents).where(consents.c.application_id == row.id).values(person_id=person_id)
    )
    connection.execute(
        update(people)
        .where(people.c.id == person_id, people.c.province_code == row.province_code)
        .values(district_code=row.district_code)
    )


def _known(connection: Connection, row: Row[Any]) -> Person | None:
    """The person of this application, or of an earlier one of the same name, birth and phone."""
    same = (
        (applications.c.name_key == row.name_key)
        & (applications.c.birth_date == row.birth_date)
        & (applications.c.phone == row.phone)
    )
    found = connection.execute(
        select(people)
        .join_from(people, applications, applications.c.person_id == people.c.id)
        .where((applications.c.id == row.id) | same)
        .order_by(people.c.id)
    ).first()
    if found is None:
        return None
    return Person(
        found.username, found.name_latin, found.name_km, found.birth_year, found.province_code
    )


def _new(connection: Connection, row: Row[Any]) -> Person:
    return Person(
        username=_free_username(connection, row.name_latin, row.id),
        name_latin=row.name_latin or row.name_km,
        name_km=row.name_km,
        birth_year=row.birth_date.year,
        province_code=row.province_code,
    )


def _free_username(connection: Connection, name_latin: str, number: int) -> str:
    """Given name and family name, as people are called: Sok Sokha is sokha-sok, or sokha-sok-2."""
    wanted = username_from(name_latin) or f"student-{number}"
    taken = set(
        connection.execute(
            select(people.c.username).where(people.c.username.startswith(wanted, autoescape=True))
        ).scalars()
    )
    count = 1
    name = wanted
    while name in taken:
        count += 1
        name = f"{wanted}-{count}"
    return name


def username_from(name_latin: str) -> str:
    """The username that fits a name in Latin letters; empty when it has too few. Pure."""
    plain = unicodedata.normalize("NFKD", name_latin).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    name = "-".join([*words[1:], *words[:1]])[:LONGEST_USERNAME].strip("-")
    return name if len(name) > 1 else ""
