"""Whole years of the programme, filled with fictional people after plans: see reported.py.

Every row of a table is written in one statement, so that a plan of 100,000 students takes no longer
than their rows take to write. Phone numbers begin with 00, which no operator in Cambodia has.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from programme import schema
from programme.fictional import make_people
from programme.people import Person, district_names
from programme.reported import SURVEY_YES, SURVEYED, CohortPlan, ProgrammePlan
from programme.site import Site
from programme.store import RefusedError, writing

AUTHOR = "fictional"
SCHOOLS = ("public", "private", "university", "ngo", "out_of_school")
COURSE_DAYS = 105
ADULT_AGE = 18
QUESTIONS = {
    "recommend": ("Would you recommend the programme?", "តើអ្នកនឹងណែនាំកម្មវិធីនេះទេ?"),
    "barrier_place": ("Is finding a place to learn a barrier?", "តើការរកកន្លែងរៀនជាឧបសគ្គទេ?"),
    "barrier_not_allowed": ("Are girls not allowed to?", "តើក្មេងស្រីមិនត្រូវបានអនុញ្ញាតទេ?"),
    "barrier_no_support": ("Is there no support?", "តើគ្មានការគាំទ្រទេ?"),
    "technology_hard": (
        "Is technology still hard for girls?", "តើបច្ចេកវិទ្យានៅតែពិបាកសម្រាប់ក្មេងស្រីទេ?",
    ),
}  # fmt: skip


@dataclass
class _Girl:
    """Somebody who was accepted: her rows in people and enrolments, and where she is."""

    person: Person
    person_id: int
    enrolment_id: int = 0
    graduated: bool = False


@dataclass
class _World:
    """What is filled so far."""

    connection: Connection
    draw: random.Random
    seed: int
    taken: set[str]
    graduates: dict[str, list[_Girl]] = field(default_factory=dict)
    leading: set[int] = field(default_factory=set)
    phone: int = 0

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Write rows at once; returns their ids in the same order."""
        if not rows:
            return []
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(self.connection.execute(statement, rows).scalars())


def fill_years(site: Site, plans: Iterable[ProgrammePlan], seed: int) -> None:
    """Write all people, applications, clubs, enrolments and decisions of the plans, or nothing.

    Raises RefusedError when a programme of the plans is there already.
    """
    with writing(site) as connection:
        taken = set(connection.execute(select(schema.people.c.username)).scalars())
        draw = random.Random(seed)  # noqa: S311  (fictional people need no secret randomness)
        world = _World(connection, draw, seed, taken)
        for plan in plans:
            _fill_programme(world, plan)


def fill_survey(site: Site, programme: str, seed: int) -> None:
    """Write the survey's answers of the report for this programme; who answered is drawn."""
    draw = random.Random(seed)  # noqa: S311  (the same)
    with writing(site) as connection:
        enrolments, cohorts = schema.enrolments, schema.cohorts
        programme_id = connection.execute(
            select(schema.programmes.c.id).where(schema.programmes.c.name == programme)
        ).scalar_one()
        students = connection.execute(
            select(enrolments.c.id)
            .join_from(enrolments, cohorts)
            .where(cohorts.c.programme_id == programme_id, enrolments.c.role == "student")
            .order_by(enrolments.c.id)
        ).scalars()
        asked = draw.sample(students.all(), SURVEYED)
        survey_id = connection.execute(
            insert(schema.surveys).returning(schema.surveys.c.id),
            {
                "name": f"{programme}-after",
                "programme_id": programme_id,
                "moment": "after",
                "questions": [
                    {"id": name, "kind": "yes_no", "en": QUESTIONS[name][0],
                     "km": QUESTIONS[name][1]}
                    for name in SURVEY_YES
                ],
                "opens_on": date(2023, 10, 16),
                "closes_on": date(2023, 10, 31),
            },
        ).scalar_one()  # fmt: skip
        connection.execute(
            insert(schema.survey_tickets),
            [{"survey_id": survey_id, "enrolment_id": number} for number in asked],
        )
        connection.execute(insert(schema.survey_answers), list(_answers(survey_id, draw)))


def _answers(survey_id: int, draw: random.Random) -> Iterable[dict[str, Any]]:
    responses = [f"{draw.getrandbits(128):032x}" for _ in range(SURVEYED)]
    for question, yes in SURVEY_YES.items():
        said_yes = set(draw.sample(responses, yes))
        for response in responses:
            yield {
                "survey_id": survey_id,
                "response": response,
                "question": question,
                "answer": "yes" if response in said_yes else "no",
            }


