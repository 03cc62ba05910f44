"""The groups of a programme with their places, and who sits there already, in the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, func, insert, select, update

from programme.admitting.group import Group
from programme.people import province_names
from programme.roster import MODES, find_cohort
from programme.schema import cohorts, enrolments, group_members, groups, programmes
from programme.site import Site
from programme.store import RefusedError, reading, writing

MOST_PLACES = 1000
LONGEST_NAME, LONGEST_PLACE = 40, 120


def find_programme(connection: Connection, name: str) -> int:
    """The programme's id. Raises RefusedError that names those that are known."""
    number = connection.execute(
        select(programmes.c.id).where(programmes.c.name == name)
    ).scalar_one_or_none()
    if number is None:
        known = connection.execute(select(programmes.c.name).order_by(programmes.c.name)).scalars()
        raise RefusedError(
            f"There is no programme {name!r}. Known: {', '.join(known) or 'none; see `soc call`'}."
        )
    return int(number)


def set_group(
    site: Site,
    programme: str,
    cohort: str,
    name: str,
    mode: str,
    places: int,
    place: str = "",
    provinces: Collection[str] = (),
) -> None:
    """Give a cohort of the programme a group with so many places, or change the one it has.

    The cohort becomes the programme's. Raises RefusedError: for a cohort of another programme, for
    fewer places than there are members, for a mode that members did not choose.
    """
    name, place = name.strip(), place.strip()
    unknown = sorted(set(provinces) - set(province_names()))
    _check(0 < len(name) <= LONGEST_NAME, "a group needs a name of up to 40 letters")
    _check(mode in MODES, f"{mode!r} is no way of teaching. Known: {', '.join(MODES)}")
    _check(mode == "online" or place, "a group that meets in person needs a place")
    _check(len(place) <= LONGEST_PLACE, "a place has up to 120 letters")
    _check(0 <= places <= MOST_PLACES, f"a group has from 0 to {MOST_PLACES} places")
    _check(not unknown, f"no provinces: {', '.join(unknown)}; give codes from 01 to 25")
    facts = {
        "mode": mode, "places": places, "place": place or None,
        "provinces": sorted(provinces) or None,
    }  # fmt: skip
    with writing(site) as connection:
        programme_id = find_programme(connection, programme)
        found = find_cohort(connection, cohort)
        _check(found.programme_id in (None, programme_id), f"{cohort} belongs to another programme")
        connection.execute(
            update(cohorts).where(cohorts.c.id == found.id).values(programme_id=programme_id)
        )
        mine = (groups.c.cohort_id == found.id) & (groups.c.name == name)
        row = connection.execute(select(groups).where(mine)).first()
        if row is None:
            connection.execute(insert(groups).values(cohort_id=found.id, name=name, **facts))
            return
        members = members_of(connection, programme_id).get(row.id, 0)
        _check(places >= members, f"{name} of {cohort} has {members} members already")
        _check(mode == row.mode or not members, f"{name} of {cohort} has members already")
        connection.execute(update(groups).where(groups.c.id == row.id).values(facts))


def programme_groups(connection: Connection, programme_id: int) -> list[Group]:
    """The groups of the programme's cohorts, by cohort and name."""
    rows = connection.execute(
        select(groups, cohorts.c.name.label("cohort"))
        .join_from(groups, cohorts)
        .where(cohorts.c.programme_id == programme_id)
        .order_by(cohorts.c.name, groups.c.name)
    )
    return [
        Group(
            row.id, row.cohort, row.name, row.mode, row.places, row.place or "",
            frozenset(row.provinces or ()),
        )
        for row in rows
    ]  # fmt: skip


def members_of(
    connection: Connection, programme_id: int, without: Collection[int] = ()
) -> dict[int, int]:
    """Group → how many sit in it and have not left; `without`: persons who are not counted."""
    query = (
        select(group_members.c.group_id, func.count())
        .join_from(group_members, enrolments, group_members.c.enrolment_id == enrolments.c.id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(cohorts.c.programme_id == programme_id, enrolments.c.status == "active")
        .where(enrolments.c.person_id.not_in(without))
        .group_by(group_members.c.group_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def free_places(groups_: Collection[Group], members: dict[int, int]) -> list[Group]:
    """The same groups with the places that are left in them."""
    return [
        replace(group, places=max(0, group.places - members.get(group.id, 0))) for group in groups_
    ]


def list_groups(site: Site, programme: str) -> list[tuple[Group, int]]:
    """The programme's groups, and how many sit in each."""
    with reading(site) as connection:
        programme_id = find_programme(connection, programme)
        members = members_of(connection, programme_id)
        return [
            (group, members.get(group.id, 0))
            for group in programme_groups(connection, programme_id)
        ]


def _check(holds: object, problem: str) -> None:
    if not holds:
        raise RefusedError(f"Nothing was changed: {problem}.")
