"""What a club did on paper, from a spreadsheet into its gradebook and its attendance.

A row is one girl at one session. Columns, in any order: `username` and `session`; `present`; the
exercises `1` to `6` with the points that she got; `project`, yes when she showed it. `name` and
`name (khmer)` are only compared, so that a shifted column is met. An empty cell says nothing.

All rows are checked first; then everything is written or nothing. Points become hand-given marks
of nbgrader's gradebook; the higher of paper and laptop counts. The same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from programme import attendance, club_plan, paper
from programme.club_plan import ClubPlan
from programme.export import Cell, Table
from programme.people import Person
from programme.record import Mark
from programme.roster import enrolled
from programme.site import Cohort, Site
from programme.spreadsheet import BadRow, BadRowsError, Row, read_header, read_plain_file
from programme.store import RefusedError, writing
from programme.written import parse_whole
from soc.club.gradebook import Marks, paper_marks
from soc.club.notebooks import PROJECT
from soc.club.sources import NOTEBOOK, find_exercises
from soc.errors import SocError

WHO = ("username", "name", "name (khmer)")
NEEDED = ("username", "session")
YES, NO = ("yes", "y", "1", "x", "✓", "✔", "បាទ", "ចាស"), ("no", "n", "0", "-", "ទេ")


@dataclass(frozen=True)
class Line:
    """What one row says: points by the place of an exercise; None where a cell is empty."""

    row: int
    username: str
    session: int
    present: Mark | None
    points: Mapping[int, Fraction]
    shown: bool | None


@dataclass(frozen=True)
class Taken:
    """What was taken over, or would be: how many marks of attendance and of exercises are new."""

    session: str
    girls: int
    attendance: int = 0
    marks: int = 0


@dataclass
class Against:
    """What rows are read against."""

    club: ClubPlan
    people: Mapping[str, Person]
    most: dict[int, list[int]] = field(default_factory=dict)  # session → points of its exercises


def import_results(
    site: Site,
    cohort: Cohort,
    file: Path,
    *,
    by: str,
    at: datetime,
    dry_run: bool = False,
) -> list[Taken]:
    """Take over a CSV or XLSX file; returns what changed, session by session.

    Raises BadRowsError that names every bad row, and SocError when the cohort is no club; then
    nothing is written.
    """
    club = _club_of(site, cohort)
    people = {one.person.username: one.person for one in enrolled(site, cohort.name)}
    sheet = Against(club, people)
    for number in club.exercises:
        exercises = find_exercises(site.course, club, number)
        sheet.most[number] = [exercise.points for exercise in exercises]
    lines, bad = read_lines(read_plain_file(file), sheet)
    if bad:
        raise BadRowsError(file.name, bad)
    today = club.course.schedule.local_date(at)
    return _write(site, cohort, file.name, club, lines, (by, at, today), dry_run=dry_run)


def read_lines(rows: Sequence[Row], sheet: Against) -> tuple[list[Line], list[BadRow]]:
    """What a header and its rows say, and what is not right. Pure."""
    columns, bad = _columns(rows[0], sheet)
    if bad:
        return [], bad
    lines = []
    seen: dict[tuple[str, int], int] = {}
    for row in rows[1:]:
        cells = dict(zip(columns, row.cells, strict=False))
        line, problems = _line(row.number, cells, sheet)
        first = seen.setdefault((line.username, line.session), row.number)
        if first != row.number:
            problems.append(f"{line.username} at session {line.session} stands in row {first} too")
        if problems:
            bad += [BadRow(row.number, problem) for problem in problems]
        else:
            lines.append(line)
    return lines, bad


def _columns(header: Row, sheet: Against) -> tuple[list[str], list[BadRow]]:
    size = max(len(points) for points in sheet.most.values())
    places = (str(place) for place in range(1, size + 1))
    return read_header(header, NEEDED, [*WHO, "session", "present", *places, PROJECT])


def _line(number: int, cells: dict[str, str], sheet: Against) -> tuple[Line, list[str]]:
    username = cells.get("username", "").lower()
    problems = paper.who_problems(username, cells, sheet.people)
    session = parse_whole(cells.get("session", "")) or 0
    if session not in sheet.most:
        problems.append(
            f"session {cells.get('session', '')!r}: give a number from 1 to {len(sheet.most)}"
        )
        session = 0
    present = cells.get("present", "").casefold()
    if present and present not in paper.WRITTEN:
        problems.append(f"present: {present!r} is no mark: 1 present, 0 absent, e excused")
    points: dict[int, Fraction] = {}
    for place, most in enumerate(sheet.most.get(session, []), 1):
        written = cells.get(str(place), "")
        if written:
            given = _points(written)
            if given is None or not 0 <= given <= most:
                problems.append(f"exercise {place}: {written!r} is not from 0 to {most}")
            else:
                points[place] = given
    shown, problem = _shown(cells.get(PROJECT, "").casefold(), session, sheet.club)
    problems += problem
    return Line(number, username, session, paper.WRITTEN.get(present), points, shown), problems


def _shown(written: str, session: int, club: ClubPlan) -> tuple[bool | None, list[str]]:
    if not written:
        return None, []
    if written not in (*YES, *NO):
        return None, [f"{PROJECT}: {written!r} is neither yes nor no"]
    showing = [week.number for week in club.course.weeks if PROJECT in week.counts]
    if session and session not in showing:
        where = ", ".join(str(number) for number in showing)
        return None, [f"{PROJECT}: a project is shown in session {where}: write it in that row"]
    return written in YES, []


def _points(written: str) -> Fraction | None:
    """1, 1.5 or 1,5; None for what is no number of points."""
    whole, dot, part = written.replace(",", ".").partition(".")
    if not whole.isdecimal() or (dot and not part.isdecimal()) or len(written) > 6:
        return None
    return Fraction(f"{whole}.{part or 0}")


def _write(
    site: Site,
    cohort: Cohort,
    name: str,
    club: ClubPlan,
    lines: Sequence[Line],
    signed: tuple[str, datetime, date],
    *,
    dry_run: bool,
) -> list[Taken]:
    """Attendance and marks together: the one is kept only when the other was written."""
    by, at, today = signed
    numbers = sorted({line.session for line in lines})
    taken, bad = [], []
    with paper_marks(site, cohort, numbers) as marks, writing(site) as connection:
        for number in numbers:
            here = [line for line in lines if line.session == number]
            came = {line.username: line.present for line in here if line.present is not None}
            try:
                changed = attendance.mark_in(
                    connection, cohort.name, number, came, by, at, today, "paper"
                )
            except RefusedError as error:
                bad.append(BadRow(here[0].row, str(error)))
                continue
            given = sum(_give(marks, club, line) for line in here)
            taken.append(Taken(club.session(number).assignment, len(here), changed, given))
        if bad:
            raise BadRowsError(name, bad)
        if dry_run:
            connection.rollback()
        else:
            marks.commit()
    return taken


def _give(marks: Marks, club: ClubPlan, line: Line) -> int:
    """Her points of one session; returns how many are new."""
    exercises = club.exercises[line.session]
    given: dict[tuple[str, str], Fraction] = {
        (NOTEBOOK, f"{exercises[place - 1]}-test"): points for place, points in line.points.items()
    }
    assignment = club.session(line.session).assignment
    if line.shown is not None:
        given[PROJECT, f"{assignment}-project-shown"] = Fraction(int(line.shown))
    return marks.give(assignment, line.username, given) if given else 0


def blank_sheet(site: Site, cohort: Cohort, number: int) -> Table:
    """A table to fill in for one session: a row for each active girl.

    Raises SocError when the cohort is no club or has no such session.
    """
    club = _club_of(site, cohort)
    if number not in club.exercises:
        raise SocError(f"{cohort.name} has sessions 1 to {len(club.exercises)}, no {number}.")
    places = [str(place) for place in range(1, len(club.exercises[number]) + 1)]
    columns = ("username", "name", "name (Khmer)", "session", "present", *places, PROJECT)
    blank = ("",) * (len(places) + 2)
    girls = [one.person for one in enrolled(site, cohort.name) if one.status == "active"]
    rows: list[tuple[Cell, ...]] = [
        (girl.username, girl.name_latin, girl.name_km, number, *blank) for girl in girls
    ]
    return Table(f"{cohort.name}-session{number:02}", columns, lambda: iter(rows))


def _club_of(site: Site, cohort: Cohort) -> ClubPlan:
    if cohort.kind != "club":
        raise SocError(f"{cohort.name} is no club: `soc cohort add --kind club` makes one.")
    return club_plan.read(site.course)
