"""Who was at an online session, as the hub saw it: a proposal, which an instructor confirms.

The hub says for each user when she was last active. While an online session is held, that is asked
every few minutes, and what is kept is one number a student and session: for how many minutes she
was seen. An open tab that asks the server for something counts as active, so the number is a hint
and no proof; and work done without the hub is not in it. Nobody is proposed as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

from sqlalchemy import Connection, insert, or_, select, update

from programme import attendance
from programme.course import Both, Course
from programme.gradebook import read_scores
from programme.messages import message
from programme.record import Mark
from programme.roster import KINDS
from programme.schema import cohorts, enrolments, group_members, groups, online_minutes, people
from programme.schema import sessions as session_table
from programme.site import Cohort, Site
from programme.store import reading, writing
from programme.taught import course_of, of_kind
from programme.toml_table import read_toml


@dataclass(frozen=True)
class Rule:
    """course/attendance.toml: what counts, in minutes."""

    version: str
    starts_at: time
    early_minutes: int
    late_minutes: int
    active_minutes: int
    handed_in_counts: bool
    sample_minutes: int


@dataclass(frozen=True)
class Window:
    """The time in which activity counts for one session; aware, in UTC."""

    session_id: int
    cohort_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Proposal:
    """What the hub saw of one student. `mark` is None when it is for the instructor to say."""

    line: attendance.Line
    minutes: int
    handed_in: bool
    mark: Mark | None
    why: Both


def read_rule(folder: Path) -> Rule:
    """Read `folder`/attendance.toml. Raises CourseError that names file and key."""
    top = read_toml(folder / "attendance.toml")
    rules = top.table("online")
    hour = rules.text("starts_at")
    try:
        starts_at = time.fromisoformat(hour)
    except ValueError:
        raise rules.error("starts_at", f"is {hour!r}: give an hour such as 18:00") from None
    rule = Rule(
        version=rules.text("version"),
        starts_at=starts_at,
        early_minutes=rules.whole("early_minutes", 0, 120),
        late_minutes=rules.whole("late_minutes", 0, 600),
        active_minutes=rules.whole("active_minutes", 1, 600),
        handed_in_counts=rules.boolean("handed_in_counts"),
        sample_minutes=rules.whole("sample_minutes", 1, 30),
    )
    rules.done()
    top.done()
    return rule


def propose(minutes: int, handed_in: bool, rule: Rule) -> Mark | None:
    """What the rule says of somebody seen for so many minutes. Pure."""
    enough = minutes >= rule.active_minutes
    return "present" if enough or (handed_in and rule.handed_in_counts) else None


def proposals(site: Site, cohort: str, number: int) -> list[Proposal]:
    """A proposal for everybody who takes session `number` online; [] when nobody does."""
    plan, rule = course_of(site, cohort), read_rule(site.course)
    sheet = attendance.read_sheet(site, cohort, number)
    with reading(site) as connection:
        session_id, session = attendance.find_session(connection, cohort, number)
        online = _online(connection, session_id)
        seen = _minutes(connection, session_id)
    start, end = _hours(session, plan, rule)
    handed_in = _handed_in(site.cohort(cohort), start, end)
    found = []
    for line in sheet.lines:
        if line.enrolment_id in online:
            minutes, sent = seen.get(line.enrolment_id, 0), line.person.username in handed_in
            said = propose(minutes, sent, rule)
            why = message("attendance.seen", minutes=minutes, of=rule.active_minutes)
            if sent:
                more = message("attendance.handed_in")
                why = Both(f"{why.en} {more.en}", f"{why.km} {more.km}")
            found.append(Proposal(line, minutes, sent, said, why))
    return found


def windows(site: Site, now: datetime) -> list[Window]:
    """The online sessions in whose time `now` (aware) falls."""
    rule = read_rule(site.course)
    plans = {kind: of_kind(site.course, kind) for kind in KINDS}
    day = plans["ambassador"].schedule.local_date(now)
    # A session that ends after midnight is of the day before.
    days = (day - timedelta(days=1), day, day + timedelta(days=1))
    with reading(site) as connection:
        rows = connection.execute(
            select(session_table, cohorts.c.kind)
            .join_from(session_table, cohorts)
            .where(session_table.c.held_on.in_(days))
        ).all()
    found = []
    for row in rows:
        session = attendance.Session(row.number, row.held_on, row.starts_at)
        start, end = _hours(session, plans[row.kind], rule)
        if start <= now < end:
            found.append(Window(row.id, row.cohort_id, start, end))
    return found


def count(site: Site, last_active: Mapping[str, datetime], now: datetime) -> int:
    """Add a sample: who was active in the last few minutes, username → when; how many counted.

    The same few minutes never count twice, whoever asks and however often.
    """
    rule = read_rule(site.course)
    step = timedelta(minutes=rule.sample_minutes)
    slot = datetime.fromtimestamp(
        now.timestamp() // step.total_seconds() * step.total_seconds(), UTC
    )
    active = {username for username, when in last_active.items() if slot - step <= when <= now}
    open_now = windows(site, now)
    if not (active and open_now):
        return 0
    with writing(site) as connection:
        return sum(
            _add(connection, window, active, slot, rule.sample_minutes) for window in open_now
        )


def _add(
    connection: Connection, window: Window, active: set[str], slot: datetime, minutes: int
) -> int:
    rows = connection.execute(
        select(enrolments.c.id, people.c.username, online_minutes.c.counted_until)
        .join_from(enrolments, people)
        .outerjoin(
            online_minutes,
            (online_minutes.c.enrolment_id == enrolments.c.id)
            & (online_minutes.c.session_id == window.session_id),
        )
        .where(enrolments.c.id.in_(_online(connection, window.session_id)))
    ).all()
    here = [row for row in rows if row.username in active]
    key = {"session_id": window.session_id, "counted_until": slot}
    new = [{**key, "enrolment_id": row.id, "minutes": minutes} for row in here
           if row.counted_until is None]  # fmt: skip
    if new:
        connection.execute(insert(online_minutes), new)
    known = [row.id for row in here if row.counted_until is not None and row.counted_until < slot]
    if known:
        connection.execute(
            update(online_minutes)
            .where(
                online_minutes.c.session_id == window.session_id,
                online_minutes.c.enrolment_id.in_(known),
            )
            .values(minutes=online_minutes.c.minutes + minutes, counted_until=slot)
        )
    return len(new) + len(known)


def _online(connection: Connection, session_id: int) -> set[int]:
    """Active students who take the session online: by their group, or by their cohort's way."""
    query = (
        select(enrolments.c.id)
        .join_from(session_table, cohorts)
        .join(enrolments, enrolments.c.cohort_id == cohorts.c.id)
        .outerjoin(group_members, group_members.c.enrolment_id == enrolments.c.id)
        .outerjoin(groups, groups.c.id == group_members.c.group_id)
        .where(
            session_table.c.id == session_id,
            enrolments.c.role == "student",
            enrolments.c.status == "active",
            or_(
                groups.c.mode == "online",
                groups.c.id.is_(None) & (cohorts.c.mode == "online"),
            ),
        )
    )
    return set(connection.execute(query).scalars())


