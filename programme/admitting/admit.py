"""Admitting: what the rules would do is shown, then confirmed by somebody, then kept with reasons.

Those who hold a place keep it; who waits stays on the list; only what is open is decided. So the
same step admits at first, and later lets the waiting list move up when a place is free.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select, update

from programme import admission
from programme.admission import Rules
from programme.admitting.group import Group, within_reach
from programme.admitting.places import find_programme, free_places, members_of, programme_groups
from programme.admitting.reading import scores_of
from programme.admitting.score import Score
from programme.admitting.selection import Candidate, Choice, Holder
from programme.admitting.selection import select as choose
from programme.admitting.why import Why
from programme.schema import (
    applications,
    cohorts,
    enrolments,
    group_members,
    people,
    programmes,
)
from programme.site import Site
from programme.store import RefusedError, reading, writing

LONGEST_REASON = 1000


@dataclass(frozen=True)
class Line:
    """One application in the preview: the choice beside what it rests on; no name."""

    choice: Choice
    province: str
    school_kind: str
    wish: str
    before: str


@dataclass(frozen=True)
class Preview:
    """What confirming would do. `digest` names exactly this; `unread` ones can't be decided yet."""

    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    held: int
    unread: int
    seed: str
    digest: str

    @property
    def places(self) -> int:
        """Places of all groups."""
        return sum(group.places for group in self.groups)

    @property
    def totals(self) -> Mapping[str, int]:
        """Status → how many."""
        count = Counter(line.choice.status for line in self.lines)
        return {status: count[status] for status in ("accepted", "waiting", "declined")}

    @property
    def shares(self) -> Mapping[str, Mapping[str, int]]:
        """Of the accepted: province → how many, and so on for school and wish."""
        taken = [line for line in self.lines if line.choice.status == "accepted"]
        return {
            "province": dict(sorted(Counter(line.province for line in taken).items())),
            "school": dict(sorted(Counter(line.school_kind for line in taken).items())),
            "wish": dict(sorted(Counter(line.wish for line in taken).items())),
        }


@dataclass(frozen=True)
class Applied:
    """One application with its name, for staff, once it is decided or withdrawn."""

    number: int
    name_km: str
    name_latin: str
    phone: str
    province: str
    wish: str
    status: str
    reasons: tuple[Why, ...]
    decided_by: str | None
    decided_at: datetime | None
    username: str | None


def preview(site: Site, programme: str) -> Preview:
    """What the rules say today. Writes nothing."""
    with reading(site) as connection:
        return _preview(connection, admission.read(site.course), programme)


def confirm(site: Site, programme: str, digest: str, by: str, at: datetime) -> Preview:
    """Write down what the preview of this digest shows, by whom, when and why.

    Raises RefusedError when something is not read yet, or when the preview would be another now: a
    reading or a withdrawal came between.
    """
    with writing(site) as connection:
        shown = _preview(connection, admission.read(site.course), programme)
        if shown.unread:
            raise RefusedError(
                f"{shown.unread} applications are not read to the end. Nothing was decided."
            )
        if shown.digest != digest:
            raise RefusedError(
                "Something changed since this was shown to you. Nothing was decided: look again."
            )
        _write(connection, shown.lines, by, at)
    return shown


def withdraw(site: Site, programme: str, number: int, by: str, reason: str, at: datetime) -> None:
    """Take an application back, with the reason; her place is free then. May be run twice.

    Who is enrolled by it already is withdrawn from her cohort, too; her marks stay.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if len(reason) < 3:
        raise RefusedError("Nothing was changed: taking an application back needs a reason.")
    with writing(site) as connection:
        programme_id = find_programme(connection, programme)
        mine = (applications.c.id == number) & (applications.c.programme_id == programme_id)
        row = connection.execute(select(applications).where(mine)).first()
        if row is None:
            raise RefusedError(f"There is no application {number} in {programme}.")
        if row.status != "withdrawn":
            kept = [Why("admit.withdrawn", {"who": by, "reason": reason}).as_json()]
            values = {"status": "withdrawn", "decided_by": by, "decided_at": at, "reasons": kept}
            connection.execute(update(applications).where(mine).values(values))
            _leave(connection, programme_id, row.person_id, reason, at)


def _leave(
    connection: Connection, programme_id: int, person_id: int | None, reason: str, at: datetime
) -> None:
    """Withdraw her from the programme's cohorts, if she is in one."""
    theirs = select(cohorts.c.id).where(cohorts.c.programme_id == programme_id)
    today = at.date()
    connection.execute(
        update(enrolments)
        .where(
            enrolments.c.person_id == person_id,
            enrolments.c.cohort_id.in_(theirs),
            enrolments.c.status == "active",
        )
        .values(
            status="withdrawn",
            withdrawn_reason=reason,
            withdrawn_on=case(
                (enrolments.c.enrolled_on > today, enrolments.c.enrolled_on), else_=today
            ),
        )
    )


