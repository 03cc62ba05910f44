"""The gradebook's rows for one graded submission, written in one transaction.

The rows are those that nbgrader's `autograde` leaves: student, submission, grades, comments and
late penalty. Manual scores and comments stay.
"""

from __future__ import annotations

from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from traitlets.config import Config

from autograder.submission import Graded


class Recorder:
    """Writes results of one assignment; keeps what is the same for all of them."""

    def __init__(self, gradebook: Gradebook, assignment: str, config: Config) -> None:
        """Read the assignment's cells once."""
        self.engine = gradebook.engine
        self.penalties = AssignLatePenalties(config=config)
        self.penalties.init_plugin()
        with Session(self.engine) as session:
            found = session.scalars(select(Assignment).where(Assignment.name == assignment)).one()
            self.assignment_id = found.id
            self.max_score = float(found.max_score or 0)
            self.notebooks: dict[str, str] = {
                notebook.name: notebook.id for notebook in found.notebooks
            }
            rows = session.execute(
                select(BaseCell.id, BaseCell.name, BaseCell.type, Notebook.name)
                .join(Notebook, Notebook.id == BaseCell.notebook_id)
                .where(Notebook.assignment_id == found.id)
            )
            self.cells = [tuple(row) for row in rows]

    def write(self, graded: Graded) -> tuple[float, float]:
        """Write one submission's rows; its score (penalty taken off) and the maximum.

        Raises sqlalchemy's errors, and then nothing is written.
        """
        with Session(self.engine, autoflush=False) as session, session.begin():
            submission = self._find(session, graded.student) or self._add(session, graded.student)
            if graded.timestamp:
                submission.timestamp = parse_utc(graded.timestamp)
            notebooks = {self._name(notebook): notebook for notebook in submission.notebooks}
            grades, comments = self._rows(notebooks)
            for name in graded.missing:
                for (of, _), grade in grades.items():
                    if of == name:
                        grade.auto_score, grade.needs_manual_grade = 0, False
            for result in graded.notebooks:
                for mark in result.marks:
                    grade = grades[result.name, mark.cell]
                    grade.auto_score = mark.score
                    grade.needs_manual_grade = grade.manual_score is not None or mark.score is None
                for cell, text in result.comments:
                    comments[result.name, cell].auto_comment = text
            session.flush()
            return self._penalise(session, submission, notebooks, graded, grades)

    def _name(self, notebook: SubmittedNotebook) -> str:
        return next(n for n, key in self.notebooks.items() if key == notebook.notebook_id)

    def _find(self, session: Session, student: str) -> SubmittedAssignment | None:
        """Her earlier submission, with all of its rows in four queries."""
        rows = selectinload(SubmittedAssignment.notebooks)
        return session.scalars(
            select(SubmittedAssignment)
            .where(
                SubmittedAssignment.assignment_id == self.assignment_id,
                SubmittedAssignment.student_id == student,
            )
            .options(
                rows.selectinload(SubmittedNotebook.grades),
                rows.selectinload(SubmittedNotebook.comments),
            )
        ).one_or_none()

    def _add(self, session: Session, student: str) -> SubmittedAssignment:
        if session.get(Student, student) is None:
            session.add(Student(id=student))
            session.flush()
        submission = SubmittedAssignment(assignment_id=self.assignment_id, student_id=student)
        session.add(submission)
        notebooks = {
            name: SubmittedNotebook(notebook_id=key, assignment=submission)
            for name, key in self.notebooks.items()
        }
        session.add_all(notebooks.values())  # a lesson has no graded cell that would bring it
        for key, _, kind, name in self.cells:
            if kind in ("GradeCell", "TaskCell"):
                session.add(Grade(cell_id=key, notebook=notebooks[name]))
            if kind in ("SolutionCell", "TaskCell"):
                session.add(Comment(cell_id=key, notebook=notebooks[name]))
        return submission

    def _rows(
        self, notebooks: dict[str, Any]
    ) -> tuple[dict[tuple[str, str], Any], dict[tuple[str, str], Any]]:
        cells = {key: name for key, name, _, _ in self.cells}
        grades, comments = {}, {}
        for name, notebook in notebooks.items():
            grades.update({(name, cells[row.cell_id]): row for row in notebook.grades})
            comments.update({(name, cells[row.cell_id]): row for row in notebook.comments})
        return grades, comments

    def _penalise(
        self,
        session: Session,
        submission: SubmittedAssignment,
        notebooks: dict[str, Any],
        graded: Graded,
        grades: dict[tuple[str, str], Any],
    ) -> tuple[float, float]:
        late_s = submission.total_seconds_late
        for result in graded.notebooks:
            notebook = notebooks[result.name]
            notebook.late_submission_penalty = None
            if late_s > 0:
                session.refresh(notebook, ["score"])
                penalty = self.penalties.plugin_inst.late_submission_penalty(
                    graded.student, notebook.score, late_s
                )
                if penalty is not None:
                    notebook.late_submission_penalty = self.penalties._check_late_penalty(
                        notebook, penalty
                    )
        total = sum(_score(grade) for grade in grades.values())
        penalty = sum(notebook.late_submission_penalty or 0 for notebook in notebooks.values())
        return total - penalty, self.max_score


def _score(grade: Any) -> float:
    given = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return 0.0 if given is None else float(given) + float(grade.extra_credit or 0)
