"""Scores from nbgrader's gradebook in four queries, however many students there are.

nbgrader's own ways (its export, `Gradebook.students`) ask the database anew for every student and
assignment. Here its tables are read once each, aggregated in the database; the sums are nbgrader's:
a manual score before an automatic one, extra credit added, the late penalty taken off, not below 0.
The gradebook is only read; one that does not exist yet is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from sqlalchemy import (
    Connection,
    Subquery,
    and_,
    case,
    func,
    inspect,
    literal_column,
    make_url,
    select,
    union_all,
)

from programme.gradebook_tables import (
    assignments,
    cells,
    grades,
    notebooks,
    submissions,
    submitted_notebooks,
    task_cells,
    test_cells,
)
from programme.site import Cohort
from programme.store import make_engine


@dataclass(frozen=True)
class Submission:
    """A submission that the gradebook knows. Times are aware UTC."""

    submitted_at: datetime | None
    extension: timedelta


@dataclass(frozen=True)
class Score:
    """One notebook of one submission.

    `score` has the late penalty taken off. `pending` points are of cells that nobody graded;
    `faults` counts those that the autograder should have graded and did not.
    """

    score: Fraction
    graded_cells: int
    pending: Fraction
    faults: int


@dataclass(frozen=True)
class Scores:
    """A gradebook. Keys are (assignment, notebook) and (assignment, notebook, student)."""

    due: Mapping[str, datetime | None]
    max_scores: Mapping[tuple[str, str], Fraction]
    submissions: Mapping[tuple[str, str], Submission]
    scores: Mapping[tuple[str, str, str], Score]


NOTHING = Scores({}, {}, {}, {})


def read_scores(cohort: Cohort) -> Scores:
    """Everything that progress needs from the cohort's gradebook."""
    with _open(cohort) as connection:
        if connection is None:
            return NOTHING
        return Scores(
            due=_due(connection),
            max_scores=_max_scores(connection),
            submissions=_submissions(connection),
            scores=_scores(connection),
        )


@lru_cache(maxsize=10_000)  # a gradebook has many marks and few different ones
def exact(number: float | None) -> Fraction:
    """The fraction that a float of the gradebook stands for: sums of tenths are tenths again."""
    return Fraction(number or 0).limit_denominator(1_000_000)


@contextmanager
def _open(cohort: Cohort) -> Iterator[Connection | None]:
    url = make_url(cohort.gradebook_url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file and not Path(file).is_file():
        yield None
        return
    with make_engine(cohort.gradebook_url).connect() as connection:
        known = inspect(connection).has_table(assignments.name)
        yield connection if known else None


def _aware(moment: datetime | None) -> datetime | None:
    """nbgrader keeps UTC without saying so."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _due(connection: Connection) -> dict[str, datetime | None]:
    rows = connection.execute(select(assignments.c.name, assignments.c.duedate))
    return {name: _aware(duedate) for name, duedate in rows}


def _points() -> Subquery:
    """Every cell that gives points: its id, its maximum, and whether the autograder grades it.

    A code cell that is an answer too is graded by hand, as markdown cells and tasks are.
    """
    cell, answer = cells.alias("cell"), cells.alias("answer")
    test, task = test_cells, task_cells
    automatic = and_(test.c.cell_type == "code", answer.c.id.is_(None))
    same_cell = and_(
        answer.c.type == "SolutionCell",
        answer.c.notebook_id == cell.c.notebook_id,
        answer.c.name == cell.c.name,
    )
    tests = select(
        cell.c.id,
        cell.c.notebook_id,
        test.c.max_score,
        case((automatic, 1), else_=0).label("automatic"),
    ).select_from(test.join(cell, test.c.id == cell.c.id).outerjoin(answer, same_cell))
    tasks = select(
        cell.c.id, cell.c.notebook_id, task.c.max_score, literal_column("0").label("automatic")
    ).select_from(task.join(cell, task.c.id == cell.c.id))
    return union_all(tests, tasks).subquery("points")


def _max_scores(connection: Connection) -> dict[tuple[str, str], Fraction]:
    points = _points()
    rows = connection.execute(
        select(assignments.c.name, notebooks.c.name, func.sum(points.c.max_score))
        .select_from(notebooks)
        .join(assignments, notebooks.c.assignment_id == assignments.c.id)
        .outerjoin(points, points.c.notebook_id == notebooks.c.id)
        .group_by(assignments.c.name, notebooks.c.name)
    )
    return {(assignment, notebook): exact(total) for assignment, notebook, total in rows}


def _submissions(connection: Connection) -> dict[tuple[str, str], Submission]:
    rows = connection.execute(
        select(
            assignments.c.name,
            submissions.c.student_id,
            submissions.c.timestamp,
            submissions.c.extension,
        ).join_from(submissions, assignments, submissions.c.assignment_id == assignments.c.id)
    )
    return {
        (assignment, student): Submission(_aware(timestamp), extension or timedelta(0))
        for assignment, student, timestamp, extension in rows
    }


def _scores(connection: Connection) -> dict[tuple[str, str, str], Score]:
    points = _points()
    given = func.coalesce(grades.c.manual_score, grades.c.auto_score)
    extra = func.coalesce(grades.c.extra_credit, 0.0)
    # nbgrader gives extra credit only together with a score.
    score = case((given.is_not(None), given + extra), else_=0.0)
    still_open = grades.c.needs_manual_grade | given.is_(None)
    missing = points.c.max_score - func.coalesce(given, 0.0)
    pending = case((and_(still_open, missing > 0), missing), else_=0.0)
    fault = case((and_(given.is_(None), points.c.automatic == 1), 1), else_=0)
    rows = connection.execute(
        select(
            assignments.c.name,
            notebooks.c.name,
            submissions.c.student_id,
            func.sum(score),
            func.count(given),
            func.sum(pending),
            func.sum(fault),
            func.max(submitted_notebooks.c.late_submission_penalty),
        )
        .select_from(submitted_notebooks)
        .join(submissions, submitted_notebooks.c.assignment_id == submissions.c.id)
        .join(notebooks, submitted_notebooks.c.notebook_id == notebooks.c.id)
        .join(assignments, submissions.c.assignment_id == assignments.c.id)
        .join(grades, grades.c.notebook_id == submitted_notebooks.c.id)
        .join(points, points.c.id == grades.c.cell_id)
        .group_by(
            submitted_notebooks.c.id, assignments.c.name, notebooks.c.name, submissions.c.student_id
        )
    )
    found = {}
    for assignment, notebook, student, total, graded, open_points, faults, penalty in rows:
        found[assignment, notebook, student] = Score(
            score=max(Fraction(0), exact(total) - exact(penalty)),
            graded_cells=graded,
            pending=exact(open_points),
            faults=faults,
        )
    return found
