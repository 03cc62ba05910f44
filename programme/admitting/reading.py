"""Reading: two people give points for an application without seeing whose it is.

A reader sees answers and criteria, never names, phones, school or place, and never what another
reader gave. When the two are too far apart, whoever has not read it yet reads it as a third.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from programme import admission
from programme.admission import Criterion, Question
from programme.admitting.blind import blind
from programme.admitting.places import find_programme
from programme.admitting.score import Score, score
from programme.schema import applications, enrolments, people, programmes, readers, readings
from programme.site import Site
from programme.store import RefusedError, reading, writing


@dataclass(frozen=True)
class Sheet:
    """One application as a reader sees it. `left`: how many wait for her, this one included."""

    number: int
    answers: tuple[tuple[Question, str], ...]
    criteria: tuple[Criterion, ...]
    third: bool
    left: int


@dataclass(frozen=True)
class ReadingState:
    """How far a programme is read: state → how many; reader → how many she has read."""

    states: Mapping[str, int]
    by_reader: Mapping[str, int]
    named: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether every application has its points."""
        return all(state == "read" or not count for state, count in self.states.items())


def name_reader(site: Site, programme: str, username: str, by: str, at: datetime) -> None:
    """Let an instructor read the programme's applications. Staff may anyway. May be run twice."""
    with writing(site) as connection:
        programme_id = find_programme(connection, programme)
        if username in _named(connection, programme_id):
            return
        if not _teaches(connection, username):
            raise RefusedError(f"{username!r} is no instructor of a cohort, so she can't read.")
        row = {
            "programme_id": programme_id,
            "person_id": select(people.c.id).where(people.c.username == username).scalar_subquery(),
            "named_by": by,
            "named_at": at,
        }
        connection.execute(insert(readers).values(row))


def drop_reader(site: Site, programme: str, username: str) -> None:
    """Let her read no more; the points she gave stay. May be run twice."""
    with writing(site) as connection:
        person = select(people.c.id).where(people.c.username == username).scalar_subquery()
        programme_id = find_programme(connection, programme)
        connection.execute(
            delete(readers).where(
                readers.c.programme_id == programme_id, readers.c.person_id == person
            )
        )


def programmes_to_read(site: Site, username: str) -> list[str]:
    """The programmes that she was named for and may still read: she has to teach."""
    with reading(site) as connection:
        if not _teaches(connection, username):
            return []
        return list(
            connection.execute(
                select(programmes.c.name)
                .join_from(readers, programmes)
                .join(people, people.c.id == readers.c.person_id)
                .where(people.c.username == username)
                .order_by(programmes.c.name)
            ).scalars()
        )


def next_sheet(site: Site, programme: str, reader: str) -> Sheet | None:
    """The next application for this reader; None when there is none left for her.

    Those that one has read come first, so that something is finished; else each reader has an order
    of her own, so that two who begin together don't read the same.
    """
    rules = admission.read(site.course)
    with reading(site) as connection:
        programme_id = find_programme(connection, programme)
        scores = _scores(connection, programme_id, rules.far_apart)
        mine = _read_by(connection, programme_id, reader)
        open_ = [n for n, one in scores.items() if one.state != "read" and n not in mine]
        if not open_:
            return None
        number = min(open_, key=lambda n: (scores[n].state == "unread", _shuffle(reader, n)))
        row = connection.execute(select(applications).where(applications.c.id == number)).one()
    names = [row.name_km, row.name_latin, row.guardian_name or ""]
    answers = tuple(
        (question, blind(str(row.answers.get(question.id, "")), names))
        for question in rules.questions
    )
    third = scores[number].state == "far_apart"
    return Sheet(number, answers, rules.criteria, third, len(open_))


def give(
    site: Site, programme: str, number: int, reader: str, points: Mapping[str, int], at: datetime
) -> Score:
    """Keep a reader's points, criterion → points; returns how far the application is read now.

    The same sent twice is kept once. Raises RefusedError when a criterion is missing or out of its
    range, when she gave other points before, or when the application needs no reader any more.
    """
    rules = admission.read(site.course)
    given = _checked(points, rules.criteria)
    try:
        with writing(site) as connection:
            programme_id = find_programme(connection, programme)
            before = _scores(connection, programme_id, rules.far_apart).get(number)
            kept = _kept(connection, number, reader)
            if before is None:
                raise RefusedError(f"There is no application {number} to read in {programme}.")
            if kept == given:
                return before
            if kept is not None:
                raise RefusedError(f"You have read number {number} already; points stay.")
            if before.state == "read":
                raise RefusedError(f"Others have read number {number} meanwhile. Take the next.")
            seats = ("unread", "read_once", "far_apart")
            row = {
                "application_id": number, "seat": 1 + seats.index(before.state), "reader": reader,
                "points": given, "total": sum(given.values()), "read_at": at,
            }  # fmt: skip
            connection.execute(insert(readings), row)
            return _scores(connection, programme_id, rules.far_apart)[number]
    except IntegrityError as error:
        raise RefusedError(f"Others have read number {number} meanwhile. Take the next.") from error


