"""The average: exact, with what is owed by us as a range, and the lowest weeks left out.

Every piece of work is a range from `low` to `high`: the same when it is graded, apart while a grade
is missing because of us. Nobody may lose by what we owe, so a bar is missed only when `high` misses
it, and reached only when `low` reaches it. The weeks left out are those that help her most; as the
best of a fixed set of sums, the average can't fall when a score rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import lcm

from programme.policy import PRACTICUM, Policy
from programme.record import Progress, Work

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Entry:
    """One thing that counts, as shares of its maximum. `week` is None for observed lessons."""

    component: str
    week: int | None
    low: Fraction
    high: Fraction

    @property
    def owed(self) -> bool:
        """True when part of its grade is still ours to give."""
        return self.low != self.high


@dataclass(frozen=True)
class Average:
    """A weighted average and the weeks that were left out of it."""

    value: Fraction
    left_out: tuple[int, ...]


@dataclass(frozen=True)
class Averages:
    """`known` is of what is graded, to be shown; `low` and `high` are what it can become.

    `binding` is False while so little is due that all of it could still be left out.
    """

    low: Average
    high: Average
    known: Average | None
    binding: bool


def entries(progress: Progress, policy: Policy, today: date) -> list[Entry]:
    """What counts on that day: work whose due date is over, and lessons once the course is over.

    Work that is not released counts nothing before the end, and is owed by us after it.
    """
    over = today > progress.ends_on
    found = [
        Entry(work.component, work.week, *_range(work))
        for work in progress.works
        if work.max_score != 0 and work.due < today and (over or work.state != "not_released")
    ]
    if over:
        best = max((lesson.score for lesson in progress.lessons), default=0)
        share = min(ONE, Fraction(best, policy.lesson_items))
        found.append(Entry(PRACTICUM, None, share, share))
    return found


def _range(work: Work) -> tuple[Fraction, Fraction]:
    if work.state == "not_submitted":
        return ZERO, ZERO
    if work.state in ("not_released", "waiting") or work.max_score is None:
        return ZERO, ONE
    score = work.score or ZERO
    low, high = score / work.max_score, (score + work.pending) / work.max_score
    return min(ONE, low), min(ONE, high)


def averages(counted: Sequence[Entry], policy: Policy) -> Averages | None:
    """The averages of what counts; None when nothing that has a weight does."""
    low = _best([(entry, entry.low) for entry in counted], policy)
    if low is None:
        return None
    weeks = {entry.week for entry in counted if entry.component in policy.droppable}
    fixed = any(entry.component not in policy.droppable for entry in counted)
    binding = fixed or len(weeks) > policy.weeks_dropped
    if not any(entry.owed for entry in counted):
        return Averages(low, low, low, binding)
    high = _best([(entry, entry.high) for entry in counted], policy)
    known = _best([(entry, entry.low) for entry in counted if not entry.owed], policy)
    return Averages(low, high or low, known, binding)


def component_means(counted: Sequence[Entry]) -> Mapping[str, tuple[Fraction, Fraction]]:
    """Component → the means of its lows and of its highs, with no week left out."""
    groups: dict[str, list[Entry]] = {}
    for entry in counted:
        groups.setdefault(entry.component, []).append(entry)
    return {
        component: (
            sum((entry.low for entry in group), ZERO) / len(group),
            sum((entry.high for entry in group), ZERO) / len(group),
        )
        for component, group in groups.items()
    }


def _best(values: Sequence[tuple[Entry, Fraction]], policy: Policy) -> Average | None:
    """The highest average over all ways to leave out up to so many weeks.

    There are 121 ways for 15 weeks, so it counts in whole numbers: shares, weights and means are
    all brought to common denominators first. That is as exact as fractions and ten times faster.
    """
    unit = lcm(*(value.denominator for _, value in values))
    weight_unit = lcm(*(weight.denominator for weight in policy.weights.values()))
    weights = {name: int(weight * weight_unit) for name, weight in policy.weights.items()}
    sums: dict[str, tuple[int, int]] = {}
    of_week: dict[int, list[tuple[str, int]]] = {}
    for entry, value in values:
        points = int(value * unit)
        total, count = sums.get(entry.component, (0, 0))
        sums[entry.component] = (total + points, count + 1)
        if entry.week is not None and entry.component in policy.droppable:
            of_week.setdefault(entry.week, []).append((entry.component, points))
    count_unit = lcm(*range(1, max((count for _, count in sums.values()), default=1) + 1))
    best: tuple[int, int, tuple[int, ...]] | None = None
    for size in range(policy.weeks_dropped + 1):
        for weeks in combinations(sorted(of_week), size):
            left = dict(sums)
            for component, points in (item for week in weeks for item in of_week[week]):
                total, count = left[component]
                left[component] = (total - points, count - 1)
            over, weight = _weighted(left, weights, count_unit)
            if weight and (best is None or over * best[1] > best[0] * weight):
                best = over, weight, weeks
    if best is None:
        return None
    return Average(Fraction(best[0], best[1] * count_unit * unit), best[2])


def _weighted(
    sums: Mapping[str, tuple[int, int]], weights: Mapping[str, int], count_unit: int
) -> tuple[int, int]:
    """The weighted sum of the components' means (times `count_unit`), and the sum of weights."""
    over = weight = 0
    for component, (total, count) in sums.items():
        if count:
            over += weights[component] * total * (count_unit // count)
            weight += weights[component]
    return over, weight
