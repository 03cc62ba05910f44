"""Who belongs to which cohort, as what: people, cohorts, enrolments.

Every function may be run twice: what is already so stays so. What would contradict what is
written (a username of somebody else, a withdrawn student) is refused, and nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, cast

from sqlalchemy import Connection, RowMapping, insert, select, update

from programme.course import Course
from programme.people import Person, person_problems
from programme.schema import cohorts, enrolments, people, sessions
from programme.site import Site
from programme.store import RefusedError, reading, writing
from programme.taught import of_kind

Role = Literal["student", "instructor", "staff"]
ROLES: tuple[Role, ...] = ("student", "instructor", "staff")
KINDS = ("ambassador", "club")
MODES = ("online", "in_person")
COHORT_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True)
class Member:
    """Somebody who may log in, and as what. `cohort` is None for staff: they see all cohorts."""

    username: str
    name: str
    role: Role
    cohort: str | None


@dataclass(frozen=True)
class CohortRow:
    """A cohort as the programme knows it; its folder is `Site.cohort(name)`."""

    id: int
    name: str
    kind: str
    mode: str
    starts_on: date
    programme_id: int | None = None


@dataclass(frozen=True)
class Enrolment:
    """One person in one cohort, withdrawn ones too."""

    id: int
    person: Person
    role: Role
    status: Literal["active", "withdrawn"]
    enrolled_on: date
    withdrawn_on: date | None
    withdrawn_reason: str | None


def members(site: Site, username: str | None = None) -> list[Member]:
    """Everybody who is enrolled and not withdrawn, by cohort, role and username; or one of them."""
    query = (
        select(people.c.username, people.c.name_latin, enrolments.c.role, cohorts.c.name)
        .select_from(enrolments.join(people).outerjoin(cohorts))
        .where(enrolments.c.status == "active")
        .order_by(cohorts.c.name.nulls_first(), enrolments.c.role, people.c.username)
    )
    if username is not None:
        query = query.where(people.c.username == username)
    with reading(site) as connection:
        rows = connection.execute(query).all()
    return [
        Member(username, name, cast(Role, role), cohort) for username, name, role, cohort in rows
    ]


def enrolled(site: Site, cohort: str, role: Role = "student") -> list[Enrolment]:
    """The enrolments of one role in a cohort, withdrawn ones too, by username."""
    with reading(site) as connection:
        found = find_cohort(connection, cohort)
        rows = connection.execute(
            select(people, enrolments, people.c.id.label("person"))
            .join_from(enrolments, people)
            .where(enrolments.c.cohort_id == found.id, enrolments.c.role == role)
            .order_by(people.c.username)
        ).mappings()
        return [_enrolment(row) for row in rows]


def known_cohorts(site: Site) -> list[CohortRow]:
    """All cohorts, the latest first."""
    with reading(site) as connection:
        rows = connection.execute(
            select(cohorts).order_by(cohorts.c.starts_on.desc(), cohorts.c.name)
        )
        return [CohortRow(**row) for row in rows.mappings()]


def find_cohort(connection: Connection, name: str) -> CohortRow:
    """The cohort's row. Raises RefusedError that names the cohorts that are known."""
    row = connection.execute(select(cohorts).where(cohorts.c.name == name)).mappings().first()
    if row is None:
        known = connection.execute(select(cohorts.c.name).order_by(cohorts.c.name)).scalars().all()
        raise RefusedError(
            f"There is no cohort {name!r} in the programme's database. "
            f"Known: {', '.join(known) or 'none yet'}."
        )
    return CohortRow(**row)


def find_enrolments(
    connection: Connection, cohort: str, role: Role | None = "student"
) -> dict[str, int]:
    """Username → id of the enrolment, of all who are or were in the cohort in this role, or any."""
    query = (
        select(people.c.username, enrolments.c.id)
        .join_from(enrolments, people)
        .where(enrolments.c.cohort_id == find_cohort(connection, cohort).id)
    )
    if role is not None:
        query = query.where(enrolments.c.role == role)
    return {row.username: row.id for row in connection.execute(query)}


def find_enrolment(
    connection: Connection, username: str, cohort: str, role: Role | None = "student"
) -> int:
    """The id of the enrolment of `username` in `cohort`. Raises RefusedError."""
    number = find_enrolments(connection, cohort, role).get(username)
    if number is None:
        who = "enrolled in" if role is None else f"enrolled as {role} in"
        raise RefusedError(f"{username!r} is not {who} {cohort}.")
    return number


