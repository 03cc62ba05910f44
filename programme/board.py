"""A cohort at a glance: each student's progress, today's decision and what stands recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from programme import decisions, progress
from programme.course import Course
from programme.decisions import Standing
from programme.graduation import Decision, Outcome, decide
from programme.record import Progress
from programme.site import Site
from programme.taught import course_of


@dataclass(frozen=True)
class Row:
    """One student. `decision` is computed now; `standing` is what was recorded, None if nothing."""

    progress: Progress
    decision: Decision
    standing: Standing | None

    @property
    def outcome(self) -> Outcome:
        """What is shown: an override that stands, else today's decision."""
        if self.standing is not None and self.standing.override is not None:
            return self.standing.outcome
        return self.decision.outcome

    @property
    def honours(self) -> bool:
        """With honours, by the override that stands or by today's decision."""
        if self.standing is not None and self.standing.override is not None:
            return self.standing.honours
        return self.decision.honours


@dataclass(frozen=True)
class Board:
    """A cohort on one day, students by username."""

    cohort: str
    course: Course
    today: date
    rows: tuple[Row, ...]


def read_board(site: Site, cohort: str, today: date) -> Board:
    """Everything that pages and exports show of a cohort."""
    plan = course_of(site, cohort)
    standing = decisions.standing(site, cohort)
    rows = [
        Row(found, decide(found, plan.policy, today), standing.get(found.person.username))
        for found in progress.read(site, cohort)
    ]
    return Board(cohort, plan, today, tuple(rows))
