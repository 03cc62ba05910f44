"""Clubs: proposed by a graduate, approved or refused by staff, led by her.

A club that is approved has a cohort of its own, and its leader an instructor's seat there: by that
she sees her club's roster, attendance and gradebook, and nobody else's. Its nbgrader folder is made
by whoever runs `soc`. Every step may be sent twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from programme.applying import FormError
from programme.course import Both
from programme.messages import message
from programme.people import NAME_LENGTH, province_names
from programme.roster import COHORT_NAME, MODES, insert_cohort
from programme.schema import clubs, cohorts, enrolments, people, programmes
from programme.site import Site
from programme.standing import has_graduated
from programme.store import RefusedError, reading, writing
from programme.taught import of_kind
from programme.written import parse_phone, plain

LONGEST_PLAN = 4000
FIELDS = ("name", "programme", "mode", "province_code", "place", "plan", "safeguarding_adult",
          "safeguarding_phone")  # fmt: skip


@dataclass(frozen=True)
class Club:
    """One club or proposal; `cohort` from the approval on. `programme` is a year's call."""

    id: int
    name: str
    programme: str
    leader: str
    leader_name: str
    cohort: str | None
    mode: str
    province_code: str
    place: str
    plan: str
    safeguarding_adult: str
    safeguarding_phone: str
    status: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


def may_propose(site: Site, username: str) -> bool:
    """Whether she is a graduate of an Ambassador cohort."""
    with reading(site) as connection:
        return _is_graduate(connection, username)


def open_years(site: Site, today: date) -> list[str]:
    """The calls of clubs that are not over: what a club can be proposed for."""
    query = select(programmes.c.name).where(
        programmes.c.kind == "club", programmes.c.closes_on >= today
    )
    with reading(site) as connection:
        return list(connection.execute(query.order_by(programmes.c.opens_on)).scalars())


def check(fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Both]]:
    """The form as a row, and what is not right with it: field → why. Pure."""
    text = {name: plain(fields.get(name, "")) for name in FIELDS}
    name = re.sub(r"[\s_]+", "-", text["name"].lower())
    phone = parse_phone(text["safeguarding_phone"])
    holds = {
        "name": bool(COHORT_NAME.fullmatch(name)),
        "mode": text["mode"] in MODES,
        "province_code": text["province_code"] in province_names(),
        "place": 0 < len(text["place"]) <= NAME_LENGTH,
        "plan": 0 < len(text["plan"]) <= LONGEST_PLAN,
        "safeguarding_adult": 0 < len(text["safeguarding_adult"]) <= NAME_LENGTH,
        "safeguarding_phone": phone is not None,
    }
    problems = {
        field: message(f"club.problem.{field}") for field, well in holds.items() if not well
    }
    row = {**text, "name": name, "safeguarding_phone": phone}
    return row, problems


def propose(site: Site, username: str, fields: Mapping[str, str], at: datetime) -> str:
    """Write a graduate's proposal down; returns the club's name. The same one again is the same.

    Raises FormError field by field; RefusedError for who is no graduate, a year that is not there,
    a name that is taken, or a second proposal of hers for the same year.
    """
    row, problems = check(fields)
    if problems:
        raise FormError(problems)
    programme = row.pop("programme")
    try:
        with writing(site) as connection:
            if not _is_graduate(connection, username):
                raise RefusedError("a club is proposed by who has graduated as an Ambassador")
            kept = connection.execute(_query().where(clubs.c.name == row["name"])).mappings()
            known = kept.first()
            if known and known["leader"] == username and known["status"] == "proposed":
                return str(row["name"])
            ids = {
                "programme_id": select(programmes.c.id).where(
                    programmes.c.name == programme, programmes.c.kind == "club"
                ),
                "leader_id": select(people.c.id).where(people.c.username == username),
            }
            found = {n: connection.execute(q).scalar_one_or_none() for n, q in ids.items()}
            if found["programme_id"] is None:
                raise RefusedError(f"There is no year of clubs {programme!r} to propose one for.")
            connection.execute(insert(clubs).values(**row, **found, proposed_at=at))
    except IntegrityError as error:
        raise RefusedError(
            f"The name {row['name']} is taken, or a club of hers is there for {programme} already."
        ) from error
    return str(row["name"])


