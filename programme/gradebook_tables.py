"""Nbgrader's tables, as far as we read them.

They are named here because importing nbgrader, with all of its server extensions, costs more than
reading a gradebook of a thousand students. A test holds every column to nbgrader's own definition.
"""

from __future__ import annotations

from sqlalchemy import Boolean, DateTime, Enum, Float, Interval, String, Text, column, table

assignments = table(
    "assignment", column("id", String), column("name", String), column("duedate", DateTime)
)
notebooks = table(
    "notebook", column("id", String), column("name", String), column("assignment_id", String)
)
cells = table(
    "base_cell",
    column("id", String),
    column("name", String),
    column("notebook_id", String),
    column("type", String),
)
_cell_type = Enum("code", "markdown", name="grade_cell_type")
test_cells = table(
    "grade_cells",
    column("id", String),
    column("max_score", Float),
    column("cell_type", _cell_type),
)
task_cells = table("task_cells", column("id", String), column("max_score", Float))
submissions = table(
    "submitted_assignment",
    column("id", String),
    column("assignment_id", String),
    column("student_id", String),
    column("timestamp", DateTime),
    column("extension", Interval),
)
submitted_notebooks = table(
    "submitted_notebook",
    column("id", String),
    column("assignment_id", String),  # of the submission, in spite of its name
    column("notebook_id", String),
    column("late_submission_penalty", Float),
)
grades = table(
    "grade",
    column("notebook_id", String),  # of the submitted notebook
    column("cell_id", String),
    column("auto_score", Float),
    column("manual_score", Float),
    column("extra_credit", Float),
    column("needs_manual_grade", Boolean),
)
students = table(
    "student",
    column("id", String),
    column("first_name", String),
    column("last_name", String),
    column("email", String),
    column("lms_user_id", String),
)
comments = table(
    "comment",
    column("id", String),
    column("notebook_id", String),  # of the submitted notebook
    column("manual_comment", Text),
)
EVERY = (
    students,
    comments,
    assignments,
    notebooks,
    cells,
    test_cells,
    task_cells,
    submissions,
    submitted_notebooks,
    grades,
)