def _fill_programme(world: _World, plan: ProgrammePlan) -> None:
    programmes = schema.programmes
    if world.connection.execute(select(programmes).where(programmes.c.name == plan.name)).first():
        raise RefusedError(f"There is a programme {plan.name} already; nothing was changed.")
    (programme_id,) = world.insert(
        programmes,
        [{"name": plan.name, "kind": plan.kind, "opens_on": plan.opens_on,
          "closes_on": plan.starts_on - timedelta(days=21)}],
    )  # fmt: skip
    cohort_ids = world.insert(
        schema.cohorts,
        [
            {"name": cohort.name, "kind": plan.kind, "mode": cohort.groups[0].mode,
             "starts_on": plan.starts_on, "programme_id": programme_id}
            for cohort in plan.cohorts
        ],
    )  # fmt: skip
    club_ids = _clubs(world, plan, programme_id, cohort_ids)
    girls = _accepted(world, plan)
    _applications(world, plan, programme_id, club_ids, girls)
    _enrol(world, plan, cohort_ids, girls)


def _clubs(
    world: _World, plan: ProgrammePlan, programme_id: int, cohort_ids: Sequence[int]
) -> list[int | None]:
    if plan.kind != "club":
        return [None] * len(cohort_ids)
    known = [girl for name in plan.leaders_from for girl in world.graduates.get(name, ())]
    free = [girl for girl in known if girl.person_id not in world.leading]
    leaders = [_take_leader(free, cohort) for cohort in plan.cohorts]
    world.leading |= {girl.person_id for girl in leaders}
    decided = _noon(plan.opens_on - timedelta(days=14))
    rows = [
        {
            "name": cohort.name, "programme_id": programme_id, "leader_id": leader.person_id,
            "cohort_id": cohort_id, "mode": cohort.groups[0].mode,
            "province_code": cohort.province_code, "place": cohort.groups[0].place or "online",
            "plan": "Fictional: two sessions a week, fifteen weeks.",
            "safeguarding_adult": "A Fictional Adult", "safeguarding_phone": _phone(world),
            "status": "closed", "proposed_at": decided - timedelta(days=14),
            "decided_by": AUTHOR, "decided_at": decided,
        }
        for cohort, cohort_id, leader in zip(plan.cohorts, cohort_ids, leaders, strict=True)
    ]  # fmt: skip
    seats = [
        {"person_id": leader.person_id, "cohort_id": cohort_id, "role": "instructor",
         "enrolled_on": plan.starts_on}
        for cohort_id, leader in zip(cohort_ids, leaders, strict=True)
    ]  # fmt: skip
    world.insert(schema.enrolments, seats)
    return [*world.insert(schema.clubs, rows)]


def _take_leader(free: list[_Girl], cohort: CohortPlan) -> _Girl:
    """A graduate of the club's own province if there is one left, else the next."""
    if not free:
        raise RefusedError(f"{cohort.name}: no graduate is left to lead it")
    home = (n for n, girl in enumerate(free) if girl.person.province_code == cohort.province_code)
    return free.pop(next(home, 0))


def _accepted(world: _World, plan: ProgrammePlan) -> list[_Girl]:
    places = sum(cohort.accepted for cohort in plan.cohorts)
    members = [
        girl
        for name, girls in world.graduates.items()
        if name.startswith("club")
        for girl in girls
        if girl.person.province_code in plan.provinces
    ]
    back = [_Girl(girl.person, girl.person_id) for girl in members[: plan.were_members]]
    new = make_people(
        world.draw.getrandbits(32), places - len(back), year=plan.starts_on.year,
        taken=world.taken, provinces=plan.provinces,
    )  # fmt: skip
    world.taken |= {person.username for person in new}
    rows = [
        {**asdict(person), "district_code": _district(world, person.province_code)}
        for person in new
    ]
    ids = world.insert(schema.people, rows)
    girls = back + [_Girl(person, number) for person, number in zip(new, ids, strict=True)]
    world.draw.shuffle(girls)
    return girls


def _applications(
    world: _World,
    plan: ProgrammePlan,
    programme_id: int,
    club_ids: Sequence[int | None],
    girls: Sequence[_Girl],
) -> None:
    """Those of the accepted, then of others who are declined; the accepted have more points."""
    seats = [
        club for club, cohort in zip(club_ids, plan.cohorts, strict=True)
        for _ in range(cohort.accepted)
    ]  # fmt: skip
    others = make_people(
        world.draw.getrandbits(32), plan.applied - len(girls), year=plan.starts_on.year,
        provinces=plan.applied_from,
    )  # fmt: skip
    rows = [
        _application(world, plan, programme_id, girl.person, club, girl.person_id)
        for girl, club in zip(girls, seats, strict=True)
    ]
    rows += [_application(world, plan, programme_id, person, None, None) for person in others]
    ids = world.insert(schema.applications, rows)
    totals = sorted((world.draw.randint(4, 20) for _ in ids), reverse=True)
    read_at = _noon(plan.starts_on - timedelta(days=18))
    readings = [
        {"application_id": number, "seat": seat, "reader": f"reader-{seat}",
         "points": {"motivation": total}, "total": total, "read_at": read_at}
        for number, total in zip(ids, totals, strict=True)
        for seat in (1, 2)
    ]  # fmt: skip
    world.connection.execute(insert(schema.readings), readings)
    consents = [
        {"application_id": number, "person_id": row["person_id"], "purpose": "data",
         "of_minor": row["minor"], "given_as": "guardian" if row["minor"] else "self",
         "given_by": row["guardian_name"] or row["name_latin"], "wording": "fictional",
         "given_at": row["submitted_at"]}
        for number, row in zip(ids, rows, strict=True)
    ]  # fmt: skip
    world.connection.execute(insert(schema.consents), consents)


