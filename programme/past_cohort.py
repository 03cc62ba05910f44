"""A finished, fictional cohort for the demo: thirty girls, fifteen weeks, all four outcomes.

What is written is imported history: a real nbgrader gradebook with an assignment a week, but no
notebooks to open. Each has the notebooks practice and project with one cell of ten points, and
the cell's text says what it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from nbgrader import api
from sqlalchemy import select

from programme import attendance, course, mentoring, roster
from programme.course import Course, Week
from programme.fictional import make_people
from programme.people import Person
from programme.record import Mark
from programme.schema import people
from programme.site import Cohort, Site
from programme.store import reading

POINTS = 10
NOTEBOOKS = ("practice", "project")
CELL = "imported-history"
CELL_TEXT = "Imported history: a mark of a finished cohort. There is no notebook behind it."
INSTRUCTOR = "instructor"


@dataclass(frozen=True)
class _Story:
    """How one girl's course went. Levels are tenths of the points; `leaves` is a week."""

    level: int
    absences: int = 3
    missing_weeks: int = 1
    lessons: tuple[int, ...] = (8,)
    leaves: int | None = None
    owed_week: int | None = None


STORIES: tuple[_Story, ...] = (
    *[_Story(level=94, absences=1, missing_weeks=0, lessons=(9, 9))] * 5,
    *[_Story(level=83, absences=3, lessons=(7, 8))] * 10,
    *[_Story(level=77, absences=5, missing_weeks=2, lessons=(6,))] * 10,
    _Story(level=80, absences=2, leaves=5),
    _Story(level=62, absences=4, leaves=9),
    _Story(level=78, absences=11),
    _Story(level=55, absences=6, missing_weeks=3, lessons=(5,)),
    _Story(level=76, owed_week=14),
)


def fill_past_cohort(
    site: Site, cohort: str, seed: int, *, starts_on: date = date(2025, 8, 4)
) -> list[Person]:
    """Fill a cohort whose folder and empty gradebook are there; returns its thirty students.

    Everything is dated inside the course that starts on `starts_on`. Running it again changes
    nothing.
    """
    folder = site.cohort(cohort)
    plan = course.read(site.course)
    roster.add_cohort(site, cohort, starts_on)
    known = roster.enrolled(site, cohort)
    if known:
        return [enrolment.person for enrolment in known]
    draw = random.Random(seed)  # noqa: S311  (fictional marks need no secret randomness)
    with reading(site) as connection:
        taken = set(connection.execute(select(people.c.username)).scalars())
    girls = make_people(seed, len(STORIES), year=starts_on.year, taken=taken)
    stories = dict(zip(girls, draw.sample(STORIES, len(STORIES)), strict=True))
    _fill_gradebook(folder, plan, starts_on, stories, draw)
    roster.enrol(site, girls, cohort, on=starts_on)
    _mark_sessions(site, cohort, plan, starts_on, stories, draw)
    for girl, story in stories.items():
        _write_notes(site, cohort, plan, starts_on, girl, story)
    return girls


def _fill_gradebook(
    folder: Cohort,
    plan: Course,
    starts_on: date,
    stories: dict[Person, _Story],
    draw: random.Random,
) -> None:
    with api.Gradebook(folder.gradebook_url, folder.name) as gradebook:
        for girl in stories:
            gradebook.update_or_create_student(girl.username, last_name=girl.name_latin)
        for week in plan.weeks:
            due = plan.schedule.due(starts_on, week.number).replace(tzinfo=None)
            gradebook.update_or_create_assignment(week.assignment, duedate=due)
            for notebook in NOTEBOOKS:
                gradebook.update_or_create_notebook(notebook, week.assignment)
                gradebook.update_or_create_grade_cell(
                    CELL, notebook, week.assignment, max_score=POINTS, cell_type="code"
                )
                gradebook.update_or_create_source_cell(
                    CELL, notebook, week.assignment, cell_type="code", source=CELL_TEXT
                )
        rows = list(_submissions(gradebook, plan, starts_on, stories, draw))
        gradebook.db.add_all(rows)
        gradebook.db.commit()