def _minutes(connection: Connection, session_id: int) -> dict[int, int]:
    rows = connection.execute(
        select(online_minutes.c.enrolment_id, online_minutes.c.minutes).where(
            online_minutes.c.session_id == session_id
        )
    )
    return {row.enrolment_id: row.minutes for row in rows}


def _hours(session: attendance.Session, plan: Course, rule: Rule) -> tuple[datetime, datetime]:
    """From when to when activity counts, in UTC."""
    _, kind = plan.session(session.number)
    local = timezone(timedelta(hours=plan.schedule.utc_offset_hours))
    hour = session.starts_at or rule.starts_at
    begins = datetime.combine(session.held_on, hour, local).astimezone(UTC)
    lasts = timedelta(minutes=sum(part.minutes for part in kind.parts) + rule.late_minutes)
    return begins - timedelta(minutes=rule.early_minutes), begins + lasts


def _handed_in(cohort: Cohort, start: datetime, end: datetime) -> set[str]:
    """Who handed something in between these times, collected or not yet."""
    found = {
        student
        for (_, student), submission in read_scores(cohort).submissions.items()
        if submission.submitted_at and start <= submission.submitted_at < end
    }
    # Not collected yet: nbgrader writes student+assignment+time+… as the folder's name.
    for folder in cohort.inbound.glob("*+*+*"):
        student, _, written, *_ = folder.name.split("+")
        if (at := _moment(written)) and start <= at < end:
            found.add(student)
    return found


def _moment(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)
    except ValueError:
        return None
