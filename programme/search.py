"""Somebody by a part of her name, in Khmer or Latin letters, or by a whole phone number.

Each word that is asked for has to begin a word of the name. Who has applied and is nobody's account
yet is found as well. Every look-up is a stretch of an index: see schema/search.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from programme.schema import (
    application_words,
    applications,
    cohorts,
    enrolments,
    people,
    person_words,
    programmes,
)
from programme.site import Site
from programme.store import reading
from programme.written import parse_phone, plain

MOST = 50
SHORTEST, MOST_WORDS = 2, 5
_AFTER_ALL = "\U0010ffff"  # no letter comes after it


@dataclass(frozen=True)
class Found:
    """A person with her cohorts, or an application (no username) with its programme and status."""

    username: str | None
    name_latin: str
    name_km: str
    province_code: str | None
    phone: str | None = None
    places: Sequence[tuple[str, str]] = ()  # cohort and role; or programme and status


def search(site: Site, text: str, most: int = MOST) -> list[Found]:
    """People, then applications of nobody, by name, up to `most` of each; [] for too short."""
    asked = plain(text)
    phones = _phones(asked)
    words = asked.split()[:MOST_WORDS]
    if not phones and (not words or any(len(word) < SHORTEST for word in words)):
        return []
    with reading(site) as connection:
        if phones:
            hers = or_(applications.c.phone.in_(phones), applications.c.guardian_phone.in_(phones))
            owners = select(applications.c.person_id).where(hers)
            numbers = select(applications.c.id).where(hers)
            return _people(connection, people.c.id.in_(owners), most) + _applications(
                connection, applications.c.id.in_(numbers), most
            )
        known = or_(
            and_(*(people.c.id.in_(_begins(person_words, word)) for word in words)),
            people.c.username == asked.lower(),
        )
        named = and_(*(applications.c.id.in_(_begins(application_words, word)) for word in words))
        return _people(connection, known, most) + _applications(connection, named, most)


def _phones(asked: str) -> set[str]:
    """The number that is asked for, as it is written and as it is kept; empty when it is none."""
    phone = parse_phone(asked)
    return set() if phone is None else {phone, re.sub(r"[^+0-9]", "", asked)}


def _begins(words: Table, word: str) -> Select[int]:
    """Whose names have a word that begins so."""
    owner = next(column for column in words.c if column.name != "word")
    # SQLite makes small letters of A to Z alone, PostgreSQL of all.
    small = {word.lower(), "".join(c.lower() if c.isascii() else c for c in word)}
    return select(owner).where(
        or_(*(words.c.word.between(start, start + _AFTER_ALL) for start in sorted(small)))
    )


def _people(connection: Connection, wanted: ColumnElement[bool], most: int) -> list[Found]:
    rows = connection.execute(
        select(people).where(wanted).order_by(people.c.name_latin, people.c.id).limit(most)
    ).all()
    ids = [row.id for row in rows]
    places: dict[int, list[tuple[str, str]]] = {number: [] for number in ids}
    seats = (
        select(enrolments.c.person_id, cohorts.c.name, enrolments.c.role, enrolments.c.status)
        .outerjoin(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(enrolments.c.person_id.in_(ids))
        .order_by(cohorts.c.starts_on.desc())
    )
    for person, cohort, role, status in connection.execute(seats):
        places[person].append((cohort or "", role if status == "active" else status))
    phones = dict(
        connection.execute(
            select(applications.c.person_id, applications.c.phone)
            .where(applications.c.person_id.in_(ids))
            .order_by(applications.c.submitted_at)
        ).all()
    )
    return [
        Found(
            row.username, row.name_latin, row.name_km, row.province_code,
            phones.get(row.id), tuple(places[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def _applications(connection: Connection, wanted: ColumnElement[bool], most: int) -> list[Found]:
    query = (
        select(applications, programmes.c.name.label("programme"))
        .join(programmes, programmes.c.id == applications.c.programme_id)
        # Not `person_id IS NULL`: SQLite would walk through all of those by that index.
        .where(wanted, func.coalesce(applications.c.person_id, 0) == 0)
        .order_by(applications.c.name_latin, applications.c.id)
        .limit(most)
    )
    return [
        Found(
            None, row.name_latin, row.name_km, row.province_code, row.phone,
            ((row.programme, row.status),),
        )
        for row in connection.execute(query)
    ]  # fmt: skip