def _submissions(
    gradebook: api.Gradebook,
    plan: Course,
    starts_on: date,
    stories: dict[Person, _Story],
    draw: random.Random,
) -> Iterator[api.Base]:
    """New rows by their keys only: nbgrader's own adding asks the database for each of them."""
    assignments = {found.name: found for found in gradebook.assignments}
    cells = {
        (week, notebook.name): (
            notebook.id,
            gradebook.find_grade_cell(CELL, notebook.name, week).id,
        )
        for week, assignment in assignments.items()
        for notebook in assignment.notebooks
    }
    for girl, story in stories.items():
        missing = _missing_weeks(plan, story, draw)
        for week in plan.weeks:
            if week.number in missing:
                continue
            due = plan.schedule.due(starts_on, week.number).replace(tzinfo=None)
            submission = api.new_uuid()
            yield api.SubmittedAssignment(
                id=submission,
                assignment_id=assignments[week.assignment].id,
                student_id=girl.username,
                timestamp=due - timedelta(hours=draw.randint(-2, 60)),
            )
            for notebook in NOTEBOOKS:
                copy = api.new_uuid()
                notebook_id, cell_id = cells[week.assignment, notebook]
                yield api.SubmittedNotebook(
                    id=copy, assignment_id=submission, notebook_id=notebook_id
                )
                owed = story.owed_week == week.number and notebook == "project"
                points = None if owed else _points(week, notebook, story, draw)
                yield api.Grade(
                    notebook_id=copy,
                    cell_id=cell_id,
                    auto_score=points,
                    needs_manual_grade=points is None,
                )


def _missing_weeks(plan: Course, story: _Story, draw: random.Random) -> set[int]:
    """Weeks she did not hand in: ordinary ones, and all after she left."""
    ordinary = [week.number for week in plan.weeks if week.counts.get("project") == "projects"]
    missing = set(draw.sample(ordinary, story.missing_weeks))
    if story.leaves is not None:
        missing |= {week.number for week in plan.weeks if week.number > story.leaves}
    return missing


def _points(week: Week, notebook: str, story: _Story, draw: random.Random) -> float:
    """Points in halves around her level; the two big projects nearer to it."""
    spread = 8 if week.counts.get(notebook) in ("practice", "projects") else 3
    tenths = min(100, max(0, story.level + draw.randint(-spread, spread)))
    return round(tenths / 100 * POINTS * 2) / 2


def _mark_sessions(
    site: Site,
    cohort: str,
    plan: Course,
    starts_on: date,
    stories: dict[Person, _Story],
    draw: random.Random,
) -> None:
    numbers = range(1, plan.sessions + 1)
    absent = {girl: set(draw.sample(numbers, story.absences)) for girl, story in stories.items()}
    for number in numbers:
        week, _ = plan.session(number)
        marks: dict[str, Mark] = {
            girl.username: "absent" if number in absent[girl] else "present"
            for girl, story in stories.items()
            if story.leaves is None or week.number <= story.leaves
        }
        day = plan.schedule.session_date(starts_on, number)
        attendance.mark(site, cohort, number, marks, INSTRUCTOR, _noon(day))


def _write_notes(
    site: Site, cohort: str, plan: Course, starts_on: date, girl: Person, story: _Story
) -> None:
    if story.leaves is not None:
        left = starts_on + timedelta(days=7 * story.leaves)
        roster.withdraw(site, girl.username, cohort, "her family moved", on=left)
        return
    for number, score in enumerate(story.lessons, 1):
        day = plan.schedule.session_date(starts_on, plan.sessions - 4 + 2 * number)
        mentoring.record_observation(site, girl.username, cohort, number, score, INSTRUCTOR, day)
    if story.absences > 5 or story.level < 60:
        day = plan.schedule.session_date(starts_on, plan.sessions)
        mentoring.log_call(
            site, girl.username, cohort, "alumna", "She helps at home in the harvest.", _noon(day)
        )


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
