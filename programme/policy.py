"""When somebody graduates, as data. All shares are exact fractions of 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from programme.toml_table import Table

PRACTICUM = "practicum"


@dataclass(frozen=True)
class Policy:
    """The rules of graduation; each field says what it counts."""

    version: str
    sessions: int
    sessions_required: int
    sessions_restorable: int
    average_required: Fraction
    weeks_dropped: int
    droppable: frozenset[str]
    weights: Mapping[str, Fraction]
    must_pass: Mapping[str, Fraction]
    lesson_items: int
    lessons_required: int
    lesson_pass_items: int
    lesson_good_items: int
    alarm_absences: int
    alarm_weeks: int
    alarm_below: Fraction
    honours_average: Fraction
    honours_lessons: int
    make_up_days: int


def read_policy(top: Table, sessions: int, make_up_days: int) -> Policy:
    """Read [graduation]. Raises CourseError that names the key.

    The version is the one written in the file and eight letters of its contents' hash: a change
    that forgot to raise the version is visible in every decision.
    """
    rules = top.table("graduation")
    written = rules.text("version")
    attendance = rules.table("attendance")
    average = rules.table("average")
    lessons = rules.table("lessons")
    alarm = rules.table("alarm")
    honours = rules.table("honours")
    weights = _shares(rules, "weights")
    if sum(weights.values()) != 1:
        total = sum(weights.values()) * 100
        raise rules.error("weights", f"add up to {float(total):g}: they must add up to 100")
    if PRACTICUM not in weights:
        raise rules.error(f"weights.{PRACTICUM}", "is missing: give the weight of observed lessons")
    must_pass = _shares(rules, "must_pass")
    droppable = frozenset(average.texts("droppable"))
    for key, names in (("must_pass", must_pass.keys()), ("average.droppable", droppable)):
        for name in sorted(names):
            if name not in weights:
                raise rules.error(f"{key}", f"names {name!r}, which has no weight")
    items = lessons.whole("items", 1, 100)
    digest = hashlib.sha256(json.dumps(rules.data, sort_keys=True, default=str).encode())
    policy = Policy(
        version=f"{written}+{digest.hexdigest()[:8]}",
        sessions=sessions,
        sessions_required=attendance.whole("required", 0, sessions),
        sessions_restorable=attendance.whole("restorable", 0, sessions),
        average_required=average.percent("percent"),
        weeks_dropped=average.whole("lowest_weeks_dropped", 0, 5),
        droppable=droppable,
        weights=weights,
        must_pass=must_pass,
        lesson_items=items,
        lessons_required=lessons.whole("passed_required", 0, 10),
        lesson_pass_items=lessons.whole("pass_items", 0, items),
        lesson_good_items=lessons.whole("good_items", 0, items),
        alarm_absences=alarm.whole("absences", 1, sessions),
        alarm_weeks=alarm.whole("weeks", 1, 52),
        alarm_below=alarm.percent("below_percent"),
        honours_average=honours.percent("percent"),
        honours_lessons=honours.whole("good_lessons", 0, 10),
        make_up_days=make_up_days,
    )
    for table in (rules, attendance, average, lessons, alarm, honours):
        table.done()
    return policy


def _shares(rules: Table, key: str) -> dict[str, Fraction]:
    table = rules.table(key)
    return {name: table.percent(name) for name in table.data}
