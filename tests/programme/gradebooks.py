"""Real gradebooks of nbgrader, filled through nbgrader's own models."""

from __future__ import annotations

import os
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

from nbgrader.api import Grade, Gradebook

from tests.programme.sites import COHORT

WEEKS = ("week01", "week02", "week03")
DUE = datetime(2026, 8, 9, 16, 59)  # naive UTC, as nbgrader keeps it


def make_gradebook(url: str) -> None:
    """A new, empty gradebook. nbgrader starts `alembic` by name, which is beside our Python."""
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    try:
        Gradebook(url, COHORT).close()
    finally:
        os.environ["PATH"] = path


def add_week(gradebook: Gradebook, week: str, due: datetime | None = DUE) -> None:
    """An assignment as `nbgrader generate_assignment` records it.

    Practice has two tests; project has a test, an answer in code and one in words that a person
    grades, and a task; lesson has no points.
    """
    gradebook.add_assignment(week, duedate=due)
    for notebook in ("lesson", "practice", "project"):
        gradebook.add_notebook(notebook, week)
    for name, points in (("p1", 4), ("p2", 6)):
        gradebook.add_grade_cell(name, "practice", week, max_score=points, cell_type="code")
        gradebook.add_solution_cell(f"{name}-answer", "practice", week)
    gradebook.add_grade_cell("smoke", "project", week, max_score=2, cell_type="code")
    gradebook.add_grade_cell("design", "project", week, max_score=5, cell_type="code")
    gradebook.add_solution_cell("design", "project", week)
    gradebook.add_grade_cell("words", "project", week, max_score=2, cell_type="markdown")
    gradebook.add_solution_cell("words", "project", week)
    gradebook.add_task_cell("show", "project", week, max_score=3, cell_type="markdown")


def set_grade(
    gradebook: Gradebook,
    key: tuple[str, str, str, str],
    auto: float | None,
    manual: float | None = None,
    extra: float | None = None,
    needs: bool = False,
) -> None:
    """Set the grade of (cell, notebook, week, student) as autograding or formgrader does."""
    grade: Grade = gradebook.find_grade(*key)
    grade.auto_score, grade.manual_score = auto, manual
    grade.extra_credit, grade.needs_manual_grade = extra, needs
    gradebook.db.commit()


def fill_at_random(gradebook: Gradebook, students: list[str], seed: int) -> None:
    """Every kind of grade that a gradebook may hold, drawn from a seed."""
    draw = random.Random(seed)
    for week in WEEKS:
        add_week(gradebook, week)
    for student in students:
        gradebook.add_student(student)
        for week in WEEKS:
            if draw.random() < 0.2:
                continue
            late = timedelta(hours=draw.choice([-30, -1, 0, 1, 50]))
            submission = gradebook.add_submission(week, student, timestamp=str(DUE + late))
            submission.extension = draw.choice([None, timedelta(hours=24)])
            for notebook in submission.notebooks:
                notebook.late_submission_penalty = draw.choice([None, 0.0, 1.5, 100.0])
                for grade in notebook.grades:
                    grade.auto_score = draw.choice([None, 0.0, 0.1, 1.7, 2.0])
                    grade.manual_score = draw.choice([None, None, 0.2, 1.0])
                    grade.extra_credit = draw.choice([None, None, 0.5])
                    grade.needs_manual_grade = draw.random() < 0.3
    gradebook.db.commit()