def decided(site: Site, programme: str) -> list[Applied]:
    """Everybody about whom something is decided: accepted, waiting, declined, withdrawn."""
    order = {"accepted": 0, "waiting": 1, "declined": 2, "withdrawn": 3}
    with reading(site) as connection:
        rows = connection.execute(
            select(applications, people.c.username)
            .outerjoin_from(applications, people, people.c.id == applications.c.person_id)
            .where(applications.c.programme_id == find_programme(connection, programme))
            .where(applications.c.status != "received")
        ).all()
    found = [
        Applied(
            row.id, row.name_km, row.name_latin, row.phone, row.province_code, row.wish, row.status,
            tuple(why for kept in row.reasons or () if (why := Why.from_json(kept))),
            row.decided_by, row.decided_at, row.username,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (order[one.status], waiting_place(one), one.number))


def waiting_place(one: Applied) -> int:
    """Her number on the waiting list; 0 for who is not on it."""
    places = [why.fields["place"] for why in one.reasons if why.id == "admit.waiting"]
    return int(places[0]) if places and one.status == "waiting" else 0


def seed_of(connection: Connection, programme_id: int) -> str:
    """The lottery's seed: the programme and its first day, known before anybody applies."""
    row = connection.execute(select(programmes).where(programmes.c.id == programme_id)).one()
    return f"{row.name} {row.opens_on}"


def accepted_seats(connection: Connection, programme_id: int) -> list[Row[Any]]:
    """The accepted applications whose girls have not left, with `group_id` once there is one."""
    mine = (
        select(enrolments.c.id, enrolments.c.person_id, enrolments.c.status)
        .join_from(enrolments, cohorts)
        .where(cohorts.c.programme_id == programme_id, enrolments.c.role == "student")
        .subquery()
    )
    query = (
        select(applications, group_members.c.group_id, mine.c.id.label("enrolment_id"))
        .outerjoin_from(applications, mine, mine.c.person_id == applications.c.person_id)
        .outerjoin(group_members, group_members.c.enrolment_id == mine.c.id)
        .where(applications.c.programme_id == programme_id, applications.c.status == "accepted")
        .where(mine.c.status.is_(None) | (mine.c.status == "active"))
        .order_by(applications.c.id)
    )
    return list(connection.execute(query))


def took_other(reasons: Iterable[Mapping[str, object]] | None) -> bool:
    """Whether she was given a place that is not as she wished."""
    return any(kept.get("id") == "admit.other" for kept in reasons or ())


def _preview(connection: Connection, rules: Rules, programme: str) -> Preview:
    programme_id = find_programme(connection, programme)
    groups = programme_groups(connection, programme_id)
    scores = scores_of(connection, programme_id, rules.far_apart)
    rows = {
        row.id: row
        for row in connection.execute(
            select(applications).where(
                applications.c.programme_id == programme_id,
                applications.c.status.in_(("received", "waiting")),
            )
        )
    }
    read = {n: points for n in rows if (points := scores[n].points) is not None}
    holders = _holders(connection, programme_id, groups)
    others = members_of(connection, programme_id, {person for person, _ in holders if person})
    seed = seed_of(connection, programme_id)
    choices = choose(
        [_candidate(rows[number], points) for number, points in read.items()],
        free_places(groups, others), rules, seed, [holder for _, holder in holders],
    )  # fmt: skip
    lines = tuple(_line(choice, rows[choice.number], scores[choice.number]) for choice in choices)
    unread = len(rows) - len(lines)
    return Preview(lines, tuple(groups), len(holders), unread, seed, _digest(lines))


def _holders(
    connection: Connection, programme_id: int, groups: list[Group]
) -> list[tuple[int | None, Holder]]:
    holders = []
    for row in accepted_seats(connection, programme_id):
        wish = None if took_other(row.reasons) else row.wish
        near = within_reach(groups, row.province_code, wish)
        seats = near if row.group_id is None else frozenset({row.group_id})
        holder = Holder(row.id, row.province_code, row.school_kind, seats)
        holders.append((row.person_id, holder))
    return holders


def _candidate(row: Row[Any], points: Fraction) -> Candidate:
    waits = row.status == "waiting"
    return Candidate(row.id, points, row.province_code, row.school_kind, row.wish, waits)


def _line(choice: Choice, row: Row[Any], read: Score) -> Line:
    if read.third:
        first, *others = choice.reasons
        reasons = (first, Why("admit.third", {"apart": read.apart}), *others)
        choice = Choice(choice.number, choice.status, choice.rank, reasons)
    return Line(choice, row.province_code, row.school_kind, row.wish, row.status)


def _digest(lines: Iterable[Line]) -> str:
    shown = [(one.choice.number, one.choice.status, one.before) for one in lines]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _write(connection: Connection, lines: Iterable[Line], by: str, at: datetime) -> None:
    values = [
        {
            "number": line.choice.number, "status": line.choice.status, "decided_by": by,
            "decided_at": at, "reasons": [why.as_json() for why in line.choice.reasons],
        }
        for line in lines
    ]  # fmt: skip
    if values:
        statement = update(applications).where(applications.c.id == bindparam("number"))
        connection.execute(statement, values)
