"""What the templates show, made from a board: short texts and numbers, nothing left to decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from programme.board import Board, Row
from programme.course import Both, Course
from programme.messages import message
from programme.record import Attended, Progress, Work

SIGNS = {"ungraded": "!", "waiting": "…", "needs_manual": "*"}  # the first that is true is shown


@dataclass(frozen=True)
class WeekCell:
    """One week of one student on the board: a percentage or a sign, and how to colour it."""

    text: str
    tone: str


@dataclass(frozen=True)
class SessionLine:
    """One session in the list of a cohort: how many are marked of how many."""

    number: int
    held_on: date
    marked: int
    held: bool


def week_cells(progress: Progress, course: Course, today: date) -> list[WeekCell]:
    """A cell a week. A week that is not due and not handed in stays empty."""
    cells = []
    for week in course.weeks:
        works = [work for work in progress.works if work.week == week.number]
        cells.append(_week_cell(works, today))
    return cells


def _week_cell(works: Sequence[Work], today: date) -> WeekCell:
    graded = [work for work in works if work.score is not None and work.max_score]
    missing = any(work.state == "not_submitted" and work.due < today for work in works)
    states = {work.state for work in works}
    sign = next((SIGNS[state] for state in SIGNS if state in states), "")
    if missing:
        sign += "–"
    if not graded:
        return WeekCell(sign, "low" if missing else "")
    points = sum((min(work.score or 0, work.max_score or 0) for work in graded), Fraction(0))
    share = points / sum((work.max_score or Fraction(0) for work in graded), Fraction(0))
    tone = "low" if share < Fraction(1, 2) else "mid" if share < Fraction(7, 10) else "good"
    return WeekCell(f"{math.floor(share * 100)}{sign}", tone)


def attended(progress: Progress) -> tuple[int, int]:
    """How many sessions she was at or caught up, of how many that are marked."""
    marks = [held.mark for held in progress.sessions if held.mark is not None]
    return sum(mark in ("present", "caught_up") for mark in marks), len(marks)


def missing(progress: Progress, today: date) -> list[Work]:
    """What is due and not handed in; nothing for somebody who has left."""
    if progress.withdrawn_on is not None:
        return []
    due = (work for work in progress.works if work.due < today and work.max_score != 0)
    return [work for work in due if work.state == "not_submitted"]


def points(work: Work) -> Both:
    """A piece of work in words: its points, or its state."""
    state = message(f"page.state.{work.state}")
    if work.score is None or work.max_score is None:
        return state
    found = message("page.points", score=_short(work.score), max=_short(work.max_score))
    if work.state == "graded":
        return found
    return Both(f"{found.en}, {state.en}", f"{found.km} {state.km}")


def session_lines(board: Board) -> list[SessionLine]:
    """The cohort's sessions, with how many of its active students are marked."""
    active = [row for row in board.rows if row.progress.withdrawn_on is None]
    first: Sequence[Attended] = board.rows[0].progress.sessions if board.rows else ()
    return [
        SessionLine(
            number=held.number,
            held_on=held.held_on,
            marked=sum(row.progress.sessions[place].mark is not None for row in active),
            held=held.held_on <= board.today,
        )
        for place, held in enumerate(first)
    ]


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """Outcome → how many, in the order in which they are shown."""
    order = ("at_risk", "on_the_way", "graduated", "withdrawn")
    return {outcome: sum(row.outcome == outcome for row in rows) for outcome in order}


def by_need(rows: Sequence[Row]) -> list[Row]:
    """Who needs somebody first: open alarms, then at risk, on the way, graduated, withdrawn."""
    order = {"at_risk": 1, "on_the_way": 2, "graduated": 3, "withdrawn": 4}

    def need(row: Row) -> tuple[int, str]:
        unanswered = any(alarm.call is None for alarm in row.decision.alarms)
        return (0 if unanswered else order[row.outcome], row.progress.person.username)

    return sorted(rows, key=need)


def _short(number: Fraction) -> str:
    return f"{float(number):g}"
