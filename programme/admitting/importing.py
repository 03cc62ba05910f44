"""Applications from a spreadsheet that people really have: all of its rows, or none.

Every row that needs a look is named with its number, its column, the reason and what to write. Rows
are checked as the form is. Whoever is in the programme already, by name, birth date and phone, is
counted and left as she is, so that a longer list can be imported again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from programme import admission, applying, course
from programme.admission import Rules
from programme.admitting.columns import Header, column_letter, find_header
from programme.admitting.places import find_programme
from programme.admitting.spelling import advice, read_cells
from programme.course import Both
from programme.errors import ProgrammeError
from programme.messages import message
from programme.schema import applications, consents
from programme.site import LANGUAGES, Site
from programme.spreadsheet import SpreadsheetError, read_table
from programme.store import RefusedError, writing

MOST_SHOWN = 200


@dataclass(frozen=True)
class BadCell:
    """What is not right in one row: `column` as the spreadsheet names it, with its header."""

    row: int
    column: str
    reason: Both
    suggestion: Both | None = None

    def __str__(self) -> str:
        hint = f" {self.suggestion.en}" if self.suggestion else ""
        return f"row {self.row}, {self.column}: {self.reason.en}{hint}"


class ImportRefusedError(ProgrammeError):
    """Nothing was imported; `bad` says why, row by row."""

    def __init__(self, bad: Sequence[BadCell]) -> None:
        self.bad = sorted(bad, key=lambda cell: (cell.row, cell.column))
        lines = [f"  {cell}" for cell in self.bad[:MOST_SHOWN]]
        if len(self.bad) > MOST_SHOWN:
            lines.append(f"  … and {len(self.bad) - MOST_SHOWN} more")
        super().__init__("Nothing was imported:\n" + "\n".join(lines))


@dataclass(frozen=True)
class Imported:
    """How many rows are new, how many were here before, and which columns were not read."""

    new: int
    known: int
    unused: tuple[str, ...]


def import_applications(
    site: Site, programme: str, content: bytes, at: datetime, *, dry_run: bool = False
) -> Imported:
    """Take the applications in a CSV or XLSX file, all or none.

    `dry_run`: check all of it, write nothing. Raises SpreadsheetError when it is no table,
    ImportRefusedError with every row that needs a look, RefusedError for an unknown programme.
    """
    rules = admission.read(site.course)
    today = course.read(site.course).schedule.local_date(at)
    rows, unused = read_applications(content, rules, today)
    try:
        with writing(site) as connection:
            number = find_programme(connection, programme)
            found = connection.execute(
                select(*(applications.c[name] for name in ("name_key", "birth_date", "phone")))
                .where(applications.c.programme_id == number)
            )  # fmt: skip
            known = {tuple(row) for row in found}
            new = [row for row in rows if _who(row) not in known]
            if new and not dry_run:
                _insert(connection, number, new, at)
    except IntegrityError as error:
        raise RefusedError(
            "Nothing was imported: somebody of this list applied at the same moment. Try again."
        ) from error
    return Imported(len(new), len(rows) - len(new), unused)


def read_applications(
    content: bytes, rules: Rules, today: date
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The rows of a file as rows of the table, and the headers that were not used. Pure.

    Raises SpreadsheetError or ImportRefusedError.
    """
    sheet = read_table(content)
    header = find_header(sheet, rules)
    if not header.places:
        raise SpreadsheetError("no_header")
    if missing := header.missing(rules):
        at = sheet[header.first - 1].number
        raise ImportRefusedError([_missing(at, name, rules) for name in missing])
    rows: list[dict[str, Any]] = []
    bad: list[BadCell] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line in sheet[header.first :]:
        cells = {
            name: line.cells[place] if place < len(line.cells) else ""
            for name, place in header.places.items()
        }
        if not any(cells.values()):
            continue
        row, problems = _check(cells, rules, today)
        bad += [_bad(line.number, name, why, cells, header) for name, why in problems.items()]
        if problems:
            continue
        first = seen.setdefault(_who(row), line.number)
        if first != line.number:
            reason = message("import.twice", row=first)
            bad.append(BadCell(line.number, _where("phone", header), reason))
        rows.append(row)
    if bad:
        raise ImportRefusedError(bad)
    if not rows:
        raise SpreadsheetError("empty")
    return rows, header.unused


def _check(
    cells: Mapping[str, str], rules: Rules, today: date
) -> tuple[dict[str, Any], dict[str, Both]]:
    fields = read_cells(cells)
    row, problems = applying.check(fields, rules, today)
    wanted = fields.get("language", "")
    row["language"] = wanted if wanted in LANGUAGES else "km" if row["name_km"] else "en"
    return row, problems


def _insert(connection: Any, number: int, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    values = [
        {
            **row, "programme_id": number, "submitted_at": at,
            # Nobody has the link of an application on paper: a random one, kept nowhere.
            "link_hash": applying.hash_link(applying.new_link()),
        }
        for row in rows
    ]  # fmt: skip
    statement = insert(applications).returning(applications.c.id, sort_by_parameter_order=True)
    ids = connection.execute(statement, values).scalars().all()
    given = [
        applying.consent(application, row, row["language"], at)
        for application, row in zip(ids, rows, strict=True)
    ]
    connection.execute(insert(consents), given)


def _who(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["name_key"], row["birth_date"], row["phone"]


def _missing(row: int, name: str, rules: Rules) -> BadCell:
    return BadCell(row, name, message("import.column_missing", column=_asked(name, rules)))


def _asked(name: str, rules: Rules) -> Both:
    """What the form calls a field."""
    for question in rules.questions:
        if name == f"answer-{question.id}":
            return question.text
    return message("apply.province" if name == "province_code" else f"apply.{name}")


def _bad(number: int, name: str, why: Both, cells: Mapping[str, str], header: Header) -> BadCell:
    return BadCell(number, _where(name, header), why, advice(name, cells.get(name, "")))


def _where(name: str, header: Header) -> str:
    place = header.places.get(name)
    if place is None:
        return name
    return f"{column_letter(place)} ({header.titles[name]})"