def approve(site: Site, name: str, starts_on: date, by: str, at: datetime) -> Club:
    """Make the club's cohort and its leader's seat, all or nothing; returns the club.

    Raises RefusedError when it was refused, or its name is a cohort's already.
    """
    plan = of_kind(site.course, "club")
    try:
        with writing(site) as connection:
            club = _find(connection, name, lock=True)
            if club.status == "approved":
                return club
            if club.status != "proposed":
                raise RefusedError(f"{name} is {club.status}: propose it anew.")
            row = connection.execute(select(clubs).where(clubs.c.id == club.id)).one()
            facts = {"name": name, "kind": "club", "mode": club.mode, "starts_on": starts_on,
                     "programme_id": row.programme_id}  # fmt: skip
            cohort_id = insert_cohort(connection, plan, facts)
            seat = {"person_id": row.leader_id, "cohort_id": cohort_id, "role": "instructor"}
            connection.execute(insert(enrolments).values(**seat, enrolled_on=starts_on))
            _decided(connection, club, "approved", by, at, cohort_id=cohort_id)
            return _find(connection, name)
    except IntegrityError as error:
        raise RefusedError(
            f"There is a cohort {name} already; she has to choose a name."
        ) from error


def refuse(site: Site, name: str, reason: str, by: str, at: datetime) -> None:
    """Refuse a proposal, with a reason that she reads. Raises RefusedError without one."""
    with writing(site) as connection:
        club = _find(connection, name, lock=True)
        if club.status == "refused":
            return
        if club.status != "proposed":
            raise RefusedError(f"{name} is {club.status} already.")
        _decided(connection, club, "refused", by, at, reason=_reason(reason))


def close(site: Site, name: str, reason: str, by: str, at: datetime) -> None:
    """End a club that runs; what was marked in it stays. Raises RefusedError without a reason."""
    with writing(site) as connection:
        club = _find(connection, name, lock=True)
        if club.status == "closed":
            return
        if club.status != "approved":
            raise RefusedError(f"{name} is {club.status}: only one that runs is closed.")
        _decided(connection, club, "closed", by, at, reason=_reason(reason))


def find(site: Site, name: str) -> Club:
    """The club of this name. Raises RefusedError."""
    with reading(site) as connection:
        return _find(connection, name)


def listed(site: Site, status: str, province: str = "", most: int = 100) -> tuple[list[Club], int]:
    """Clubs of one status, and of a province if it is named, newest first; how many in all."""
    wanted = [clubs.c.status == status] + ([clubs.c.province_code == province] if province else [])
    with reading(site) as connection:
        rows = connection.execute(
            _query().where(*wanted).order_by(clubs.c.proposed_at.desc(), clubs.c.name).limit(most)
        )
        total = connection.execute(select(func.count()).select_from(clubs).where(*wanted))
        return [Club(**row) for row in rows.mappings()], total.scalar_one()


def led_by(site: Site, username: str) -> list[Club]:
    """Her clubs and proposals, the newest first."""
    with reading(site) as connection:
        rows = connection.execute(
            _query().where(people.c.username == username).order_by(clubs.c.id.desc())
        )
        return [Club(**row) for row in rows.mappings()]


def without_folder(site: Site, there: Sequence[str]) -> list[tuple[str, date, str]]:
    """Clubs that run and have no cohort folder: name, first day, mode. `there` are folders."""
    query = (
        select(cohorts.c.name, cohorts.c.starts_on, cohorts.c.mode)
        .join_from(clubs, cohorts)
        .where(clubs.c.status == "approved")
    )
    with reading(site) as connection:
        return [(n, day, mode) for n, day, mode in connection.execute(query) if n not in there]


def _is_graduate(connection: Connection, username: str) -> bool:
    person = connection.execute(select(people.c.id).where(people.c.username == username)).scalar()
    return person is not None and has_graduated(connection, person, "ambassador")


def _decided(
    connection: Connection, club: Club, status: str, by: str, at: datetime, **more: object
) -> None:
    row = {"status": status, "decided_by": by, "decided_at": at, **more}
    connection.execute(update(clubs).where(clubs.c.id == club.id).values(row))


def _reason(text: str) -> str:
    if len(text.strip()) < 3:
        raise RefusedError("write a reason that she can understand")
    return text.strip()


def _find(connection: Connection, name: str, *, lock: bool = False) -> Club:
    if lock:
        connection.execute(select(clubs.c.id).where(clubs.c.name == name).with_for_update())
    row = connection.execute(_query().where(clubs.c.name == name)).mappings().first()
    if row is None:
        raise RefusedError(f"There is no club {name!r}.")
    return Club(**row)


def _query() -> Any:
    hidden = ("programme_id", "leader_id", "cohort_id")
    return (
        select(
            *(column for column in clubs.c if column.name not in hidden),
            programmes.c.name.label("programme"),
            people.c.username.label("leader"),
            people.c.name_latin.label("leader_name"),
            cohorts.c.name.label("cohort"),
        )
        .select_from(clubs)
        .join(programmes, programmes.c.id == clubs.c.programme_id)
        .join(people, people.c.id == clubs.c.leader_id)
        .outerjoin(cohorts, cohorts.c.id == clubs.c.cohort_id)
    )
