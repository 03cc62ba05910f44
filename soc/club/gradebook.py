"""Points given on paper as hand-given marks of a club's gradebook, in one transaction.

nbgrader's own `add_submission` commits by itself. Here its tables are filled in the same way, and
kept together at the end, so that a file is taken over whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from programme.club_plan import UNIT
from programme.site import Cohort, Site
from soc.club.cohort import ensure_session_source
from soc.cohorts import ensure_students_in_gradebook
from soc.course_folder import load_config, nbgrader_api, run
from soc.turns import alone

Cell = tuple[str, str]  # notebook, grade_id


class Marks:
    """The gradebook while a file is taken over. Nothing is kept before `commit`."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        self.kept = False

    def give(self, assignment: str, student: str, points: Mapping[Cell, Fraction]) -> int:
        """Give points to cells of one submission; returns how many marks changed.

        A mark given by hand stands before the automatic one, so it is set only where paper is
        higher, and taken back where it is not.
        """
        submission = self._submission(assignment, student)
        changed = 0
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                paper = points.get((notebook.name, grade.name))
                if paper is None:
                    continue
                by_hand = float(paper) if paper > (grade.auto_score or 0) else None
                if (grade.manual_score, bool(grade.needs_manual_grade)) != (by_hand, False):
                    grade.manual_score, grade.needs_manual_grade = by_hand, False
                    changed += 1
        return changed

    def commit(self) -> None:
        """Keep all marks."""
        self._gradebook.db.commit()
        self.kept = True

    def _submission(self, assignment: str, student: str) -> Any:
        try:
            return self._gradebook.find_submission(assignment, student)
        except MissingEntry:
            book = self._gradebook
            with book.db.no_autoflush:  # its parts belong together before any of them is written
                made = _on_paper(book.find_assignment(assignment), book.find_student(student))
            book.db.add(made)
            book.db.flush()
            return made


@contextmanager
def paper_marks(site: Site, cohort: Cohort, numbers: Sequence[int]) -> Iterator[Marks]:
    """The club's gradebook with these sessions in it; what was not committed is forgotten.

    A session that was never released is put into the gradebook first, and leaves it when nothing
    was committed.
    """
    with alone(cohort.root):
        ensure_students_in_gradebook(site, cohort)
        new = _ensure_sessions(site, cohort, numbers)
        with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
            marks = Marks(gradebook)
            try:
                yield marks
            finally:
                gradebook.db.rollback()
                for name in () if marks.kept else new:
                    gradebook.remove_assignment(name)


def _ensure_sessions(site: Site, cohort: Cohort, numbers: Sequence[int]) -> list[str]:
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        known = {assignment.name for assignment in gradebook.assignments}
    missing = [name for name in (f"{UNIT}{n:02}" for n in numbers) if name not in known]
    for name in missing:
        ensure_session_source(site, cohort, name)
        run(nbgrader_api(load_config(cohort)).generate_assignment, name, force=True, create=True)
    return missing


def _on_paper(assignment: Any, student: Any) -> Any:
    """A submission without a file. What she did not do on paper is 0, and waits for nobody."""
    submission = SubmittedAssignment(assignment=assignment, student=student)
    for notebook in assignment.notebooks:
        made = SubmittedNotebook(notebook=notebook, assignment=submission)
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            Grade(cell_id=cell.id, notebook=made, auto_score=0.0, needs_manual_grade=False)
        for cell in (*notebook.solution_cells, *notebook.task_cells):
            Comment(cell_id=cell.id, notebook=made)
    return submission
