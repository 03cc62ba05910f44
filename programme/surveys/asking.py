"""Opening a survey, and taking one sheet of answers: who has answered is kept apart from what.

A sheet and its ticket are written in one transaction, and the sheet's key is random. There is no
time in either row. Until a survey closes nobody reads its answers: see `results`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from programme.schema import (
    cohorts,
    enrolments,
    people,
    programmes,
    survey_answers,
    survey_tickets,
    surveys,
)
from programme.site import Site
from programme.store import RefusedError, reading, writing
from programme.surveys import plan
from programme.surveys.plan import MOMENTS, Moment, Question, questions_from_json


@dataclass(frozen=True)
class Survey:
    """A survey of one programme."""

    id: int
    name: str
    programme: str
    programme_id: int
    moment: Moment
    questions: tuple[Question, ...]
    opens_on: date
    closes_on: date

    def is_open(self, today: date) -> bool:
        """Whether it can be answered."""
        return self.opens_on <= today <= self.closes_on


def open_survey(
    site: Site, programme: str, moment: str, opens_on: date, closes_on: date, *, dry_run: bool
) -> str:
    """Open the survey of a programme for a moment of the plan; returns its name.

    Raises RefusedError when there is no such programme or moment, or the survey is there already.
    """
    planned = next((one for one in MOMENTS if one == moment), None)
    found = plan.read(site.course).surveys.get(planned) if planned else None
    if found is None:
        raise RefusedError(f"surveys.toml asks nothing {moment!r}. Known: {', '.join(MOMENTS)}.")
    name = f"{programme}-{moment}"
    with reading(site) if dry_run else writing(site) as connection:
        query = select(programmes.c.id).where(programmes.c.name == programme)
        programme_id = connection.execute(query).scalar()
        if programme_id is None:
            raise RefusedError(f"There is no programme {programme!r}; `soc call` adds one.")
        if connection.execute(select(surveys.c.id).where(surveys.c.name == name)).first():
            raise RefusedError(f"There is a survey {name} already; nothing was changed.")
        if closes_on < opens_on:
            raise RefusedError(f"{name} would close on {closes_on}, before it opens.")
        row = {
            "name": name, "programme_id": programme_id, "moment": moment, "opens_on": opens_on,
            "closes_on": closes_on, "questions": [one.as_json() for one in found.questions],
        }  # fmt: skip
        if not dry_run:
            connection.execute(insert(surveys), row)
    return name


def all_surveys(connection: Connection) -> list[Survey]:
    """Every survey, by when it closes."""
    query = (
        select(surveys, programmes.c.name.label("programme"))
        .join_from(surveys, programmes)
        .order_by(surveys.c.closes_on, surveys.c.id)
    )
    return [_survey(row) for row in connection.execute(query).mappings()]


def for_student(site: Site, username: str, today: date) -> list[tuple[Survey, bool]]:
    """The surveys that are open for her, each with whether she has answered it."""
    with reading(site) as connection:
        mine = _seats(connection, username)
        tickets = set(
            connection.execute(
                select(survey_tickets.c.survey_id).where(
                    survey_tickets.c.enrolment_id.in_(mine.values())
                )
            ).scalars()
        )
        return [
            (survey, survey.id in tickets)
            for survey in all_surveys(connection)
            if survey.is_open(today) and survey.programme_id in mine
        ]


def answer(site: Site, username: str, name: str, answers: Mapping[str, str], today: date) -> None:
    """Keep her sheet, apart from her name. What is no answer to a question is left out.

    Raises RefusedError when the survey is not open for her, or she has answered it already.
    """
    with writing(site) as connection:
        survey = next((one for one in all_surveys(connection) if one.name == name), None)
        seat = _seats(connection, username).get(survey.programme_id) if survey else None
        if survey is None or seat is None or not survey.is_open(today):
            raise RefusedError(f"The survey {name!r} is not open for you.")
        if not add_sheet(connection, survey, seat, answers):
            raise RefusedError(f"You have answered {name} already. Thank you!")


def add_sheet(
    connection: Connection, survey: Survey, enrolment_id: int, answers: Mapping[str, Any]
) -> bool:
    """Write the ticket and the sheet; False, and nothing written, when the ticket is there."""
    given = {question.id: answers.get(question.id) for question in survey.questions}
    known = {question.id: {one.id for one in question.choices} for question in survey.questions}
    ticket = {"survey_id": survey.id, "enrolment_id": enrolment_id}
    try:
        with connection.begin_nested():
            connection.execute(insert(survey_tickets), ticket)
    except IntegrityError:
        return False
    response = secrets.token_hex(16)
    rows = [
        {"survey_id": survey.id, "response": response, "question": name, "answer": value}
        for name, value in given.items()
        if isinstance(value, str) and value in known[name]
    ]
    if rows:
        connection.execute(insert(survey_answers), rows)
    return True


def _seats(connection: Connection, username: str) -> dict[int, int]:
    """Programme → her seat in it as a student."""
    query = (
        select(cohorts.c.programme_id, enrolments.c.id)
        .join_from(enrolments, people)
        .join(cohorts)
        .where(
            people.c.username == username,
            enrolments.c.role == "student",
            cohorts.c.programme_id.is_not(None),
        )
    )
    return {row.programme_id: row.id for row in connection.execute(query)}


def _survey(row: RowMapping) -> Survey:
    facts = {name: row[name] for name in Survey.__dataclass_fields__}
    return Survey(**{**facts, "questions": questions_from_json(row["questions"])})
