"""What it takes to graduate: attendance, average, must-pass components, an observed lesson.

One function a requirement, each from plain values to a Reason. Before the end nobody fails for what
is not due; afterwards there is a time to make things up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from programme.average import Averages, Entry, component_means
from programme.course import Both
from programme.messages import catalogue, message
from programme.policy import Policy
from programme.reason import Reason, exact, percent, reason
from programme.record import Progress


@dataclass(frozen=True)
class Moment:
    """When a decision is made: is the course over, and can things still be made up?"""

    today: date
    ends_on: date
    make_up_until: date

    @classmethod
    def of(cls, progress: Progress, policy: Policy, today: date) -> Moment:
        """The moment for this student's course."""
        ends_on = progress.ends_on
        return cls(today, ends_on, ends_on + timedelta(days=policy.make_up_days))

    @property
    def over(self) -> bool:
        """The last session is held and the last work is due."""
        return self.today > self.ends_on

    @property
    def can_make_up(self) -> bool:
        """During the course and some weeks after it."""
        return self.today <= self.make_up_until


def attendance(progress: Progress, policy: Policy, moment: Moment) -> Reason:
    """So many sessions of so many; a few missed ones count when they are caught up."""
    marks = [held.mark for held in progress.sessions]
    caught_up = min(marks.count("caught_up"), policy.sessions_restorable)
    attended = marks.count("present") + caught_up
    unmarked = sum(held.mark is None and held.held_on < moment.today for held in progress.sessions)
    to_come = marks.count(None) - unmarked
    missed = marks.count("absent") + marks.count("excused")
    reachable = attended + unmarked + to_come
    restorable = min(policy.sessions_restorable - caught_up, missed)
    evidence = {
        "attended": attended,
        "caught_up": caught_up,
        "absent": marks.count("absent"),
        "excused": marks.count("excused"),
        "unmarked": unmarked,
        "to_come": to_come,
        "sessions": len(marks),
        "required": policy.sessions_required,
        "source": f"attendance of {progress.cohort}",
    }
    words = {
        **evidence,
        "total": len(marks),
        "restore": policy.sessions_required - reachable,
        "reachable": reachable + restorable,
    }
    if attended >= policy.sessions_required:
        return reason("attendance.met", "met", evidence, **words)
    if reachable >= policy.sessions_required:
        if to_come:
            return reason("attendance.open", "open", evidence, **words)
        return reason("attendance.waiting", "waiting", evidence, **words)
    if moment.can_make_up and reachable + restorable >= policy.sessions_required:
        return reason("attendance.make_up", "make_up", evidence, **words)
    return reason("attendance.out_of_reach", "behind", evidence, **words)


def average(
    progress: Progress,
    policy: Policy,
    moment: Moment,
    counted: Sequence[Entry],
    found: Averages | None,
) -> Reason:
    """The weighted average, with the weeks left out that help her most."""
    required = policy.average_required
    evidence: dict[str, object] = {
        "required": exact(required),
        "source": f"gradebook of {progress.cohort}",
    }
    if found is None:
        return reason("average.none_yet", "open", evidence)
    shown = found.known or found.low
    evidence |= {
        "average": exact(shown.value),
        "percent": percent(shown.value),
        "lowest_possible": exact(found.low.value),
        "highest_possible": exact(found.high.value),
        "weeks_left_out": list(shown.left_out),
        "components": {
            component: {
                "percent": percent(low),
                "weight": percent(policy.weights[component]),
                "counted": sum(entry.component == component for entry in counted),
            }
            for component, (low, _) in component_means(counted).items()
        },
    }
    words = {"percent": percent(shown.value), "required": percent(required)}
    if found.high.value < required and (moment.over or found.binding):
        return reason("average.below", "behind", evidence, **words)
    if found.low.value < required and found.binding:
        return reason("average.waiting", "waiting", evidence, **words)
    if moment.over:
        return reason("average.met", "met", evidence, **words)
    return reason("average.open", "open", evidence, **words)


def must_pass(
    progress: Progress, policy: Policy, moment: Moment, component: str, counted: Sequence[Entry]
) -> Reason:
    """A component that has to reach its own bar, no week left out."""
    required = policy.must_pass[component]
    works = [work for work in progress.works if work.component == component]
    evidence: dict[str, object] = {
        "component": component,
        "required": exact(required),
        "works": [f"{work.assignment}/{work.notebook}: {work.state}" for work in works],
        "source": f"gradebook of {progress.cohort}",
    }
    words: dict[str, object] = {
        "component": _name(component),
        "required": percent(required),
    }
    means = component_means(counted).get(component)
    if means is None:
        return reason("must_pass.open", "open", evidence, **words)
    low, high = means
    evidence |= {"lowest_possible": exact(low), "highest_possible": exact(high)}
    words["percent"] = percent(low)
    if low >= required:
        if all(work.due < moment.today for work in works):
            return reason("must_pass.met", "met", evidence, **words)
        return reason("must_pass.so_far", "open", evidence, **words)
    if high >= required:
        return reason("must_pass.waiting", "waiting", evidence, **words)
    if moment.can_make_up:
        return reason("must_pass.make_up", "make_up", evidence, **words)
    return reason("must_pass.missed", "behind", evidence, **words)


def lessons(progress: Progress, policy: Policy, moment: Moment) -> Reason:
    """So many observed lessons passed."""
    passed = sum(lesson.passed for lesson in progress.lessons)
    evidence = {
        "passed": passed,
        "required": policy.lessons_required,
        "lessons": [
            f"{lesson.number}: {lesson.score} of {policy.lesson_items}, "
            f"{'passed' if lesson.passed else 'not passed'}, seen by {lesson.observer}"
            for lesson in progress.lessons
        ],
        "source": f"observed lessons of {progress.cohort}",
    }
    words = {"passed": passed, "required": policy.lessons_required}
    if passed >= policy.lessons_required:
        return reason("lessons.met", "met", evidence, **words)
    if not moment.over:
        return reason("lessons.open", "open", evidence, **words)
    if moment.can_make_up:
        return reason("lessons.make_up", "make_up", evidence, **words)
    return reason("lessons.missed", "behind", evidence, **words)


def _name(component: str) -> Both:
    """What a component is called; one that staff have added has its own name in both languages."""
    known = f"component.{component}"
    return message(known) if known in catalogue() else Both(component, component)
