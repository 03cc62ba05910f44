"""A roster from a CSV or XLSX file: every bad row is named, nothing half done.

Columns (any order): username, name_latin, and if there are any name_km, birth_year, province (code
or name). All rows are checked first, then all are written in one transaction, or none.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from programme.people import Person, person_problems, province_code
from programme.roster import Role, enrol_one, find_cohort
from programme.site import Site
from programme.spreadsheet import BadRow, BadRowsError, read_header, read_plain_file
from programme.store import RefusedError, writing

REQUIRED = ("username", "name_latin")
OPTIONAL = ("name_km", "birth_year", "province")


def import_roster(site: Site, file: Path, cohort: str, role: Role = "student", *, on: date) -> int:
    """Enrol everybody in the file; returns how many were not enrolled before.

    Raises BadRowsError (all bad rows, nothing imported), or RefusedError for an unknown cohort.
    """
    people, bad = _read(file)
    new = 0
    with writing(site) as connection:
        cohort_id = find_cohort(connection, cohort).id
        for number, person in people:
            try:
                new += enrol_one(connection, person, cohort_id, role, on)
            except RefusedError as error:
                bad.append(BadRow(number, str(error)))
        if bad:
            raise BadRowsError(file.name, bad)
    return new


def _read(file: Path) -> tuple[list[tuple[int, Person]], list[BadRow]]:
    header, *rows = read_plain_file(file)
    columns, bad = read_header(header, REQUIRED, (*REQUIRED, *OPTIONAL))
    if bad:
        raise BadRowsError(file.name, bad)
    people: list[tuple[int, Person]] = []
    seen: dict[str, int] = {}
    for row in rows:
        person, problems = _person(dict(zip(columns, row.cells, strict=False)))
        if len(row.cells) < len(columns) or any(row.cells[len(columns) :]):
            problems.insert(0, f"has {len(row.cells)} cells, the header has {len(columns)}")
        first = seen.setdefault(person.username, row.number)
        if first != row.number:
            problems.append(f"username {person.username!r} stands in row {first} already")
        bad.extend(BadRow(row.number, problem) for problem in problems)
        if not problems:
            people.append((row.number, person))
    return people, bad


def _person(cells: dict[str, str]) -> tuple[Person, list[str]]:
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
