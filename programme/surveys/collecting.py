"""Answers that students gave in their notebooks, read from their homes: places that may be hostile.

Read is only what she agreed to share (`consent` is true in the file), and only after the survey has
closed: until then she can take it back. Nothing in a home is followed elsewhere, waited for, or
read beyond a size; what is not as it should be is counted and left, without a name.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from programme.schema import cohorts, enrolments, people, survey_tickets
from programme.site import Site
from programme.store import RefusedError, writing
from programme.surveys import plan
from programme.surveys.asking import add_sheet, all_surveys

FOLDERS = (".sisters-of-code", "surveys")  # as widgets/survey.py has it
LARGEST_BYTES = 64 * 1024
FILE_SCHEMA = 1


@dataclass(frozen=True)
class Collected:
    """What became of the files of one survey, counted."""

    survey: str
    taken: int
    not_shared: int
    unreadable: int
    had_answered: int
    nothing_there: int


class UnreadableError(Exception):
    """The file is not what a Survey writes: a link, a pipe, too long, no JSON, other keys."""


def collect(site: Site, name: str, today: date, *, dry_run: bool = False) -> Collected:
    """Take the shared answers of a survey; may be run twice in the days after the close.

    Raises RefusedError outside of these days: before, she may change her mind; after, results are
    shown, and a few late sheets could be told apart by subtraction.
    """
    rules = plan.read(site.course)
    with writing(site) as connection:
        survey = next((one for one in all_surveys(connection) if one.name == name), None)
        if survey is None:
            raise RefusedError(f"There is no survey {name!r}.")
        last = survey.closes_on + timedelta(days=rules.counting_days)
        if not survey.closes_on < today <= last:
            raise RefusedError(
                f"{name} closes on {survey.closes_on}; notebooks are collected from the day after "
                f"until {last}."
            )
        rows = connection.execute(
            select(people.c.username, enrolments.c.id, survey_tickets.c.survey_id)
            .join_from(enrolments, people)
            .join(cohorts)
            .outerjoin(
                survey_tickets,
                (survey_tickets.c.enrolment_id == enrolments.c.id)
                & (survey_tickets.c.survey_id == survey.id),
            )
            .where(cohorts.c.programme_id == survey.programme_id, enrolments.c.role == "student")
        ).all()
        # In which order the rows come must tell nothing.
        seats = random.SystemRandom().sample(rows, len(rows))
        counted = dict.fromkeys(("taken", *Collected.__dataclass_fields__), 0)
        for seat in seats:
            became, answers = _read(site, seat, rules.surveys[survey.moment].notebook)
            counted[became] += 1
            if became == "taken" and not dry_run:
                add_sheet(connection, survey, seat.id, answers)
    return Collected(**{**counted, "survey": name})  # type: ignore[arg-type]


def _read(site: Site, seat: Any, notebook: str) -> tuple[str, dict[str, Any]]:
    if seat.survey_id is not None:
        return "had_answered", {}
    try:
        content = read_file(site.root / "homes" / seat.username, f"{notebook}.json")
        return _check(content, notebook)
    except FileNotFoundError:
        return "nothing_there", {}
    except (UnreadableError, OSError):
        return "unreadable", {}


def _check(content: bytes, notebook: str) -> tuple[str, dict[str, Any]]:
    try:
        sheet = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error
    whole = isinstance(sheet, dict) and isinstance(sheet.get("value"), dict)
    if not whole or sheet.get("schema") != FILE_SCHEMA or sheet.get("survey") != notebook:
        raise UnreadableError
    return ("taken", sheet["value"]) if sheet.get("consent") is True else ("not_shared", {})


def read_file(home: Path, name: str) -> bytes:
    """A survey's file below a home, without following any link on the way.

    Raises FileNotFoundError when it is not there, UnreadableError or OSError when it is no plain
    file of a size that a survey can have.
    """
    with _folder(home) as place:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, dir_fd=place)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
                raise UnreadableError
            content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise UnreadableError
    return content


@contextlib.contextmanager
def _folder(home: Path) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    with contextlib.ExitStack() as opened:
        place = os.open(home, flags)
        opened.callback(os.close, place)
        for name in FOLDERS:
            place = os.open(name, flags, dir_fd=place)
            opened.callback(os.close, place)
        yield place
