"""What is known about one student of one cohort: plain values, nothing decided yet.

Scores are exact fractions. What nobody has graded is None or pending, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from programme.people import Person

Mark = Literal["present", "absent", "excused", "caught_up"]
MARKS: tuple[Mark, ...] = ("present", "absent", "excused", "caught_up")
State = Literal["not_released", "not_submitted", "waiting", "ungraded", "needs_manual", "graded"]


@dataclass(frozen=True)
class Work:
    """One notebook of one week, or of one session of a club, that counts for something.

    `state`: not_released (students don't have it yet), not_submitted, waiting (handed in, not
    graded yet), ungraded (a fault of the platform left cells without a grade), needs_manual (a
    person has to grade some cells), graded. `score` is what is graded so far, late penalty taken
    off, None when nothing is; `pending` is how many points are still to be given; `max_score` is
    None until the week is released. `due` includes her extension.
    """

    week: int
    notebook: str
    component: str
    state: State
    due: date
    score: Fraction | None = None
    max_score: Fraction | None = None
    pending: Fraction = Fraction(0)
    submitted_at: datetime | None = None
    late: bool = False
    unit: str = "week"  # of a club, a session

    @property
    def assignment(self) -> str:
        """The name of its assignment: week03, or session03 of a club."""
        return f"{self.unit}{self.week:02}"

    @property
    def owed(self) -> bool:
        """True when the grade is missing because of us, so that it must not count against her."""
        return self.state in ("not_released", "waiting", "ungraded", "needs_manual")


@dataclass(frozen=True)
class Attended:
    """One session and her mark, None when nobody has marked it."""

    number: int
    held_on: date
    mark: Mark | None


@dataclass(frozen=True)
class Lesson:
    """One observed lesson that she taught: `score` items of the policy's."""

    number: int
    score: int
    passed: bool
    observer: str
    observed_on: date


@dataclass(frozen=True)
class Call:
    """A call to her: who, when, what was said."""

    caller: str
    called_at: datetime
    note: str


@dataclass(frozen=True)
class Progress:
    """Everything that a decision about one student may rest on."""

    person: Person
    cohort: str
    works: Sequence[Work]
    sessions: Sequence[Attended]
    lessons: Sequence[Lesson] = ()
    calls: Sequence[Call] = ()
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = None

    @property
    def ends_on(self) -> date:
        """The last day of her course: the last session or the last day that work is due."""
        days = [work.due for work in self.works] + [held.held_on for held in self.sessions]
        return max(days)

    def absences(self) -> list[Attended]:
        """Sessions she missed and has not caught up, without those she was excused from."""
        return [held for held in self.sessions if held.mark == "absent"]
