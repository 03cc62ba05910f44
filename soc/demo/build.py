"""Build the demo's data folder: the real verbs over fictional people, then renamed into place.

Built beside its place, so that a demo that was killed while it was built is built again.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from hub import accounts
from programme import attendance, catch_up, mentoring, roster
from programme.fictional import make_people
from programme.past_cohort import fill_past_cohort
from programme.people import Person
from programme.record import Mark
from programme.site import Cohort, Site
from soc.authoring.week import week_names
from soc.cohorts import (
    due_by_calendar,
    ensure_cohort,
    ensure_site,
    ensure_students_in_gradebook,
    grade_arrivals,
)
from soc.demo import around, quirks, voices
from soc.demo.homes import furnish
from soc.demo.story import STORIES, Quirk, Story
from soc.demo.work import hand_in, read_answers
from soc.marking import collect, give_feedback, grade
from soc.output import bar
from soc.release import release

COHORT = "ambassador-2026"
LAST_YEAR = "ambassador-2025"
INSTRUCTOR = Person("teacher", "Sok Rachana", "សុខ រចនា")
STAFF = Person("staff", "Chea Maly", "ជា ម៉ាលី")
PASSWORD = "sisters-demo"  # noqa: S105  known on purpose: the hub takes it on loopback only
_PHNOM_PENH = timezone(timedelta(hours=7))
Say = Callable[[str], None]


@dataclass(frozen=True)
class DemoStudent:
    """A fictional student and her story."""

    person: Person
    story: Story


def ensure_demo(root: Path, today: date, say: Say) -> Site:
    """The demo's site at `root`, built if it isn't there. `say` is called with each step."""
    if (root / "soc.toml").is_file():
        return Site.open(root)
    building = root.with_name(root.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    _build(building, today, say)
    building.rename(root)
    return Site.open(root)


def _build(root: Path, today: date, say: Say) -> None:
    dice = random.Random(2022)  # noqa: S311  a story, not a secret
    site = ensure_site(root)
    # Two weeks ago: two weeks lie behind the cohort, it is in its third.
    starts_on = today - timedelta(days=today.weekday() + 14)
    cohort = ensure_cohort(site, COHORT, starts_on)
    people = make_people(2022, len(STORIES), year=today.year)
    students = [DemoStudent(p, s) for p, s in zip(people, STORIES, strict=True)]
    say(f"{len(students)} students, 1 instructor, 1 staff member; first day {starts_on}")
    _enrol(site, cohort, students, starts_on)
    past, now = week_names(site.course)[:2], week_names(site.course)[2:3]
    for week in past:
        _week(site, cohort, week, students, dice, say)
    for week in now:
        release(site, cohort, week, due=due_by_calendar(site, cohort, week))
        say(f"{week}: released, this is the week the cohort is in")
    for student in students:
        furnish(site, cohort, student.person.username)
    grade_arrivals(cohort, datetime.now(UTC))
    _attendance(site, students, starts_on, today)
    say("last year's cohort, finished, for its graduation table")
    began = starts_on - timedelta(weeks=52)
    ensure_cohort(site, LAST_YEAR, began)
    fill_past_cohort(site, LAST_YEAR, 2021, starts_on=began)
    say("its certificates, an open call, a club that a graduate leads")
    graduates = around.graduate(site, LAST_YEAR, STAFF.username, today)
    leader, hopeful, *_ = graduates
    around.open_call(site, INSTRUCTOR.username, STAFF.username, today)
    around.run_clubs(site, leader, hopeful, STAFF.username, today)
    say("surveys of both years, mentors, an appeal")
    voices.answer_surveys(site, COHORT, LAST_YEAR, starts_on, today)
    voices.wish_for_mentors(site, graduates, COHORT, STAFF.username, today)
    asks = students[0].person.username
    appellant = voices.object_and_ask(site, LAST_YEAR, graduates, asks)
    for one in (leader, hopeful, appellant):
        accounts.set_password(site, one, PASSWORD)


def _enrol(site: Site, cohort: Cohort, students: Sequence[DemoStudent], on: date) -> None:
    roster.enrol(site, [s.person for s in students], cohort.name, "student", on=on)
    roster.enrol(site, [INSTRUCTOR], cohort.name, "instructor", on=on)
    roster.enrol(site, [STAFF], None, "staff", on=on)
    ensure_students_in_gradebook(site, cohort)
    for person in (INSTRUCTOR, STAFF, *(s.person for s in students)):
        accounts.set_password(site, person.username, PASSWORD)


def _week(
    site: Site,
    cohort: Cohort,
    week: str,
    students: Sequence[DemoStudent],
    dice: random.Random,
    say: Say,
) -> None:
    number = int(week.removeprefix("week"))
    due = due_by_calendar(site, cohort, week)
    release(site, cohort, week, due=due)
    answers = read_answers(site, week)
    later: list[DemoStudent] = []
    for student in students:
        quirk = student.story.quirk if number == 2 else Quirk.NONE
        if quirk is Quirk.NOT_COLLECTED:
            later.append(student)
        elif quirk is not Quirk.NOTHING:
            skill = student.story.skill[number - 1]
            when = due - timedelta(minutes=dice.randrange(20, 4000))
            if quirk is Quirk.TWICE:
                early = when - timedelta(days=1)
                hand_in(cohort, week, student.person.username, early, answers, skill=0.3, dice=dice)
            if quirk is Quirk.LATE:
                when = due + timedelta(days=2)
            folder = hand_in(
                cohort, week, student.person.username, when, answers, skill=skill, dice=dice
            )
            quirks.apply(quirk, folder)
    collect(site, cohort, week)
    say(f"{week}: released, handed in, collected; now it is graded in the sandbox")
    with bar(f"Grading {week}") as advance:
        results = grade(cohort, week, on_progress=advance)
    graded = [result for result in results if result.status == "graded"]
    say(
        f"{week}: {len(graded)} of {len(results)} graded; the others need a person, see `soc grade`"
    )
    if number == 1:
        _read_projects(cohort, week, students, dice)
        with bar(f"Feedback on {week}") as advance:
            rows = give_feedback(site, cohort, week, on_progress=advance)
        say(f"{week}: {sum(row.state == 'released' for row in rows)} got feedback")
    for student in later:
        when = due + timedelta(hours=9)
        skill = student.story.skill[1]
        hand_in(cohort, week, student.person.username, when, answers, skill=skill, dice=dice)


def _read_projects(
    cohort: Cohort, week: str, students: Sequence[DemoStudent], dice: random.Random
) -> None:
    """Give the marks that an instructor gives by the rubric, as formgrader writes them."""
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        for student in students:
            try:
                submission = gradebook.find_submission_notebook(
                    "project", week, student.person.username
                )
            except MissingEntry:
                continue
            for grade in submission.grades:
                if grade.needs_manual_grade:
                    best = grade.cell.max_score
                    share = min(1.0, max(0.25, student.story.skill[0] + dice.uniform(-0.2, 0.1)))
                    grade.manual_score = round(best * share)
                    grade.needs_manual_grade = False
            for comment in submission.comments:
                comment.manual_comment = "I like your card. Next time, add one more line about you."
        gradebook.db.commit()


def _attendance(site: Site, students: Sequence[DemoStudent], starts_on: date, today: date) -> None:
    for session in attendance.read_sessions(site, COHORT):
        if session.held_on >= today:
            break
        marks: dict[str, Mark] = {
            s.person.username: "absent" if session.number in s.story.absences else "present"
            for s in students
        }
        evening = datetime.combine(session.held_on, time(20), _PHNOM_PENH).astimezone(UTC)
        attendance.mark(site, COHORT, session.number, marks, INSTRUCTOR.username, evening)
    catch_up.plan(site, COHORT, 3, today)
    called = next(s for s in students if s.story.quirk is Quirk.NOTHING and not s.story.withdrawn)
    mentoring.log_call(
        site,
        called.person.username,
        COHORT,
        STAFF.username,
        "She helps with the rice harvest until Friday. She wants to go on; catch-up on Saturday.",
        datetime.combine(today, time(2), UTC),
    )
    for student in students:
        if student.story.withdrawn:
            roster.withdraw(
                site,
                student.person.username,
                COHORT,
                student.story.withdrawn,
                on=starts_on + timedelta(days=8),
            )
