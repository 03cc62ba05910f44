"""What a report counts, in a handful of queries, however many students there are.

A programme counts in the period in which its first cohort starts (before it has one: in which its
applications close), with all its applications and cohorts. A cohort of no programme counts by its
own first day. So of two periods that follow one another none counts what the other does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Subquery, case, func, or_, select

from programme import course
from programme.report import Period
from programme.schema import (
    applications,
    clubs,
    cohorts,
    decisions,
    enrolments,
    group_members,
    groups,
    people,
    programmes,
)
from programme.site import Site
from programme.standing import standing_outcomes
from programme.store import reading
from programme.surveys import plan
from programme.surveys.results import Result, results

Kind = Literal["ambassador", "club"]
KINDS: tuple[Kind, ...] = ("ambassador", "club")
FICTIONAL = "fictional"


@dataclass
class Programme:
    """A programme of one year, or a cohort of none. Counts of applications and of seats."""

    name: str
    kind: Kind
    starts_on: date
    applied: int = 0
    accepted: int = 0
    enrolled: int = 0
    withdrawn: int = 0
    graduated: int = 0


@dataclass
class Cohort:
    """A cohort or club; `province` where a club is."""

    name: str
    programme: str
    kind: Kind
    starts_on: date
    mode: str
    province: str | None = None
    is_club: bool = False
    enrolled: int = 0
    withdrawn: int = 0
    graduated: int = 0


@dataclass
class Province:
    """What came from a province, or is there."""

    applied: int = 0
    ambassador: int = 0
    club: int = 0
    clubs: int = 0


@dataclass
class Figures:
    """All that a report shows. `groups` counts by kind and mode; `provinces` by code."""

    period: Period
    made_on: date
    programmes: list[Programme]
    cohorts: list[Cohort]
    groups: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    provinces: dict[str, Province] = field(default_factory=dict)
    surveys: list[Result] = field(default_factory=list)
    fictional: bool = False

    def total(self, kind: Kind, year: int | None = None) -> Programme:
        """The sum over the programmes of a kind, of one year or of all."""
        chosen = [
            one
            for one in self.programmes
            if one.kind == kind and year in (None, one.starts_on.year)
        ]
        made = Programme(kind, kind, self.period.first)
        for name in ("applied", "accepted", "enrolled", "withdrawn", "graduated"):
            setattr(made, name, sum(getattr(one, name) for one in chosen))
        return made

    def years(self, kind: Kind) -> list[int]:
        """The years in which programmes of a kind started."""
        return sorted({one.starts_on.year for one in self.programmes if one.kind == kind})

    def clubs(self, year: int | None = None) -> list[Cohort]:
        """The clubs that ran, of one year or of all."""
        return [one for one in self.cohorts if one.is_club and year in (None, one.starts_on.year)]

    def reached(self) -> list[str]:
        """Provinces from which somebody applied or took part."""
        return self.with_any("applied", "ambassador", "club")

    def with_any(self, *names: str) -> list[str]:
        """The codes of the provinces in which one of these is not zero."""
        return sorted(
            code
            for code, one in self.provinces.items()
            if code and any(getattr(one, name) for name in names)
        )


def read(site: Site, period: Period) -> Figures:
    """Count everything that belongs to the period, as it stands today."""
    schedule, rules = course.read(site.course).schedule, plan.read(site.course)
    today = schedule.today()
    with reading(site) as connection:
        chosen = _programmes_in(period)
        by_id = _programmes(connection, chosen)
        cohorts_by_id = _cohorts(connection, chosen, period, by_id)
        figures = Figures(period, today, [*by_id.values()], [*cohorts_by_id.values()])
        _count_applications(connection, chosen, by_id, figures)
        _count_seats(connection, chosen, period, cohorts_by_id, figures)
        _count_groups(connection, chosen, period, figures)
        figures.surveys = results(connection, today, rules.counting_days, period.first, period.last)
        figures.fictional = _any_fictional(connection, chosen)
    figures.programmes.sort(key=lambda one: (one.starts_on, one.name))
    figures.provinces = dict(sorted(figures.provinces.items()))
    return figures


def _programmes_in(period: Period) -> Subquery:
    starts_on = func.coalesce(func.min(cohorts.c.starts_on), programmes.c.closes_on)
    return (
        select(programmes.c.id, programmes.c.name, programmes.c.kind, starts_on.label("starts_on"))
        .outerjoin_from(programmes, cohorts, cohorts.c.programme_id == programmes.c.id)
        .group_by(programmes.c.id, programmes.c.name, programmes.c.kind, programmes.c.closes_on)
        .having(starts_on.between(period.first, period.last))
        .subquery("chosen")
    )


def _programmes(connection: Connection, chosen: Subquery) -> dict[int, Programme]:
    rows = connection.execute(select(chosen)).all()
    return {row.id: Programme(row.name, row.kind, _day(row.starts_on)) for row in rows}


def _day(value: date | str) -> date:
    """SQLite gives a computed date as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _is_in(chosen: Subquery, period: Period) -> ColumnElement[bool]:
    """Whether a cohort belongs to the period."""
    alone = cohorts.c.programme_id.is_(None) & cohorts.c.starts_on.between(
        period.first, period.last
    )
    return or_(cohorts.c.programme_id.in_(select(chosen.c.id)), alone)


