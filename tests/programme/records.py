"""Progress values for the tests of decisions: a finished course by default, all of it perfect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from programme.course import Course, read
from programme.people import Person
from programme.policy import Policy
from programme.record import Attended, Lesson, Progress, Work
from programme.site import CHECKOUT

COURSE: Course = read(CHECKOUT / "course")
POLICY: Policy = COURSE.policy
START = date(2026, 1, 5)
END = date(2026, 4, 19)  # the last work is due
AFTER = END + timedelta(days=1)
MAX = Fraction(10)


def perfect() -> Progress:
    """Every session, full marks, two good lessons."""
    works = [
        Work(
            week=week.number,
            notebook=notebook,
            component=component,
            state="graded",
            due=COURSE.schedule.local_date(COURSE.schedule.due(START, week.number)),
            score=MAX,
            max_score=MAX,
        )
        for week in COURSE.weeks
        for notebook, component in week.counts.items()
    ]
    sessions = [
        Attended(n, COURSE.schedule.session_date(START, n), "present") for n in range(1, 31)
    ]
    lessons = [Lesson(n, 10, True, "maly", END) for n in (1, 2)]
    return Progress(Person("sokha", "Sok Sokha"), "trial", works, sessions, lessons)


def with_works(progress: Progress, change: Callable[[Work], Work]) -> Progress:
    """The same with every piece of work changed."""
    return replace(progress, works=[change(work) for work in progress.works])


def with_share(progress: Progress, share: Fraction, *components: str) -> Progress:
    """The same with this share of the points in these components (all, when none is named)."""

    def change(work: Work) -> Work:
        wanted = not components or work.component in components
        return replace(work, score=MAX * share) if wanted else work

    return with_works(progress, change)


def with_marks(progress: Progress, *counts: tuple[str | None, int]) -> Progress:
    """The same with so many of each mark, in order."""
    marks = [mark for mark, count in counts for _ in range(count)]
    held = [
        replace(session, mark=mark) for session, mark in zip(progress.sessions, marks, strict=True)
    ]
    return replace(progress, sessions=held)


def with_lessons(progress: Progress, *lessons: tuple[int, bool]) -> Progress:
    """The same with these observed lessons: score and passed."""
    return replace(
        progress,
        lessons=[Lesson(n, s, ok, "maly", END) for n, (s, ok) in enumerate(lessons, 1)],
    )