def _application(
    world: _World,
    plan: ProgrammePlan,
    programme_id: int,
    person: Person,
    club_id: int | None,
    person_id: int | None,
) -> dict[str, Any]:
    draw, phone = world.draw, _phone(world)
    birth = date(person.birth_year or 2000, draw.randint(1, 12), draw.randint(1, 28))
    sent = plan.opens_on + timedelta(days=draw.randrange(30))
    minor = (sent.year - birth.year, sent.month, sent.day) < (ADULT_AGE, birth.month, birth.day)
    mark = hashlib.sha256(f"{world.seed} {plan.name} {phone}".encode()).hexdigest()
    decided = {"status": "accepted"} if person_id is not None else {"status": "declined"}
    return {
        **decided, "programme_id": programme_id, "club_id": club_id, "person_id": person_id,
        "link_hash": mark, "name_km": person.name_km,
        "name_latin": person.name_latin,
        "name_key": person.name_latin.casefold().replace(" ", ""), "birth_date": birth,
        "minor": minor, "phone": phone, "province_code": person.province_code,
        "district_code": _district(world, person.province_code),
        "school_kind": draw.choice(SCHOOLS), "wish": "either", "language": "km",
        "answers": {"why": "Fictional."}, "submitted_at": _noon(sent),
        "guardian_name": f"Guardian of {person.name_latin}" if minor else None,
        "guardian_phone": phone if minor else None,
        "decided_by": AUTHOR, "decided_at": _noon(plan.starts_on - timedelta(days=14)),
        "reasons": [],
    }  # fmt: skip


def _enrol(
    world: _World, plan: ProgrammePlan, cohort_ids: Sequence[int], girls: Sequence[_Girl]
) -> None:
    """Seats in the order of the cohorts, groups in turn, and what was decided at the end."""
    rows: list[dict[str, Any]] = []
    groups_of: list[int] = []
    left = iter(girls)
    ends_on = plan.starts_on + timedelta(days=COURSE_DAYS)
    for cohort, cohort_id in zip(plan.cohorts, cohort_ids, strict=True):
        groups = [
            {"cohort_id": cohort_id, "name": group.name, "mode": group.mode, "place": group.place}
            for group in cohort.groups
        ]
        group_ids = world.insert(schema.groups, groups)
        for place in range(cohort.accepted):
            girl = next(left)
            girl.graduated = place < cohort.graduated
            gone = not girl.graduated and place % 2 == 0
            rows.append(
                {"person_id": girl.person_id, "cohort_id": cohort_id, "role": "student",
                 "status": "withdrawn" if gone else "active", "enrolled_on": plan.starts_on,
                 "withdrawn_on": plan.starts_on + timedelta(days=30) if gone else None,
                 "withdrawn_reason": "Fictional: her family moved." if gone else None}
            )  # fmt: skip
            groups_of.append(group_ids[place % len(group_ids)])
    ids = world.insert(schema.enrolments, rows)
    for girl, number in zip(girls, ids, strict=True):
        girl.enrolment_id = number
    members = [
        {"enrolment_id": number, "group_id": group, "cohort_id": row["cohort_id"]}
        for number, group, row in zip(ids, groups_of, rows, strict=True)
    ]
    world.connection.execute(insert(schema.group_members), members)
    decided: list[dict[str, Any]] = [
        {"enrolment_id": number, "kind": "computed", "honours": False, "reasons": [],
         "outcome": "graduated" if girl.graduated else
                    "withdrawn" if row["status"] == "withdrawn" else "at_risk",
         "policy_version": "fictional", "author": AUTHOR, "made_at": _noon(ends_on)}
        for number, girl, row in zip(ids, girls, rows, strict=True)
    ]  # fmt: skip
    world.connection.execute(insert(schema.decisions), decided)
    world.graduates[plan.name] = [girl for girl in girls if girl.graduated]


def _district(world: _World, province: str | None) -> str:
    return world.draw.choice(sorted(district_names(province or "")))


def _phone(world: _World) -> str:
    world.phone += 1
    return f"+85500{world.phone:07}"


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
