"""course.toml: the real one holds together, and a mistake in it is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from programme.course import Course, CourseError, read
from programme.site import CHECKOUT
from programme.taught import of_kind

REAL = CHECKOUT / "course" / "course.toml"


@pytest.fixture(scope="module")
def course() -> Course:
    return read(REAL.parent)


def test_fifteen_weeks_thirty_sessions(course: Course) -> None:
    assert [week.assignment for week in course.weeks] == [f"week{n:02}" for n in range(1, 16)]
    assert course.sessions == 30
    week, plan = course.session(30)
    assert (week.number, plan.name) == (15, "B")
    assert [part.minutes for part in plan.parts] == [10, 55, 20]


def test_every_text_is_there_in_both_languages(course: Course) -> None:
    for week in course.weeks:
        for both in (week.title, week.question, week.project, week.leadership):
            assert both.in_language("en").isprintable()
            assert any("\u1780" <= letter <= "\u17ff" for letter in both.in_language("km"))
            assert "\u200b" not in both.km


def test_the_rules_are_those_of_the_course_plan(course: Course) -> None:
    policy = course.policy
    assert policy.weights == {
        "practice": Fraction(30, 100),
        "projects": Fraction(20, 100),
        "midcourse": Fraction(15, 100),
        "capstone": Fraction(25, 100),
        "practicum": Fraction(10, 100),
    }
    assert (policy.sessions_required, policy.sessions, policy.sessions_restorable) == (24, 30, 2)
    assert (policy.average_required, policy.weeks_dropped) == (Fraction(7, 10), 2)
    assert policy.must_pass == {"midcourse": Fraction(6, 10), "capstone": Fraction(6, 10)}
    assert (policy.alarm_absences, policy.alarm_weeks, policy.alarm_below) == (2, 2, Fraction(1, 2))
    assert (policy.honours_average, policy.honours_lessons) == (Fraction(85, 100), 2)


def test_work_is_due_at_the_end_of_the_week_in_phnom_penh(course: Course) -> None:
    due = course.schedule.due(date(2026, 8, 3), 1)
    assert due == datetime(2026, 8, 9, 16, 59, tzinfo=UTC)
    assert course.schedule.local_date(due) == date(2026, 8, 9)


def test_a_changed_rule_changes_the_version(course: Course, tmp_path: Path) -> None:
    text = REAL.read_text(encoding="utf-8").replace("percent = 70", "percent = 69.5")
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    changed = read(tmp_path).policy
    assert changed.average_required == Fraction(695, 1000)
    assert changed.version != course.policy.version


MISTAKES = {
    "a missing key": ("required = 24\n", "", r"graduation.attendance.required is missing"),
    "a misspelt key": ("restorable = 2", "restorabel = 2", r"attendance.restorable is missing"),
    "a key too many": (
        "percent = 85",
        "percent = 85\nshoes = 2",
        r"honours.shoes is no",
    ),
    "weights that miss 100": ("practice = 30", "practice = 31", r"weights add up to 101"),
    "a percentage above 100": (
        "percent = 70",
        "percent = 170",
        r"average.percent is 170",
    ),
    "a text for a number": ("required = 24", 'required = "24"', r"required is '24'"),
    "more sessions than there are": ("required = 24", "required = 31", r"required is 31.*0 to 30"),
    "an unknown component": (
        'counts = { project = "capstone" }',
        'counts = { project = "capstoen" }',
        r"week\[15\].counts.project names 'capstoen'",
    ),
    "an unknown notebook": (
        'counts = { project = "capstone" }',
        'counts = { projct = "capstone" }',
        r"week\[15\].counts.projct is no notebook",
    ),
    "a title without Khmer": (
        'title = { en = "Deciding", km = "ការសម្រេចចិត្ត" }',
        'title = { en = "Deciding" }',
        r"week\[5\].title.km is missing",
    ),
    "a week left out": ("number = 5\n", "number = 6\n", r"week\[5\].number must be 5"),
    "no TOML": ("[course]", "[course", r"can't be read"),
    "must pass something without a weight": (
        "midcourse = 60",
        "midcuorse = 60",
        r"must_pass names 'midcuorse'",
    ),
}


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_file_and_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = REAL.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "course.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CourseError, match=words) as failure:
        read(tmp_path)
    assert str(tmp_path / "course.toml") in str(failure.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"course\.toml is missing"):
        read(tmp_path)


def test_a_course_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """Pages keep it; staff change the file while they run."""
    text = (CHECKOUT / "course" / "course.toml").read_text("utf-8")
    file = tmp_path / "course.toml"
    file.write_text(text, "utf-8")
    first = of_kind(tmp_path, "ambassador")
    assert of_kind(tmp_path, "ambassador") is first
    file.write_text(text.replace("required = 24", "required = 23"), "utf-8")
    assert of_kind(tmp_path, "ambassador").policy.sessions_required == 23
    file.unlink()
    with pytest.raises(CourseError, match="missing"):
        of_kind(tmp_path, "ambassador")
