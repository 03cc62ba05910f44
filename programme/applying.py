"""Applying: a form becomes a draft, then one application, however often it is sent.

The empty form comes with a private link. Draft, application and status are found under it and under
nothing else; only its hash is kept. The database refuses a second application of the same name,
birth date and phone, whichever link it comes by.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from programme import admission, course
from programme.admission import Rules
from programme.course import Both
from programme.messages import message
from programme.people import NAME_LENGTH, district_names, province_names
from programme.roster import COHORT_NAME
from programme.schema import applications, consents, drafts, programmes
from programme.site import Site
from programme.store import RefusedError, reading, writing
from programme.written import name_key, parse_date, parse_phone, plain

ADULT_AGE = 18
SCHOOL_KINDS = ("public", "private", "university", "ngo", "out_of_school")
WISHES = ("online", "in_person", "either")
FIELDS = (
    "name_km", "name_latin", "birth_date", "phone", "province_code", "district_code", "school_kind",
    "wish", "consent", "guardian_name", "guardian_phone", "guardian_consent",
)  # fmt: skip
LONGEST_FIELD = 5000
Fields = Mapping[str, str]


class FormError(RefusedError):
    """The form can't be taken as it is. `problems`: field → the text that says why."""

    def __init__(self, problems: Mapping[str, Both]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{at}: {why.en}" for at, why in problems.items()))


class DoubleError(RefusedError):
    """There is an application of the same name, birth date and phone under another link."""

    def __init__(self) -> None:
        super().__init__(message("apply.double").en)


@dataclass(frozen=True)
class Call:
    """A programme that can be applied for, and whether it can be today."""

    id: int
    name: str
    kind: str
    closes_on: date
    open: bool


@dataclass(frozen=True)
class Found:
    """What is under a private link: a draft's fields (status None), or an application's status.

    `number` is what the application is called where names are not shown, and in the lottery.
    """

    status: str | None
    fields: Fields
    submitted_at: datetime | None = None
    number: int = 0
    enrolled: bool = False


def new_link() -> str:
    """An unguessable last part for an address: 192 bits."""
    return secrets.token_urlsafe(24)


def add_programme(site: Site, name: str, kind: str, opens_on: date, closes_on: date) -> None:
    """Open a programme for applications. May be run twice; raises RefusedError for other facts."""
    if not COHORT_NAME.fullmatch(name):
        raise RefusedError(f"{name!r}: a programme's name is 2 to 40 of a-z, 0-9, -")
    facts = {"name": name, "kind": kind, "opens_on": opens_on, "closes_on": closes_on}
    columns = [programmes.c[column] for column in facts]
    try:
        with writing(site) as connection:
            row = connection.execute(select(*columns).where(programmes.c.name == name)).first()
            if row is None:
                connection.execute(insert(programmes), facts)
            elif tuple(row) != tuple(facts.values()):
                raise RefusedError(f"There is a programme {name} already, with other facts: {row}")
    except IntegrityError as error:
        raise RefusedError(f"{name}: {error.orig}") from error


def programme_names(site: Site) -> list[str]:
    """All programmes, the latest first."""
    with reading(site) as connection:
        order = (programmes.c.opens_on.desc(), programmes.c.name)
        return list(connection.execute(select(programmes.c.name).order_by(*order)).scalars())


def open_calls(site: Site, today: date) -> list[Call]:
    """What can be applied for today, by when it closes."""
    query = select(programmes).where(
        programmes.c.opens_on <= today, programmes.c.closes_on >= today
    )
    with reading(site) as connection:
        rows = connection.execute(query.order_by(programmes.c.closes_on, programmes.c.name))
        return [Call(row.id, row.name, row.kind, row.closes_on, open=True) for row in rows]


def find_call(site: Site, name: str, today: date) -> Call:
    """The programme of this name. Raises RefusedError when there is none."""
    with reading(site) as connection:
        return _call(connection, name, today)


def _call(connection: Connection, name: str, today: date) -> Call:
    row = connection.execute(select(programmes).where(programmes.c.name == name)).first()
    if row is None:
        raise RefusedError(f"There is no programme {name!r} to apply for.")
    is_open = row.opens_on <= today <= row.closes_on
    return Call(row.id, row.name, row.kind, row.closes_on, is_open)


def find(site: Site, programme: str, link: str) -> Found | None:
    """What is kept under this link; None when nothing is."""
    with reading(site) as connection:
        number = _call(connection, programme, date.min).id
        row = connection.execute(_under(applications, number, link)).first()
        if row is not None:
            return Found(row.status, {}, row.submitted_at, row.id, row.person_id is not None)
        draft = connection.execute(_under(drafts, number, link)).first()
    return None if draft is None else Found(None, draft.fields)


def save_draft(site: Site, programme: str, link: str, fields: Fields, at: datetime) -> None:
    """Keep an unfinished form under its link, and drop drafts that are too old."""
    rules, today = admission.read(site.course), _today(site, at)
    kept = {name: text[:LONGEST_FIELD] for name, text in fields.items() if name in _names(rules)}
    with writing(site) as connection:
        call = _open_call(connection, programme, today)
        if connection.execute(_under(applications, call.id, link)).first():
            return
        oldest = at - timedelta(days=rules.draft_days)
        connection.execute(delete(drafts).where(drafts.c.saved_at < oldest))
        connection.execute(delete(drafts).where(drafts.c.link_hash == hash_link(link)))
        row = {"programme_id": call.id, "link_hash": hash_link(link), "fields": kept}
        connection.execute(insert(drafts), {**row, "saved_at": at})


def apply(
    site: Site, programme: str, link: str, fields: Fields, language: str, at: datetime
) -> bool:
    """Take the application; False when the same form had arrived before.

    Raises FormError (field by field), DoubleError, or RefusedError when it is closed.
    """
    rules, today = admission.read(site.course), _today(site, at)
    row, problems = check(fields, rules, today)
    try:
        with writing(site) as connection:
            call = _open_call(connection, programme, today)
            if connection.execute(_under(applications, call.id, link)).first():
                return False
            if problems:
                raise FormError(problems)
            row |= {"programme_id": call.id, "link_hash": hash_link(link), "language": language}
            number = connection.execute(
                insert(applications).returning(applications.c.id), {**row, "submitted_at": at}
            ).scalar_one()
            connection.execute(insert(consents), consent(number, row, language, at))
            connection.execute(delete(drafts).where(drafts.c.link_hash == hash_link(link)))
    except IntegrityError as error:
        raise DoubleError from error
    return True


def take_back(site: Site, programme: str, link: str, at: datetime) -> None:
    """She takes her application back by her private link. May be run twice.

    Raises RefusedError when nothing was sent under the link, and when she is enrolled by it: a link
    that somebody finds must not end a girl's course.
    """
    with writing(site) as connection:
        number = _call(connection, programme, date.min).id
        row = connection.execute(_under(applications, number, link)).first()
        if row is None:
            raise RefusedError("There is no application under this link.")
        if row.person_id is not None:
            raise RefusedError(message("apply.enrolled").en)
        if row.status != "withdrawn":
            connection.execute(
                update(applications)
                .where(applications.c.id == row.id)
                .values(status="withdrawn", decided_at=at, reasons=[{"id": "apply.took_back"}])
            )


def check(fields: Fields, rules: Rules, today: date) -> tuple[dict[str, Any], dict[str, Both]]:
    """The form as a row, and what is not right with it: field → a text. Pure."""
    text = {name: plain(fields.get(name, "")) for name in _names(rules)}
    born, phone = parse_date(text["birth_date"]), parse_phone(text["phone"])
    age = age_on(born, today) if born else None
    minor = age is not None and age < ADULT_AGE
    guardian_phone = parse_phone(text["guardian_phone"])
    answers = {question.id: text[f"answer-{question.id}"] for question in rules.questions}
    holds = {
        "name_latin": len(text["name_latin"] + text["name_km"]) > 0
        and max(map(len, (text["name_latin"], text["name_km"]))) <= NAME_LENGTH
        and all(c.isprintable() for c in text["name_latin"] + text["name_km"]),
        "birth_date": age is not None and rules.youngest <= age <= rules.oldest,
        "phone": phone is not None,
        "province_code": text["province_code"] in province_names(),
        "district_code": text["district_code"] in ("", *_districts(text["province_code"])),
        "school_kind": text["school_kind"] in SCHOOL_KINDS,
        "wish": text["wish"] in WISHES,
        "consent": text["consent"] == "yes",
        "guardian_name": not minor
        or (0 < len(text["guardian_name"]) <= NAME_LENGTH and text["guardian_name"].isprintable()),
        "guardian_phone": not minor or guardian_phone is not None,
        "guardian_consent": not minor or text["guardian_consent"] == "yes",
    } | {
        f"answer-{question.id}": 0 < len(answers[question.id]) <= question.longest
        for question in rules.questions
    }
    ages = {"youngest": rules.youngest, "oldest": rules.oldest}
    problems = {
        name: message(f"apply.problem.{name.split('-', maxsplit=1)[0]}", **ages)
        for name in holds
        if not holds[name]
    }
    row = {
        "name_km": text["name_km"], "name_latin": text["name_latin"],
        "name_key": name_key(text["name_latin"], text["name_km"]), "birth_date": born,
        "minor": minor, "phone": phone, "province_code": text["province_code"],
        "district_code": text["district_code"] or None, "school_kind": text["school_kind"],
        "wish": text["wish"], "answers": answers,
        "guardian_name": text["guardian_name"] if minor else None,
        "guardian_phone": guardian_phone if minor else None,
    }  # fmt: skip
    return row, problems


def _districts(province: str) -> Collection[str]:
    return district_names(province) if province in province_names() else ()


def age_on(born: date, today: date) -> int:
    """Whole years old."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def hash_link(link: str) -> str:
    """What is kept of a link: it is random, so a plain hash can't be searched through."""
    return hashlib.sha256(link.encode()).hexdigest()


def _names(rules: Rules) -> list[str]:
    return [*FIELDS, *(f"answer-{question.id}" for question in rules.questions)]


def _under(table: Any, programme_id: int, link: str) -> Any:
    mine = table.c.programme_id == programme_id
    return select(table).where(mine, table.c.link_hash == hash_link(link))


def _open_call(connection: Connection, programme: str, today: date) -> Call:
    call = _call(connection, programme, today)
    if not call.open:
        raise RefusedError(f"{programme} can't be applied for on {today}.")
    return call


def consent(number: int, row: Mapping[str, Any], language: str, at: datetime) -> dict[str, Any]:
    """What she, or a minor's guardian, agreed to, as a row of consents."""
    wording = "apply.guardian_consent" if row["minor"] else "apply.consent"
    return {
        "application_id": number,
        "purpose": "data",
        "of_minor": row["minor"],
        "given_as": "guardian" if row["minor"] else "self",
        "given_by": row["guardian_name"] or row["name_latin"] or row["name_km"],
        "wording": message(wording).in_language(language),
        "given_at": at,
    }


def _today(site: Site, at: datetime) -> date:
    return course.read(site.course).schedule.local_date(at)
