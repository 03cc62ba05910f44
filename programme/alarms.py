"""When somebody should call her: absences, or weeks under the bar. It asks and never decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from programme.course import Both
from programme.messages import message
from programme.policy import Policy
from programme.reason import Reason, percent, reason
from programme.record import Call, Progress, Work


@dataclass(frozen=True)
class Alarm:
    """An alarm since a day. `call` is the first call from that day on, None: call her now.

    `short` is the reason for a table's cell.
    """

    reason: Reason
    short: Both
    since: date
    call: Call | None


def alarms(progress: Progress, policy: Policy, today: date) -> tuple[Alarm, ...]:
    """The alarms of an active student. One more absence after a call raises the alarm again."""
    found = []
    absent = [held for held in progress.absences() if held.held_on <= today]
    if len(absent) >= policy.alarm_absences:
        numbers = [held.number for held in absent]
        evidence = {"sessions": numbers, "source": f"attendance of {progress.cohort}"}
        words = {"count": len(numbers), "sessions": _list(numbers)}
        alarm = reason("alarm.absences", "open", evidence, **words)
        found.append(_alarm(alarm, len(absent), max(held.held_on for held in absent), progress))
    low = _low_weeks(progress, policy, today)
    if len(low) >= policy.alarm_weeks:
        evidence = {"weeks": sorted(low), "source": f"gradebook of {progress.cohort}"}
        words = {
            "count": len(low),
            "weeks": _list(sorted(low)),
            "below": percent(policy.alarm_below),
        }
        alarm = reason("alarm.weeks", "open", evidence, **words)
        found.append(_alarm(alarm, len(low), max(low.values()), progress))
    return tuple(found)


def _low_weeks(progress: Progress, policy: Policy, today: date) -> dict[int, date]:
    """Weeks whose points stay under the bar even if all that we owe is given → when due."""
    due: dict[int, list[Work]] = {}
    for work in progress.works:
        if work.due < today and work.state != "not_released" and work.max_score:
            due.setdefault(work.week, []).append(work)
    low = {}
    for week, works in due.items():
        points = sum((_highest(work) for work in works), Fraction(0))
        total = sum((work.max_score or Fraction(0) for work in works), Fraction(0))
        if points < policy.alarm_below * total:
            low[week] = max(work.due for work in works)
    return low


def _highest(work: Work) -> Fraction:
    if work.state == "waiting":
        return work.max_score or Fraction(0)
    return (work.score or Fraction(0)) + work.pending


def _alarm(alarm: Reason, count: int, since: date, progress: Progress) -> Alarm:
    calls = [call for call in progress.calls if call.called_at.date() >= since]
    short = message(f"{alarm.id}.short", count=count)
    return Alarm(alarm, short, since, calls[0] if calls else None)


def _list(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers)
