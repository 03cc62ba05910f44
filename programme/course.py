"""course.toml as values: the weeks, the session plan and the rules of graduation.

The file is data that staff may change; here it is checked once and read into frozen dataclasses.
Whatever is missing or misspelt is named with its file and key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from programme.policy import PRACTICUM, Policy, read_policy
from programme.toml_table import CourseError, Table, read_toml

__all__ = ["Both", "Course", "CourseError", "Part", "Schedule", "SessionPlan", "Week", "read"]

NOTEBOOKS = ("lesson", "practice", "project")


@dataclass(frozen=True)
class Both:
    """A text in English and in Khmer."""

    en: str
    km: str

    def in_language(self, language: str) -> str:
        """The Khmer text for `km`, the English one for everything else."""
        return self.km if language == "km" else self.en


@dataclass(frozen=True)
class Week:
    """One week. `counts` maps a notebook's name to the component it counts for."""

    number: int
    title: Both
    question: Both
    concepts: tuple[str, ...]
    project: Both
    leadership: Both
    counts: Mapping[str, str]
    unit: str = "week"  # a club's is a session

    @property
    def assignment(self) -> str:
        """The name of the week's assignment, which is a database key: week01, session01."""
        return f"{self.unit}{self.number:02}"


@dataclass(frozen=True)
class Part:
    """A part of a session: what, and how many minutes."""

    name: str
    minutes: int


@dataclass(frozen=True)
class SessionPlan:
    """One of the two kinds of session in a week."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Schedule:
    """How the weeks lie in the calendar, counted from the cohort's first day."""

    utc_offset_hours: int
    session_days: tuple[int, ...]
    due_day: int
    make_up_days: int

    def session_date(self, start: date, number: int) -> date:
        """The planned date of session `number`, counted from 1."""
        week, place = divmod(number - 1, len(self.session_days))
        return start + timedelta(days=7 * week + self.session_days[place])

    def due(self, start: date, week: int) -> datetime:
        """The end of the day on which a week's work is due, in UTC."""
        day = start + timedelta(days=7 * (week - 1) + self.due_day)
        local = timezone(timedelta(hours=self.utc_offset_hours))
        return datetime(day.year, day.month, day.day, 23, 59, tzinfo=local).astimezone(UTC)

    def today(self) -> date:
        """The day in Cambodia now."""
        return self.local_date(datetime.now(UTC))

    def local_date(self, moment: datetime) -> date:
        """The day in Cambodia on which an aware moment falls."""
        return moment.astimezone(timezone(timedelta(hours=self.utc_offset_hours))).date()


@dataclass(frozen=True)
class Course:
    """All of course.toml."""

    id: str
    title: Both
    languages: tuple[str, ...]
    khmer_reviewed: bool
    schedule: Schedule
    session_plan: tuple[SessionPlan, ...]
    weeks: tuple[Week, ...]
    policy: Policy

    @property
    def sessions(self) -> int:
        """How many sessions the course has: each kind once a week."""
        return len(self.weeks) * len(self.session_plan)

    def session(self, number: int) -> tuple[Week, SessionPlan]:
        """The week and the kind of session `number` (from 1): 1 is week 1 A, 30 is week 15 B."""
        week, place = divmod(number - 1, len(self.session_plan))
        return self.weeks[week], self.session_plan[place]


def read(folder: Path) -> Course:
    """Read `folder`/course.toml. Raises CourseError that names file and key."""
    top = read_toml(folder / "course.toml")
    about = top.table("course")
    schedule = read_schedule(top.table("schedule"))
    plan = tuple(_session_plan(table) for table in top.tables("session"))
    weeks = tuple(_week(table, number) for number, table in enumerate(top.tables("week"), 1))
    if len(plan) != len(schedule.session_days):
        raise top.error("schedule.session_days", f"must name {len(plan)} days: one a [[session]]")
    policy = read_policy(top, len(plan) * len(weeks), schedule.make_up_days)
    check_components(top, weeks, policy)
    course = Course(
        id=about.text("id"),
        title=read_both(about, "title"),
        languages=about.texts("languages"),
        khmer_reviewed=about.boolean("khmer_reviewed"),
        schedule=schedule,
        session_plan=plan,
        weeks=weeks,
        policy=policy,
    )
    about.done()
    top.done()
    return course


def today(folder: Path) -> date:
    """The day in Cambodia now, as `folder`/course.toml sets its clock."""
    return read(folder).schedule.today()


def read_both(table: Table, key: str) -> Both:
    """A text in both languages. Raises CourseError."""
    texts = table.table(key)
    both = Both(en=texts.text("en"), km=texts.text("km"))
    texts.done()
    return both


def read_schedule(table: Table) -> Schedule:
    """The keys of [schedule]. Raises CourseError."""
    schedule = Schedule(
        utc_offset_hours=table.whole("utc_offset_hours", -12, 14),
        session_days=table.wholes("session_days", 0, 6),
        due_day=table.whole("due_day", 0, 27),
        make_up_days=table.whole("make_up_days", 0, 365),
    )
    table.done()
    return schedule


def _session_plan(table: Table) -> SessionPlan:
    parts = []
    for part in table.tables("parts"):
        parts.append(Part(part.text("id"), part.whole("minutes", 1, 600)))
        part.done()
    plan = SessionPlan(table.text("id"), tuple(parts))
    table.done()
    return plan


def read_week(
    table: Table, number: int, notebooks: Sequence[str] = NOTEBOOKS, unit: str = "week"
) -> Week:
    """A week or, of a club, a session. Raises CourseError for a key or notebook it doesn't know."""
    counts = table.table("counts")
    for name in counts.data:
        if name not in notebooks:
            raise counts.error(name, f"is no notebook of a {unit}. Known: {', '.join(notebooks)}")
    week = Week(
        number=number,
        title=read_both(table, "title"),
        question=read_both(table, "question"),
        concepts=table.texts("concepts"),
        project=read_both(table, "project"),
        leadership=read_both(table, "leadership"),
        counts={name: counts.text(name) for name in counts.data},
        unit=unit,
    )
    table.done()
    return week


def _week(table: Table, number: int) -> Week:
    if table.whole("number", 1, 99) != number:
        raise table.error("number", f"must be {number}: weeks stand in order and none is left out")
    return read_week(table, number)


def check_components(
    top: Table, weeks: tuple[Week, ...], policy: Policy, unit: str = "week"
) -> None:
    """Complain of a component without a weight, and of a weight that nothing counts for."""
    used = set()
    for week in weeks:
        for notebook, component in week.counts.items():
            if component not in policy.weights or component == PRACTICUM:
                raise top.error(
                    f"{unit}[{week.number}].counts.{notebook}",
                    f"names {component!r}, which has no weight in graduation.weights",
                )
            used.add(component)
    for component in policy.weights:
        if component not in used and component != PRACTICUM:
            raise top.error(
                f"graduation.weights.{component}", f"is a weight that no {unit} counts for"
            )
