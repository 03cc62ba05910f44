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
from sqlalchemy.orm import Session
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
            submission = self._submission(session, graded)
            notebooks = {self._name(notebook): notebook for notebook in submission.notebooks}
            grades, comments = self._rows(session, notebooks)
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

    def _submission(self, session: Session, graded: Graded) -> SubmittedAssignment:
        if session.get(Student, graded.student) is None:
            session.add(Student(id=graded.student))
            session.flush()
        submission = session.scalars(
            select(SubmittedAssignment).where(
                SubmittedAssignment.assignment_id == self.assignment_id,
                SubmittedAssignment.student_id == graded.student,
            )
        ).one_or_none()
        if submission is None:
            submission = self._new_submission(session, graded.student)
        if graded.timestamp:
            submission.timestamp = parse_utc(graded.timestamp)
        return submission

    def _new_submission(self, session: Session, student: str) -> SubmittedAssignment:
        submission = SubmittedAssignment(assignment_id=self.assignment_id, student_id=student)
        session.add(submission)
        notebooks = {}
        for name, key in self.notebooks.items():
            notebooks[name] = SubmittedNotebook(notebook_id=key, assignment=submission)
            session.add(notebooks[name])
        for key, _, kind, name in self.cells:
            if kind in ("GradeCell", "TaskCell"):
                session.add(Grade(cell_id=key, notebook=notebooks[name]))
            if kind in ("SolutionCell", "TaskCell"):
                session.add(Comment(cell_id=key, notebook=notebooks[name]))
        session.flush()
        return submission

    def _rows(
        self, session: Session, notebooks: dict[str, Any]
    ) -> tuple[dict[tuple[str, str], Any], dict[tuple[str, str], Any]]:
        names = {notebook.id: name for name, notebook in notebooks.items()}
        cells = {key: name for key, name, _, _ in self.cells}
        found: list[dict[tuple[str, str], Any]] = []
        for kind in (Grade, Comment):
            rows = session.scalars(select(kind).where(kind.notebook_id.in_(names)))
            found.append({(names[r.notebook_id], cells[r.cell_id]): r for r in rows})
        return found[0], found[1]

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
        return total - penalty, self._max_score(session)

    def _max_score(self, session: Session) -> float:
        found = session.scalars(
            select(Assignment.max_score).where(Assignment.id == self.assignment_id)
        ).one()
        return float(found or 0)


def _score(grade: Any) -> float:
    given = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return 0.0 if given is None else float(given) + float(grade.extra_credit or 0)