def _cohorts(
    connection: Connection, chosen: Subquery, period: Period, known: dict[int, Programme]
) -> dict[int, Cohort]:
    query = (
        select(
            cohorts,
            clubs.c.mode.label("club_mode"),
            clubs.c.province_code,
            clubs.c.id.label("club"),
        )
        .outerjoin_from(cohorts, clubs, clubs.c.cohort_id == cohorts.c.id)
        .where(_is_in(chosen, period))
        .order_by(cohorts.c.starts_on, cohorts.c.name)
    )
    return {
        row.id: Cohort(
            row.name,
            known[row.programme_id].name if row.programme_id else "",
            row.kind,
            row.starts_on,
            row.club_mode or row.mode,
            row.province_code,
            is_club=row.kind == "club",
        )
        for row in connection.execute(query)
    }


def _count_applications(
    connection: Connection, chosen: Subquery, known: dict[int, Programme], figures: Figures
) -> None:
    accepted = func.sum(case((applications.c.status == "accepted", 1), else_=0))
    columns = applications.c.programme_id, applications.c.province_code
    query = (
        select(*columns, func.count().label("applied"), accepted.label("accepted"))
        .where(applications.c.programme_id.in_(select(chosen.c.id)))
        .group_by(*columns)
    )
    for row in connection.execute(query):
        known[row.programme_id].applied += row.applied
        known[row.programme_id].accepted += row.accepted
        _province(figures, row.province_code).applied += row.applied


def _count_seats(
    connection: Connection,
    chosen: Subquery,
    period: Period,
    known: dict[int, Cohort],
    figures: Figures,
) -> None:
    withdrawn = func.sum(case((enrolments.c.status == "withdrawn", 1), else_=0))
    columns = enrolments.c.cohort_id, people.c.province_code
    query = (
        select(*columns, func.count().label("enrolled"), withdrawn.label("withdrawn"))
        .join_from(enrolments, cohorts)
        .join(people)
        .where(enrolments.c.role == "student", _is_in(chosen, period))
        .group_by(*columns)
    )
    for row in connection.execute(query):
        cohort = known[row.cohort_id]
        cohort.enrolled += row.enrolled
        cohort.withdrawn += row.withdrawn
        province = _province(figures, row.province_code)
        setattr(province, cohort.kind, getattr(province, cohort.kind) + row.enrolled)
    for cohort_id, graduated in _graduated(connection, chosen, period):
        known[cohort_id].graduated = graduated
    _sum_up(known, figures)


def _graduated(connection: Connection, chosen: Subquery, period: Period) -> list[tuple[int, int]]:
    """Apart from the seats: to look for what stands seat by seat would be quadratic on SQLite."""
    standing = standing_outcomes()
    query = (
        select(enrolments.c.cohort_id, func.count())
        .join_from(standing, enrolments, enrolments.c.id == standing.c.enrolment_id)
        .join(cohorts)
        .where(
            standing.c.outcome == "graduated",
            enrolments.c.role == "student",
            _is_in(chosen, period),
        )
        .group_by(enrolments.c.cohort_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def _sum_up(known: dict[int, Cohort], figures: Figures) -> None:
    by_name = {one.name: one for one in figures.programmes}
    for cohort in known.values():
        programme = by_name.get(cohort.programme)
        if programme is None:  # a cohort of no programme stands for itself
            programme = Programme(cohort.name, cohort.kind, cohort.starts_on)
            figures.programmes.append(programme)
        programme.enrolled += cohort.enrolled
        programme.withdrawn += cohort.withdrawn
        programme.graduated += cohort.graduated
        if cohort.is_club:
            _province(figures, cohort.province).clubs += 1


def _count_groups(
    connection: Connection, chosen: Subquery, period: Period, figures: Figures
) -> None:
    filled = select(group_members.c.group_id)
    query = (
        select(cohorts.c.kind, groups.c.mode, func.count())
        .join_from(groups, cohorts)
        .where(_is_in(chosen, period), groups.c.id.in_(filled))
        .group_by(cohorts.c.kind, groups.c.mode)
    )
    figures.groups.update({(kind, mode): count for kind, mode, count in connection.execute(query)})


def _any_fictional(connection: Connection, chosen: Subquery) -> bool:
    made_up = (
        select(decisions.c.id)
        .join_from(decisions, enrolments)
        .join(cohorts)
        .where(
            decisions.c.policy_version == FICTIONAL,
            cohorts.c.programme_id.in_(select(chosen.c.id)),
        )
        .limit(1)
    )
    return connection.execute(made_up).first() is not None


def _province(figures: Figures, code: str | None) -> Province:
    return figures.provinces.setdefault(code or "", Province())


def band(count: int) -> str:
    """A count by province as a range: where few come from, nobody is pointed at."""
    bounds: Iterable[tuple[int, str]] = (
        (0, "0"), (4, "1–4"), (9, "5–9"), (19, "10–19"), (49, "20–49"), (199, "50–199"),
    )  # fmt: skip
    return next((text for most, text in bounds if count <= most), "200+")