def add_cohort(
    site: Site, name: str, starts_on: date, *, kind: str = "ambassador", mode: str = "online"
) -> CohortRow:
    """Add a cohort and its sessions, dated by the schedule in course.toml.

    The cohort's nbgrader folder is made elsewhere. Raises RefusedError when the name is taken by a
    cohort with other facts.
    """
    _check(COHORT_NAME.fullmatch(name), f"{name!r}: a cohort's name is 2 to 40 of a-z, 0-9, -")
    _check(kind in KINDS, f"{kind!r} is no kind of programme. Known: {', '.join(KINDS)}")
    _check(mode in MODES, f"{mode!r} is no way of teaching. Known: {', '.join(MODES)}")
    plan = of_kind(site.course, kind)
    facts = {"name": name, "kind": kind, "mode": mode, "starts_on": starts_on}
    with writing(site) as connection:
        row = connection.execute(select(cohorts).where(cohorts.c.name == name)).mappings().first()
        if row is not None:
            known = CohortRow(**row)
            same = {**asdict(known), **facts} == asdict(known)
            _check(same, f"There is a cohort {name} already, with other facts: {known}")
            return known
        insert_cohort(connection, plan, facts)
        return find_cohort(connection, name)


def insert_cohort(connection: Connection, plan: Course, facts: Mapping[str, Any]) -> int:
    """A new cohort with these columns, and its sessions as the course plans them; its id."""
    cohort_id = int(
        connection.execute(insert(cohorts).values(facts).returning(cohorts.c.id)).scalar_one()
    )
    days = [
        {
            "cohort_id": cohort_id,
            "number": n,
            "held_on": plan.schedule.session_date(facts["starts_on"], n),
        }
        for n in range(1, plan.sessions + 1)
    ]
    connection.execute(insert(sessions), days)
    return cohort_id


def enrol(
    site: Site,
    people_: Sequence[Person],
    cohort: str | None,
    role: Role = "student",
    *,
    on: date,
) -> int:
    """Enrol people, all or nobody; returns how many were not enrolled before.

    `cohort` is None for staff and only for staff. Raises RefusedError that names everybody who
    can't be enrolled, and why.
    """
    _check(role in ROLES, f"{role!r} is no role. Known: {', '.join(ROLES)}")
    _check((role == "staff") == (cohort is None), "staff belong to no cohort, all others to one")
    problems = []
    new = 0
    with writing(site) as connection:
        cohort_id = None if cohort is None else find_cohort(connection, cohort).id
        for person in people_:
            try:
                new += enrol_one(connection, person, cohort_id, role, on)
            except RefusedError as error:
                problems.append(str(error))
        if problems:
            raise RefusedError("Nobody was enrolled:\n" + "\n".join(problems))
    return new


def enrol_one(
    connection: Connection, person: Person, cohort_id: int | None, role: Role, on: date
) -> bool:
    """Enrol one person in an open transaction; True when she was not enrolled before."""
    for problem in person_problems(person):
        raise RefusedError(f"{person.username}: {problem}")
    person_id = _ensure_person(connection, person)
    row = (
        connection.execute(
            select(enrolments).where(
                enrolments.c.person_id == person_id,
                enrolments.c.cohort_id.is_not_distinct_from(cohort_id),
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        connection.execute(
            insert(enrolments).values(
                person_id=person_id, cohort_id=cohort_id, role=role, enrolled_on=on
            )
        )
        return True
    if row["status"] == "withdrawn":
        raise RefusedError(
            f"{person.username}: was withdrawn on {row['withdrawn_on']} ({row['withdrawn_reason']})"
        )
    if row["role"] != role:
        raise RefusedError(
            f"{person.username}: is enrolled as {row['role']} already, not as {role}"
        )
    return False


def withdraw(site: Site, username: str, cohort: str, reason: str, *, on: date) -> None:
    """Withdraw somebody from a cohort, with the reason; her marks stay. May be run twice."""
    _check(reason.strip(), "a withdrawal needs a reason")
    with writing(site) as connection:
        number = find_enrolment(connection, username, cohort, role=None)
        row = connection.execute(
            select(enrolments.c.status, enrolments.c.enrolled_on).where(enrolments.c.id == number)
        ).one()
        if row.status == "withdrawn":
            return
        _check(on >= row.enrolled_on, f"{username} was enrolled on {row.enrolled_on}, after {on}")
        connection.execute(
            update(enrolments)
            .where(enrolments.c.id == number)
            .values(status="withdrawn", withdrawn_on=on, withdrawn_reason=reason.strip())
        )


def _ensure_person(connection: Connection, person: Person) -> int:
    row = (
        connection.execute(select(people).where(people.c.username == person.username))
        .mappings()
        .first()
    )
    if row is None:
        return int(
            connection.execute(
                insert(people).values(asdict(person)).returning(people.c.id)
            ).scalar_one()
        )
    if person != Person(**{key: row[key] for key in asdict(person)}):
        raise RefusedError(
            f"{person.username}: belongs to somebody with other facts already "
            f"({row['name_latin']}, {row['birth_year']}); choose another username"
        )
    return int(row["id"])


def _enrolment(row: RowMapping) -> Enrolment:
    return Enrolment(
        id=row[enrolments.c.id],
        person=Person(
            row["username"],
            row["name_latin"],
            row["name_km"],
            row["birth_year"],
            row["province_code"],
        ),
        role=row["role"],
        status=row["status"],
        enrolled_on=row["enrolled_on"],
        withdrawn_on=row["withdrawn_on"],
        withdrawn_reason=row["withdrawn_reason"],
    )


def _check(holds: object, problem: str) -> None:
    if not holds:
        raise RefusedError(problem)
