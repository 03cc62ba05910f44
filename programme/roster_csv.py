"""A roster from a CSV file as people really have it: every bad row is named, nothing half done.

Columns (any order): username, name_latin, and if there are any name_km, birth_year, province.
UTF-8 with or without a byte order mark, comma, semicolon or tab, Khmer digits, provinces as code or
name. All rows are checked first, then all are written in one transaction, or none.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from programme.errors import ProgrammeError
from programme.people import Person, person_problems, province_code
from programme.roster import Role, enrol_one, find_cohort
from programme.site import Site
from programme.store import RefusedError, writing

REQUIRED = ("username", "name_latin")
OPTIONAL = ("name_km", "birth_year", "province")
LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class BadRow:
    """A row that can't be imported. `line` counts as an editor does: the header is line 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class RosterError(ProgrammeError):
    """The file can't be imported; nothing was written. `bad_rows` says why, row by row."""

    def __init__(self, file: Path, bad_rows: list[BadRow]) -> None:
        self.bad_rows = bad_rows
        lines = "\n".join(f"  {row}" for row in bad_rows)
        super().__init__(
            f"{file}: nothing was imported, {len(bad_rows)} rows need a look:\n{lines}"
        )


def import_roster(site: Site, file: Path, cohort: str, role: Role = "student", *, on: date) -> int:
    """Enrol everybody in the file; returns how many were not enrolled before.

    Raises RosterError (all bad rows, nothing imported), or RefusedError for an unknown cohort.
    """
    rows, bad = _read(file)
    new = 0
    with writing(site) as connection:
        cohort_id = find_cohort(connection, cohort).id
        for line, person in rows:
            try:
                new += enrol_one(connection, person, cohort_id, role, on)
            except RefusedError as error:
                bad.append(BadRow(line, str(error)))
        if bad:
            raise RosterError(file, sorted(bad, key=lambda row: row.line))
    return new


def _read(file: Path) -> tuple[list[tuple[int, Person]], list[BadRow]]:
    columns, rows = _columns_and_rows(file)
    people: list[tuple[int, Person]] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        person, problems = _person(dict(zip(columns, row, strict=False)))
        if len(row) != len(columns):
            problems.insert(0, f"has {len(row)} cells, the header has {len(columns)}")
        first = seen.setdefault(person.username, line)
        if first != line:
            problems.append(f"username {person.username!r} stands on line {first} already")
        bad.extend(BadRow(line, problem) for problem in problems)
        if not problems:
            people.append((line, person))
    return people, bad


def _columns_and_rows(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    text = _text(file)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise RosterError(file, [BadRow(reader.line_num, f"this is no CSV: {error}")]) from error
    known = (*REQUIRED, *OPTIONAL)
    problems = [f"column {name!r} is missing" for name in REQUIRED if name not in columns]
    problems += [
        f"column {name!r} is not known. Known: {', '.join(known)}"
        for name in columns
        if name not in known
    ]
    problems += [f"column {name!r} is there twice" for name in known if columns.count(name) > 1]
    if problems:
        raise RosterError(file, [BadRow(1, problem) for problem in problems])
    return columns, rows


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise RosterError(file, [BadRow(1, f"the file is larger than {LARGEST_BYTES:,} bytes")])
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = "the file is not UTF-8: save it from Excel as 'CSV UTF-8'"
        raise RosterError(file, [BadRow(1, problem)]) from error
    except OSError as error:
        raise RosterError(file, [BadRow(1, f"the file can't be read: {error.strerror}")]) from error


def _person(cells: dict[str, str]) -> tuple[Person, list[str]]:
    cells = {name: cell.strip().strip("\u200b") for name, cell in cells.items()}
    problems = []
    province = cells.get("province") or None
    code = province_code(province) if province else None
    if province and code is None:
        problems.append(f"province {province!r} is none of the 25")
    year = cells.get("birth_year") or None
    if year is not None and not (year.isdecimal() and len(year) == 4):
        problems.append(f"birth_year {year!r} must be four digits")
        year = None
    person = Person(
        username=cells.get("username", ""),
        name_latin=cells.get("name_latin", ""),
        name_km=cells.get("name_km", ""),
        birth_year=int(year) if year else None,
        province_code=code,
    )
    return person, problems + person_problems(person)