def reading_state(site: Site, programme: str) -> ReadingState:
    """How far the programme's applications are read, by whom, and who is named."""
    rules = admission.read(site.course)
    with reading(site) as connection:
        programme_id = find_programme(connection, programme)
        states = Counter(
            one.state for one in _scores(connection, programme_id, rules.far_apart).values()
        )
        by_reader = connection.execute(
            select(readings.c.reader, func.count())
            .join_from(readings, applications)
            .where(applications.c.programme_id == programme_id)
            .group_by(readings.c.reader)
            .order_by(readings.c.reader)
        )
        return ReadingState(
            {state: states[state] for state in ("unread", "read_once", "far_apart", "read")},
            {row[0]: row[1] for row in by_reader},
            tuple(sorted(_named(connection, programme_id))),
        )


def scores_of(connection: Connection, programme_id: int, far_apart: int) -> dict[int, Score]:
    """Application → its score, of all that are not withdrawn."""
    query = (
        select(applications.c.id, readings.c.total)
        .outerjoin_from(applications, readings, readings.c.application_id == applications.c.id)
        .where(applications.c.programme_id == programme_id, applications.c.status != "withdrawn")
        .order_by(applications.c.id, readings.c.seat)
    )
    totals: dict[int, list[int]] = {}
    for number, total in connection.execute(query):
        totals.setdefault(number, []).extend([] if total is None else [total])
    return {number: score(given, far_apart) for number, given in totals.items()}


def _scores(connection: Connection, programme_id: int, far_apart: int) -> dict[int, Score]:
    """The same, of those that are to be decided."""
    received = set(
        connection.execute(
            select(applications.c.id).where(
                applications.c.programme_id == programme_id, applications.c.status == "received"
            )
        ).scalars()
    )
    all_ = scores_of(connection, programme_id, far_apart)
    return {number: one for number, one in all_.items() if number in received}


def _checked(points: Mapping[str, int], criteria: tuple[Criterion, ...]) -> dict[str, int]:
    for criterion in criteria:
        given = points.get(criterion.id)
        if given is None or not 0 <= given <= criterion.most:
            raise RefusedError(
                f"Nothing was kept: give 0 to {criterion.most} points for each question, "
                f"{criterion.text.en!r} too."
            )
    unknown = sorted(set(points) - {criterion.id for criterion in criteria})
    if unknown:
        raise RefusedError(f"Nothing was kept: no criteria are called {', '.join(unknown)}.")
    return {criterion.id: points[criterion.id] for criterion in criteria}


def _kept(connection: Connection, number: int, reader: str) -> dict[str, int] | None:
    mine = (readings.c.application_id == number) & (readings.c.reader == reader)
    return connection.execute(select(readings.c.points).where(mine)).scalar_one_or_none()


def _read_by(connection: Connection, programme_id: int, reader: str) -> set[int]:
    query = (
        select(readings.c.application_id)
        .join_from(readings, applications)
        .where(applications.c.programme_id == programme_id, readings.c.reader == reader)
    )
    return set(connection.execute(query).scalars())


def _named(connection: Connection, programme_id: int) -> list[str]:
    query = (
        select(people.c.username)
        .join_from(readers, people)
        .where(readers.c.programme_id == programme_id)
    )
    return list(connection.execute(query).scalars())


def _teaches(connection: Connection, username: str) -> bool:
    query = (
        select(enrolments.c.id)
        .join_from(enrolments, people)
        .where(
            people.c.username == username,
            enrolments.c.role == "instructor",
            enrolments.c.status == "active",
        )
    )
    return connection.execute(query).first() is not None


def _shuffle(reader: str, number: int) -> str:
    return hashlib.sha256(f"{reader} {number}".encode()).hexdigest()
