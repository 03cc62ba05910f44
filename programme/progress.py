"""How far each student of a cohort is: the gradebook, the attendance and the notes, put together.

A few queries whatever the number of students. Missing is never zero here: every piece of work says
in which state it is, and `programme.graduation` decides what that means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Connection, select

from programme.course import Course, Week
from programme.gradebook import Scores, read_scores
from programme.record import Attended, Call, Lesson, Mark, Progress, State, Work
from programme.roster import CohortRow, Enrolment, enrolled, find_cohort
from programme.schema import attendance, calls, enrolments, observations, sessions
from programme.site import Cohort, Site
from programme.store import reading
from programme.taught import course_of

__all__ = ["Progress", "read"]


def read(site: Site, cohort: str) -> list[Progress]:
    """The progress of every student of the cohort, withdrawn ones too, by username.

    Raises SiteError when the cohort has no folder, RefusedError when the programme's database does
    not know it, CourseError when course.toml can't be read.
    """
    course = course_of(site, cohort)
    folder = site.cohort(cohort)
    students = enrolled(site, cohort)
    with reading(site) as connection:
        row = find_cohort(connection, cohort)
        notes = _read_notes(connection, row)
    scores = read_scores(folder)
    handed_in, released = _handed_in(site, folder), _released(folder, scores)
    desk = _Desk(course, row.starts_on, scores, handed_in, released)
    return [_progress(student, row, desk, notes) for student in students]


@dataclass(frozen=True)
class _Notes:
    """What the programme's database knows, by enrolment."""

    sessions: Sequence[tuple[int, int, date]]
    marks: Mapping[int, Mapping[int, Mark]]
    lessons: Mapping[int, Sequence[Lesson]]
    calls: Mapping[int, Sequence[Call]]


def _read_notes(connection: Connection, cohort: CohortRow) -> _Notes:
    held = connection.execute(
        select(sessions.c.id, sessions.c.number, sessions.c.held_on)
        .where(sessions.c.cohort_id == cohort.id)
        .order_by(sessions.c.number)
    ).all()
    marks: dict[int, dict[int, Mark]] = defaultdict(dict)
    for enrolment, session, mark in connection.execute(
        select(attendance.c.enrolment_id, attendance.c.session_id, attendance.c.mark)
        .join(sessions)
        .where(sessions.c.cohort_id == cohort.id)
    ):
        marks[enrolment][session] = mark
    lessons: dict[int, list[Lesson]] = defaultdict(list)
    for row in connection.execute(
        select(observations)
        .join(enrolments)
        .where(enrolments.c.cohort_id == cohort.id)
        .order_by(observations.c.number)
    ):
        lessons[row.enrolment_id].append(
            Lesson(row.number, row.score, row.passed, row.observer, row.observed_on)
        )
    called: dict[int, list[Call]] = defaultdict(list)
    for row in connection.execute(
        select(calls)
        .join(enrolments)
        .where(enrolments.c.cohort_id == cohort.id)
        .order_by(calls.c.called_at, calls.c.id)
    ):
        called[row.enrolment_id].append(Call(row.caller, row.called_at, row.note))
    return _Notes([(row.id, row.number, row.held_on) for row in held], marks, lessons, called)


def _handed_in(site: Site, cohort: Cohort) -> set[tuple[str, str]]:
    """(student, assignment) of everything handed in, wherever it lies: moved, collected or not."""
    found = {(path.parent.name, path.name) for path in cohort.root.glob("submitted/*/*")}
    waiting = [cohort.inbound, *(site.root / "outbox" / cohort.name).glob("*")]
    for folder in waiting:
        for path in folder.glob("*+*+*"):
            student, assignment, *_ = path.name.split("+")
            found.add((student, assignment))
    return found


def _released(cohort: Cohort, scores: Scores) -> frozenset[str]:
    """The assignments that students have: they are in the exchange, or somebody handed one in."""
    there = {path.name for path in cohort.outbound.glob("*")}
    return frozenset(scores.due) & (there | {assignment for assignment, _ in scores.submissions})


@dataclass(frozen=True)
class _Desk:
    """What lies on the desk when one student's work is looked up."""

    course: Course
    starts_on: date
    scores: Scores
    handed_in: set[tuple[str, str]]
    released: frozenset[str]


def _progress(student: Enrolment, cohort: CohortRow, desk: _Desk, notes: _Notes) -> Progress:
    marks = notes.marks.get(student.id, {})
    works = [
        _work(student.person.username, week, notebook, component, desk)
        for week in desk.course.weeks
        for notebook, component in week.counts.items()
    ]
    return Progress(
        person=student.person,
        cohort=cohort.name,
        works=tuple(works),
        sessions=tuple(
            Attended(number, held_on, marks.get(session))
            for session, number, held_on in notes.sessions
        ),
        lessons=tuple(notes.lessons.get(student.id, ())),
        calls=tuple(notes.calls.get(student.id, ())),
        withdrawn_on=student.withdrawn_on,
        withdrawn_reason=student.withdrawn_reason,
    )


def _work(username: str, week: Week, notebook: str, component: str, desk: _Desk) -> Work:
    name = week.assignment
    scores = desk.scores
    submission = scores.submissions.get((name, username))
    score = scores.scores.get((name, notebook, username))
    extension = submission.extension if submission else timedelta(0)
    due = scores.due.get(name) or desk.course.schedule.due(desk.starts_on, week.number)
    due += extension
    submitted_at = submission.submitted_at if submission else None
    state = _state(name, notebook, username, desk)
    graded = score if state in ("ungraded", "needs_manual", "graded") else None
    return Work(
        week=week.number,
        notebook=notebook,
        component=component,
        state=state,
        due=desk.course.schedule.local_date(due),
        score=graded.score if graded and graded.graded_cells else None,
        max_score=None if state == "not_released" else scores.max_scores.get((name, notebook)),
        pending=graded.pending if graded else Fraction(0),
        submitted_at=submitted_at,
        late=submitted_at is not None and submitted_at > due,
        unit=week.unit,
    )


def _state(assignment: str, notebook: str, username: str, desk: _Desk) -> State:
    max_score = desk.scores.max_scores.get((assignment, notebook))
    if assignment not in desk.released or max_score is None:
        return "not_released"
    if (assignment, username) not in desk.scores.submissions:
        return "waiting" if (username, assignment) in desk.handed_in else "not_submitted"
    score = desk.scores.scores.get((assignment, notebook, username))
    if score is None:  # no cell of it gives points, or the notebook is not in her submission
        return "graded" if max_score == 0 else "not_submitted"
    if score.faults:
        return "ungraded"
    return "needs_manual" if score.pending else "graded"
