"""club.toml as values: a club's ten sessions, the exercises of each, and when a member passes.

A club is a short course from the same sources: its sessions are read as a `Course`, so that
attendance, progress and graduation treat a club as they treat a cohort. Whatever is missing or
misspelt is named with its file and key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from programme.course import (
    Course,
    Part,
    SessionPlan,
    Week,
    check_components,
    read_both,
    read_schedule,
    read_week,
)
from programme.policy import read_policy
from programme.toml_table import Table, read_toml

UNIT = "session"
NOTEBOOKS = ("practice", "project")
EXERCISE = re.compile(r"w\d\d-[txbfw]\d-[a-z0-9-]+")


@dataclass(frozen=True)
class ClubPlan:
    """All of club.toml. `exercises` are grade_ids of course/source, a tuple a session."""

    file: Path
    course: Course
    minutes: int
    exercises: Mapping[int, tuple[str, ...]]

    def session(self, number: int) -> Week:
        """Session `number`, counted from 1. Raises IndexError."""
        return self.course.weeks[number - 1]


def read(course_folder: Path) -> ClubPlan:
    """Read club/club.toml of the course folder. Raises CourseError that names file and key."""
    file = course_folder / "club" / "club.toml"
    top = read_toml(file)
    about = top.table("club")
    schedule = read_schedule(top.table("schedule"))
    if len(schedule.session_days) != 1:
        raise top.error("schedule.session_days", "must name one day: a club meets once a week")
    wanted, size = about.whole("sessions", 1, 30), about.whole("exercises", 1, 20)
    minutes = about.whole("minutes", 30, 300)
    tables = top.tables("session")
    if len(tables) != wanted:
        raise top.error("session", f"stands {len(tables)} times: club.sessions asks for {wanted}")
    sessions, exercises, used = [], {}, dict[str, int]()
    for number, table in enumerate(tables, 1):
        if table.whole("number", 1, 99) != number:
            raise table.error("number", f"must be {number}: sessions stand in order, none left out")
        exercises[number] = _exercises(table, size, number, used)
        sessions.append(read_week(table, number, NOTEBOOKS, UNIT))
    policy = read_policy(top, wanted, schedule.make_up_days)
    check_components(top, tuple(sessions), policy, UNIT)
    course = Course(
        id=about.text("id"),
        title=read_both(about, "title"),
        languages=about.texts("languages"),
        khmer_reviewed=about.boolean("khmer_reviewed"),
        schedule=schedule,
        session_plan=(SessionPlan("club", (Part("session", minutes),)),),
        weeks=tuple(sessions),
        policy=policy,
    )
    about.done()
    top.done()
    return ClubPlan(file, course, minutes, exercises)


def _exercises(table: Table, size: int, number: int, used: dict[str, int]) -> tuple[str, ...]:
    names = table.texts("exercises")
    if len(names) != size:
        raise table.error("exercises", f"names {len(names)}: club.exercises asks for {size}")
    for place, name in enumerate(names, 1):
        if not EXERCISE.fullmatch(name):
            raise table.error(f"exercises[{place}]", f"is {name!r}: give an id as w03-x1-mat")
        first = used.setdefault(name, number)
        if first != number or names.count(name) > 1:
            raise table.error(f"exercises[{place}]", f"{name} stands in session {first} already")
    return names
