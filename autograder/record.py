"""The gradebook's rows for one graded submission, written in one transaction.

The rows are those that nbgrader's `autograde` leaves: student, submission, grades, comments and
late penalty. Manual scores and comments stay. nbgrader's tables are written to as tables: objects
of its classes took as long as all else that the grader does itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, bindparam, insert, select, update
from traitlets.config import Config

from autograder.submission import Graded

Row = dict[str, Any]
_STUDENT, _SUBMISSION, _NOTEBOOK, _GRADE, _COMMENT = (
    kind.__table__
    for kind in (
        api.Student,
        api.SubmittedAssignment,
        api.SubmittedNotebook,
        api.Grade,
        api.Comment,
    )
)
_FIND = select(_SUBMISSION).where(
    _SUBMISSION.c.assignment_id == bindparam("assignment"),
    _SUBMISSION.c.student_id == bindparam("student"),
)
_OF_SUBMISSION = _NOTEBOOK.c.assignment_id == bindparam("submission")
_NOTEBOOKS = select(_NOTEBOOK).where(_OF_SUBMISSION)
_GRADES = select(_GRADE).join(_NOTEBOOK).where(_OF_SUBMISSION)
_COMMENTS = select(_COMMENT).join(_NOTEBOOK).where(_OF_SUBMISSION)
# What grading gives a value to; the rest of an earlier row stays.
_OURS = {
    _SUBMISSION: ("timestamp",),
    _NOTEBOOK: ("late_submission_penalty",),
    _GRADE: ("auto_score", "needs_manual_grade"),
    _COMMENT: ("auto_comment",),
}
_UPDATES = {
    table: update(table)
    .where(table.c.id == bindparam("_id"))
    .values({name: bindparam(f"_{name}") for name in names})
    for table, names in _OURS.items()
}


@dataclass
class _Rows:
    """All rows of one submission; grades and comments by notebook and cell."""

    submission: Row
    notebooks: dict[str, Row]
    grades: dict[tuple[str, str], Row]
    comments: dict[tuple[str, str], Row]
    new: bool

    def write(self, connection: Connection) -> None:
        """Insert them, or update what grading gave a value to."""
        for table, rows in (
            (_SUBMISSION, [self.submission]),
            (_NOTEBOOK, list(self.notebooks.values())),
            (_GRADE, list(self.grades.values())),
            (_COMMENT, list(self.comments.values())),
        ):
            if rows and self.new:
                connection.execute(insert(table), rows)
            elif rows:
                changed = [
                    {"_id": row["id"], **{f"_{name}": row[name] for name in _OURS[table]}}
                    for row in rows
                ]
                connection.execute(_UPDATES[table], changed)


class Recorder:
    """Writes results of one assignment; keeps what is the same for all of them."""

    def __init__(self, gradebook: Gradebook, assignment: str, config: Config) -> None:
        """Read the assignment's cells once."""
        self.engine = gradebook.engine
        self.penalties = AssignLatePenalties(config=config)
        self.penalties.init_plugin()
        found = gradebook.find_assignment(assignment)
        self.assignment_id = found.id
        self.duedate = found.duedate
        self.max_score = float(found.max_score or 0)
        self.notebooks: dict[str, str] = {one.id: one.name for one in found.notebooks}
        cell, notebook = api.BaseCell.__table__, api.Notebook.__table__
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(cell.c.id, cell.c.name, cell.c.type, notebook.c.name)
                .join_from(cell, notebook, cell.c.notebook_id == notebook.c.id)
                .where(notebook.c.assignment_id == found.id)
            )
            self.cells = [tuple(row) for row in rows]
        gradebook.db.commit()  # or its reading would stay open as long as the batch

    def write(self, graded: Graded) -> tuple[float, float]:
        """Write one submission's rows; its score (penalty taken off) and the maximum.

        Raises sqlalchemy's errors, and then nothing is written.
        """
        with self.engine.begin() as connection:
            rows = self._find(connection, graded.student) or self._add(connection, graded.student)
            if graded.timestamp:
                rows.submission["timestamp"] = parse_utc(graded.timestamp)
            _give(rows, graded)
            penalty = self._penalise(rows, graded)
            rows.write(connection)
        return _score(rows.grades.values()) - penalty, self.max_score

    def _find(self, connection: Connection, student: str) -> _Rows | None:
        """Her earlier submission."""
        asked = {"assignment": self.assignment_id, "student": student}
        submission = connection.execute(_FIND, asked).one_or_none()
        if submission is None:
            return None

        def read(query: Any) -> list[Row]:
            found = connection.execute(query, {"submission": submission.id})
            return [row._asdict() for row in found]

        notebooks = {self.notebooks[row["notebook_id"]]: row for row in read(_NOTEBOOKS)}
        names = {row["id"]: name for name, row in notebooks.items()}
        cells = {key: name for key, name, _, _ in self.cells}

        def by_cell(query: Any) -> dict[tuple[str, str], Row]:
            return {(names[row["notebook_id"]], cells[row["cell_id"]]): row for row in read(query)}

        return _Rows(
            submission._asdict(),
            notebooks,
            by_cell(_GRADES),
            by_cell(_COMMENTS),
            new=False,
        )

    def _add(self, connection: Connection, student: str) -> _Rows:
        known = select(_STUDENT.c.id).where(_STUDENT.c.id == student)
        if connection.execute(known).one_or_none() is None:
            connection.execute(insert(_STUDENT), {"id": student})
        submission: Row = {
            "id": api.new_uuid(),
            "assignment_id": self.assignment_id,
            "student_id": student,
            "timestamp": None,
            "extension": None,
        }
        notebooks: dict[str, Row] = {
            name: {"id": api.new_uuid(), "notebook_id": key, "assignment_id": submission["id"]}
            for key, name in self.notebooks.items()
        }
        grades: dict[tuple[str, str], Row] = {}
        comments: dict[tuple[str, str], Row] = {}
        for key, cell, kind, name in self.cells:
            row = {"cell_id": key, "notebook_id": notebooks[name]["id"]}
            if kind in ("GradeCell", "TaskCell"):
                grades[name, cell] = {
                    **row,
                    "id": api.new_uuid(),
                    "auto_score": None,
                    "manual_score": None,
                    "extra_credit": None,
                    "needs_manual_grade": True,
                }
            if kind in ("SolutionCell", "TaskCell"):
                comments[name, cell] = {**row, "id": api.new_uuid(), "auto_comment": None}
        return _Rows(submission, notebooks, grades, comments, new=True)

    def _penalise(self, rows: _Rows, graded: Graded) -> float:
        """Give each notebook its penalty for being late; their sum."""
        due, came = self.duedate, rows.submission["timestamp"]
        late_s = 0.0
        if due is not None and came is not None:
            due += rows.submission["extension"] or came - came
            late_s = max(0.0, (came - due).total_seconds())
        for row in rows.notebooks.values():
            row.setdefault("late_submission_penalty", None)
        for result in graded.notebooks:
            row = rows.notebooks[result.name]
            row["late_submission_penalty"] = None
            if late_s > 0:
                score = _score(grade for (of, _), grade in rows.grades.items() if of == result.name)
                penalty = self.penalties.plugin_inst.late_submission_penalty(
                    graded.student, score, late_s
                )
                if penalty is not None:
                    notebook = SimpleNamespace(score=score)  # all that is asked of it
                    penalty = self.penalties._check_late_penalty(notebook, penalty)
                row["late_submission_penalty"] = penalty
        return sum(row["late_submission_penalty"] or 0.0 for row in rows.notebooks.values())


def _give(rows: _Rows, graded: Graded) -> None:
    """Give the rows what grading found."""
    for (name, _), grade in rows.grades.items():
        if name in graded.missing:
            grade["auto_score"], grade["needs_manual_grade"] = 0, False
    for result in graded.notebooks:
        for mark in result.marks:
            grade = rows.grades[result.name, mark.cell]
            grade["auto_score"] = mark.score
            grade["needs_manual_grade"] = grade["manual_score"] is not None or mark.score is None
        for cell, text in result.comments:
            rows.comments[result.name, cell]["auto_comment"] = text


def _score(grades: Iterable[Row]) -> float:
    """The sum of grades as nbgrader adds them: what a person gave counts, else what tests did."""
    total = 0.0
    for grade in grades:
        given = grade["auto_score"] if grade["manual_score"] is None else grade["manual_score"]
        total += 0.0 if given is None else float(given) + float(grade["extra_credit"] or 0)
    return total
