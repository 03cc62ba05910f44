"""A data folder with a finished cohort of any size, its gradebook filled as fast as SQLite writes.

The fifteen weeks have the tests and points of those notebooks of course/source that count for
something. nbgrader's API makes them; a student's hundreds of rows go straight into its tables.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import api
from sqlalchemy import insert

from programme import attendance, course, roster
from programme.fictional import make_people
from programme.record import Mark
from programme.site import Cohort, Site
from soc.cohorts import ensure_cohort, ensure_site

COHORT = "thousand"
STARTS = date(2025, 8, 4)
SEED = 7
Row = dict[str, Any]


def make(root: Path, students: int) -> Site:
    """A site with one cohort of `students` who have done the course."""
    site = ensure_site(root)
    cohort = ensure_cohort(site, COHORT, STARTS)
    people = make_people(SEED, students)
    roster.enrol(site, people, COHORT, on=STARTS)
    names = [person.username for person in people]
    with api.Gradebook(cohort.gradebook_url, COHORT) as gradebook:
        _add_weeks(gradebook, site)
        _add_students(gradebook, names)
    _mark_sessions(site, names)
    _release(site, cohort)
    return site


def _add_weeks(gradebook: api.Gradebook, site: Site) -> None:
    """As `nbgrader generate_assignment` records them, without their source."""
    plan = course.read(site.course)
    for week in plan.weeks:
        due = plan.schedule.due(STARTS, week.number).replace(tzinfo=None)
        gradebook.add_assignment(week.assignment, duedate=due)
        for name in week.counts:
            key = (name, week.assignment)
            file = site.course / "source" / week.assignment / f"{name}.ipynb"
            gradebook.add_notebook(*key)
            for cell in nbformat.read(file, as_version=4).cells:
                meta = cell.metadata.get("nbgrader", {})
                kind = {"cell_type": cell.cell_type}
                if meta.get("grade"):
                    points = meta["points"]
                    gradebook.add_grade_cell(meta["grade_id"], *key, max_score=points, **kind)
                if meta.get("solution"):
                    gradebook.add_solution_cell(meta["grade_id"], *key)


def _add_students(gradebook: api.Gradebook, names: list[str]) -> None:
    tests = [
        (assignment, [(notebook, _graded(notebook)) for notebook in assignment.notebooks])
        for assignment in gradebook.assignments
    ]
    add, draw = gradebook.db.execute, random.Random(SEED)
    add(insert(api.Student.__table__), [{"id": n, "last_name": n, "first_name": n} for n in names])
    for name in names:
        rows: dict[Any, list[Row]] = {
            api.SubmittedAssignment: [], api.SubmittedNotebook: [], api.Grade: []
        }  # fmt: skip
        for assignment, notebooks in tests:
            if draw.random() < 0.93:
                for table, row in _submission(name, assignment, notebooks, draw):
                    rows[table].append(row)
        for table, made in rows.items():
            if made:
                add(insert(table.__table__), made)
    gradebook.db.commit()


def _graded(notebook: api.Notebook) -> list[tuple[str, float, bool]]:
    """Id, points and whether a person grades it, of each cell that gives points."""
    answers = {cell.name for cell in notebook.solution_cells}
    return [(c.id, c.max_score, c.name in answers) for c in notebook.grade_cells]


def _submission(
    student: str, assignment: api.Assignment, notebooks: list[Any], draw: random.Random
) -> Iterator[tuple[Any, Row]]:
    submission = api.new_uuid()
    yield api.SubmittedAssignment, {
        "id": submission,
        "assignment_id": assignment.id,
        "student_id": student,
        "timestamp": assignment.duedate + timedelta(hours=draw.randint(-60, 2)),
    }  # fmt: skip
    for notebook, tests in notebooks:
        copy = api.new_uuid()
        grades = [_grade(copy, *test, draw) for test in tests]
        points = sum(g["manual_score"] or g["auto_score"] or 0 for g in grades)
        # Never more than there is: nbgrader's export takes penalties off a week, we off a notebook.
        penalty = min(points, draw.choice([0.0] * 9 + [1.5]))
        yield api.SubmittedNotebook, {
            "id": copy,
            "assignment_id": submission,
            "notebook_id": notebook.id,
            "flagged": False,
            "late_submission_penalty": penalty,
        }  # fmt: skip
        for row in grades:
            yield api.Grade, row


def _grade(copy: str, cell: str, most: float, by_hand: bool, draw: random.Random) -> Row:
    points = draw.choice([0.0, most, most, most, most, round(most * draw.random(), 1)])
    waits = by_hand and draw.random() < 0.05
    corrected = not by_hand and draw.random() < 0.02
    return {
        "id": api.new_uuid(),
        "notebook_id": copy,
        "cell_id": cell,
        "auto_score": None if by_hand else points,
        "manual_score": most if corrected else points if by_hand and not waits else None,
        "extra_credit": 0.5 if draw.random() < 0.01 else None,
        "needs_manual_grade": waits,
    }


def _mark_sessions(site: Site, names: list[str]) -> None:
    plan, draw = course.read(site.course), random.Random(SEED)
    for number in range(1, plan.sessions + 1):
        day = plan.schedule.session_date(STARTS, number)
        marks: dict[str, Mark] = {
            name: "absent" if draw.random() < 0.1 else "present" for name in names
        }
        at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        attendance.mark(site, COHORT, number, marks, "instructor", at)


def _release(site: Site, cohort: Cohort) -> None:
    for week in course.read(site.course).weeks:
        (cohort.outbound / week.assignment).mkdir(parents=True)
