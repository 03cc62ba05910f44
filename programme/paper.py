"""Attendance on paper: a sheet to print, and marks that come back in a spreadsheet.

The sheet has a row a student and a column a session. It may come back as CSV or XLSX with any of
these columns, in any order: `username`, the sessions by number ("12" or "12 (2026-03-09)"), and the
names, which are only compared, so that a shifted column is met. An empty cell changes nothing.
All rows are checked first, then all are written, or none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from programme import attendance
from programme.attendance import Session
from programme.export import XLSX_TYPE, Table, csv_chunks, xlsx_bytes
from programme.messages import message
from programme.people import Person
from programme.record import Mark
from programme.roster import enrolled
from programme.site import Site
from programme.spreadsheet import BadRow, BadRowsError, Row, read_plain
from programme.store import RefusedError, writing
from programme.taught import course_of
from programme.typesetting import typeset

SESSIONS_A_SHEET = 6
TEMPLATE = Path(__file__).parent / "paper.typ"
NAMES = ("name", "name (khmer)")
COLUMN = re.compile(r"(\d{1,2})(?:\s*\(.*\))?")
# What is written on paper and typed in, as `plain` and small letters leave it.
LETTERS: dict[Mark, str] = {"present": "1", "absent": "0", "excused": "e", "caught_up": "c"}
WRITTEN: dict[str, Mark] = {
    "1": "present", "p": "present", "x": "present", "✓": "present", "✔": "present",
    "present": "present", "here": "present", "yes": "present", "មក": "present",
    "0": "absent", "a": "absent", "-": "absent", "absent": "absent", "no": "absent",
    "អវត្តមាន": "absent",
    "e": "excused", "excused": "excused", "សុំច្បាប់": "excused", "ច្បាប់": "excused",
    "c": "caught_up", "caught_up": "caught_up", "caught up": "caught_up",
    "បានបំពេញ": "caught_up",
}  # fmt: skip
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX_TYPE,
}


@dataclass(frozen=True)
class Paper:
    """What is on the sheet: the active students, and the sessions that are next."""

    cohort: str
    students: tuple[Person, ...]
    sessions: tuple[Session, ...]


def read_paper(site: Site, cohort: str, today: date, count: int = SESSIONS_A_SHEET) -> Paper:
    """A sheet for the sessions from today on; for the last ones when all are held."""
    held = attendance.read_sessions(site, cohort)
    to_come = [session for session in held if session.held_on >= today] or held[-count:]
    students = [one.person for one in enrolled(site, cohort) if one.status == "active"]
    return Paper(cohort, tuple(students), tuple(to_come[:count]))


def as_file(paper: Paper, kind: str, language: str, at: datetime) -> bytes:
    """The sheet as pdf, csv or xlsx. Raises TypesettingError."""
    if kind == "pdf":
        return typeset(TEMPLATE, json.dumps(_data(paper, language)), "pdf", at)
    header = ("username", "name", "name (Khmer)", *(_column(one) for one in paper.sessions))
    blank = ("",) * len(paper.sessions)
    rows = [(p.username, p.name_latin, p.name_km, *blank) for p in paper.students]
    table = Table("attendance", header, lambda: iter(rows))
    if kind == "csv":
        return b"".join(csv_chunks(table))
    return xlsx_bytes([table])


def import_marks(
    site: Site, cohort: str, name: str, content: bytes, by: str, at: datetime,
    *, dry_run: bool = False,
) -> int:  # fmt: skip
    """Take over all marks of a file of this name; returns how many changed.

    Raises BadRowsError that names every bad row, RefusedError for an unknown cohort; then nothing
    is written.
    """
    people = {one.person.username: one.person for one in enrolled(site, cohort)}
    rows = read_plain(name, content)
    marks, bad = read_marks(rows, people)
    today = course_of(site, cohort).schedule.local_date(at)
    changed = 0
    with writing(site) as connection:
        for number, column in sorted(marks.items()):
            if not column:  # the sheet has columns for sessions to come
                continue
            try:
                changed += attendance.mark_in(
                    connection, cohort, number, column, by, at, today, "paper"
                )
            except RefusedError as error:
                bad.append(BadRow(rows[0].number, str(error)))
        if bad:
            raise BadRowsError(name, bad)
        if dry_run:
            connection.rollback()
    return changed


def read_marks(
    rows: Sequence[Row], people: dict[str, Person]
) -> tuple[dict[int, dict[str, Mark]], list[BadRow]]:
    """Session → username → mark, and what is not right, of a header and its rows. Pure."""
    columns, bad = _columns(rows[0])
    marks: dict[int, dict[str, Mark]] = {number: {} for number in columns.values() if number}
    seen: dict[str, int] = {}
    for row in rows[1:] if not bad else ():
        cells = dict(zip(columns, row.cells, strict=False))
        username = cells.get("username", "").lower()
        problems = who_problems(username, cells, people)
        first = seen.setdefault(username, row.number)
        if first != row.number:
            problems.append(f"{username!r} stands in row {first} already")
        for column, number in columns.items():
            written = cells.get(column, "").casefold()
            if number and written:
                if written in WRITTEN:
                    marks[number][username] = WRITTEN[written]
                else:
                    problems.append(f"session {number}: {written!r} is no mark: {_known()}")
        bad += [BadRow(row.number, problem) for problem in problems]
    return marks, bad


def _columns(header: Row) -> tuple[dict[str, int | None], list[BadRow]]:
    """Column name → session, None for who it is; and what is not right."""
    columns: dict[str, int | None] = {}
    problems = []
    numbers: set[int] = set()
    for cell in header.cells:
        name = cell.casefold()
        found = COLUMN.fullmatch(name)
        if (found and int(found[1]) in numbers) or name in columns:
            problems.append(f"column {cell!r} is there twice")
        elif found:
            numbers.add(int(found[1]))
            columns[name] = int(found[1])
        elif name in ("username", *NAMES):
            columns[name] = None
        else:
            problems.append(f"column {cell!r} is neither username, a name nor a session's number")
    if "username" not in columns:
        problems.append("column 'username' is missing")
    if not numbers:
        problems.append("no column is a session: write its number on top, such as 12")
    return columns, [BadRow(header.number, problem) for problem in problems]


def who_problems(
    username: str, cells: Mapping[str, str], people: Mapping[str, Person]
) -> list[str]:
    """What is not right about who a row is of: unknown, or another name than hers."""
    person = people.get(username)
    if person is None:
        return [f"{username!r} is not enrolled as student here"]
    names = {"name": person.name_latin, "name (khmer)": person.name_km}
    return [
        f"{username} is {names[column]}, not {cells[column]}: has a column been shifted?"
        for column in NAMES
        if cells.get(column) and cells[column].casefold() != names[column].casefold()
    ]


def _known() -> str:
    return ", ".join(f"{letter} {mark.replace('_', ' ')}" for mark, letter in LETTERS.items())


def _column(session: Session) -> str:
    return f"{session.number} ({session.held_on})"


def _data(paper: Paper, language: str) -> dict[str, object]:
    marks = (f"{letter} = {message(f'page.mark.{mark}').in_language(language)}"
             for mark, letter in LETTERS.items())  # fmt: skip
    return {
        "lang": language,
        "title": f"{message('page.attendance').in_language(language)}: {paper.cohort}",
        "student": message("page.student").in_language(language),
        "marks": " · ".join(marks),
        "signed": message("attendance.signed").in_language(language),
        "sessions": [{"number": s.number, "day": s.held_on.isoformat()} for s in paper.sessions],
        "students": [[p.username, p.name_latin, p.name_km] for p in paper.students],
    }
