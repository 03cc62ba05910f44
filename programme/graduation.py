"""Who graduates: a pure function from a student's progress, the policy and the day to a decision.

The worst requirement decides: one that nobody can reach any more, or an average under the bar, is
`at_risk`; one that is open, owed by us or can be made up is `on_the_way`; all met and the course
over is `graduated`. Who has left is `withdrawn`, whatever else is true. Nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from programme import requirements
from programme.alarms import Alarm, alarms
from programme.average import Averages, Entry, averages, entries
from programme.course import Both
from programme.messages import message
from programme.policy import Policy
from programme.reason import Reason, percent, reason
from programme.record import Progress, Work
from programme.requirements import Moment

Outcome = Literal["withdrawn", "at_risk", "on_the_way", "graduated"]
OUTCOMES: tuple[Outcome, ...] = ("withdrawn", "at_risk", "on_the_way", "graduated")


@dataclass(frozen=True)
class Decision:
    """The outcome and why. `average_percent` is rounded down, None while nothing counts."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    honours: bool
    alarms: tuple[Alarm, ...]
    average_percent: str | None
    policy_version: str


def decide(progress: Progress, policy: Policy, today: date) -> Decision:
    """Decide about one student on one day. Pure and exact."""
    moment = Moment.of(progress, policy, today)
    counted = entries(progress, policy, today)
    found = averages(counted, policy)
    shown = None if found is None else percent((found.known or found.low).value)
    if progress.withdrawn_on is not None:
        on, why_left = progress.withdrawn_on, progress.withdrawn_reason
        evidence = {"on": on.isoformat(), "reason": why_left, "source": "enrolment"}
        why = reason("withdrawn", "behind", evidence, on=on, reason=why_left)
        return Decision("withdrawn", (why,), False, (), shown, policy.version)
    needed = _needed(progress, policy, moment, counted, found)
    outcome = _outcome(needed, moment)
    honours = _honours(progress, policy, found) if outcome == "graduated" else None
    notes = _notes(progress, moment, outcome)
    return Decision(
        outcome=outcome,
        reasons=(*needed, *notes, *([honours] if honours else [])),
        honours=honours is not None,
        alarms=() if outcome == "graduated" else alarms(progress, policy, today),
        average_percent=shown,
        policy_version=policy.version,
    )


def _needed(
    progress: Progress,
    policy: Policy,
    moment: Moment,
    counted: Sequence[Entry],
    found: Averages | None,
) -> list[Reason]:
    """Every requirement that the policy has: a bar of 0 is not asked."""
    needed = [requirements.attendance(progress, policy, moment)]
    if policy.average_required:
        needed.append(requirements.average(progress, policy, moment, counted, found))
    needed += [
        requirements.must_pass(progress, policy, moment, component, counted)
        for component in policy.must_pass
    ]
    if policy.lessons_required:
        needed.append(requirements.lessons(progress, policy, moment))
    return needed


def _outcome(needed: Sequence[Reason], moment: Moment) -> Outcome:
    states = {why.state for why in needed}
    if "behind" in states:
        return "at_risk"
    return "graduated" if moment.over and states == {"met"} else "on_the_way"


def _honours(progress: Progress, policy: Policy, found: Averages | None) -> Reason | None:
    good = [
        lesson
        for lesson in progress.lessons
        if lesson.passed and lesson.score >= policy.lesson_good_items
    ]
    if found is None or found.low.value < policy.honours_average:
        return None
    if len(good) < policy.honours_lessons:
        return None
    shown = percent(found.low.value)
    evidence = {"percent": shown, "good_lessons": [lesson.number for lesson in good]}
    return reason("honours", "met", evidence, percent=shown, lessons=len(good))


def _notes(progress: Progress, moment: Moment, outcome: Outcome) -> list[Reason]:
    """What she can do and what we owe, week by week; they explain and don't decide."""
    if outcome == "graduated":
        return []
    notes = []
    due = [work for work in progress.works if work.due < moment.today and work.max_score != 0]
    missing = [work for work in due if work.state == "not_submitted"]
    owed = [work for work in due if work.owed and work.state != "not_released"]
    if missing and moment.can_make_up:
        until = moment.make_up_until
        evidence = {
            "works": _keys(missing), "until": until.isoformat(), "source": _gradebook(progress),
        }  # fmt: skip
        notes.append(
            reason("work.missing", "make_up", evidence, works=_names(missing), until=until)
        )
    if owed:
        evidence = {"works": _keys(owed), "source": _gradebook(progress)}
        notes.append(reason("work.owed", "waiting", evidence, works=_names(owed)))
    if not moment.over:
        ends = moment.ends_on
        notes.append(reason("course.open", "open", {"ends_on": ends.isoformat()}, ends=ends))
    return notes


def _gradebook(progress: Progress) -> str:
    return f"gradebook of {progress.cohort}"


def _keys(works: Sequence[Work]) -> list[str]:
    return [f"{work.assignment}/{work.notebook}: {work.state}" for work in works]


def _names(works: Sequence[Work]) -> Both:
    names = [
        message(work.unit, week=work.week, notebook=message(f"notebook.{work.notebook}"))
        for work in works
    ]
    return Both(", ".join(name.en for name in names), ", ".join(name.km for name in names))
