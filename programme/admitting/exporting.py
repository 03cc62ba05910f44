"""All applications of a programme as a table, with headers that the import knows again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from programme import admission
from programme.admitting.admit import Applied, decided, waiting_place
from programme.admitting.places import find_programme
from programme.admitting.reading import scores_of
from programme.admitting.score import Score
from programme.export import Cell, Table
from programme.people import district_names, province_names
from programme.schema import applications
from programme.site import Site
from programme.store import reading


def applications_table(site: Site, programme: str) -> Table:
    """A row an application, by number. Personal data of minors: for staff alone."""
    rules = admission.read(site.course)
    done = {one.number: one for one in decided(site, programme)}
    with reading(site) as connection:
        programme_id = find_programme(connection, programme)
        scores = scores_of(connection, programme_id, rules.far_apart)
        rows = connection.execute(
            select(applications)
            .where(applications.c.programme_id == programme_id)
            .order_by(applications.c.id)
        ).all()
    questions = [question.id for question in rules.questions]
    header = (
        "number", "name_km", "name_latin", "birth_date", "phone", "province", "district",
        "school_kind", "wish", "language", *questions, "consent", "guardian_name",
        "guardian_phone", "guardian_consent", "sent", "status", "waiting list", "points",
        "third reading", "reasons", "decided by",
    )  # fmt: skip

    def make_rows() -> Iterator[tuple[Cell, ...]]:
        for row in rows:
            yield (*_asked(row, questions), *_found(row, done.get(row.id), scores.get(row.id)))

    return Table("applications", header, make_rows)


def _asked(row: Any, questions: list[str]) -> tuple[Cell, ...]:
    province = province_names().get(row.province_code, (row.province_code,))[0]
    districts = district_names(row.province_code) if row.district_code else {}
    return (
        row.id, row.name_km, row.name_latin, row.birth_date, _spoken(row.phone), province,
        districts.get(row.district_code or "", ("",))[0], row.school_kind, row.wish, row.language,
        *(str(row.answers.get(question, "")) for question in questions),
        "yes", row.guardian_name, _spoken(row.guardian_phone), "yes" if row.minor else None,
        row.submitted_at.date(),
    )  # fmt: skip


def _found(row: Any, one: Applied | None, read: Score | None) -> tuple[Cell, ...]:
    points = read.points if read else None
    return (
        row.status,
        (waiting_place(one) or None) if one else None,
        None if points is None else float(points),
        "yes" if read and read.third else None,
        " ".join(why.text.en for why in one.reasons) if one else None,
        row.decided_by,
    )


def _spoken(phone: str | None) -> str | None:
    """012 345 678: a spreadsheet takes +85512345678 for a sum, and 012345678 for a number."""
    if not phone or not phone.startswith("+855"):
        return phone
    number = "0" + phone.removeprefix("+855")
    return f"{number[:3]} {number[3:6]} {number[6:]}"
