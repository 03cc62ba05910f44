"""Progress: nbgrader's own numbers, in a handful of queries, and nothing missing is zero."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from nbgrader.api import Assignment, Gradebook
from sqlalchemy import Engine, Enum, event

from programme import attendance, gradebook_tables, mentoring, roster
from programme.people import Person
from programme.progress import read
from programme.record import Progress, Work
from programme.site import Site, SiteError
from tests.programme.gradebooks import DUE, add_week, fill_at_random, set_grade
from tests.programme.sites import COHORT, START, fill

NOW = datetime(2026, 8, 10, 3, 0, tzinfo=UTC)


def work(progress: Progress, week: int, notebook: str) -> Work:
    (found,) = [w for w in progress.works if (w.week, w.notebook) == (week, notebook)]
    return found


def of(site: Site, username: str) -> Progress:
    (found,) = [p for p in read(site, COHORT) if p.person.username == username]
    return found


@pytest.fixture
def gradebook(site_with_gradebook: Site) -> Iterator[tuple[Site, Gradebook]]:
    """A cohort and its gradebook, opened."""
    url = site_with_gradebook.cohort(COHORT).gradebook_url
    with Gradebook(url, COHORT) as opened:
        yield site_with_gradebook, opened


def test_the_numbers_are_nbgraders(gradebook: tuple[Site, Gradebook], people: list[Person]) -> None:
    site, book = gradebook
    fill_at_random(book, [person.username for person in people], seed=1)
    compared = 0
    for progress in read(site, COHORT):
        student = progress.person.username
        for found in progress.works:
            name = f"week{found.week:02}"
            if name not in ("week01", "week02", "week03"):
                assert found.state == "not_released"
                continue
            assert float(found.max_score or 0) == book.find_notebook(found.notebook, name).max_score
            ids = {s.student.id for s in book.assignment_submissions(name)}
            if student not in ids:
                assert (found.state, found.score) == ("not_submitted", None)
                continue
            theirs = book.find_submission_notebook(found.notebook, name, student)
            score = max(0.0, theirs.score - (theirs.late_submission_penalty or 0.0))
            assert float(found.score or 0) == pytest.approx(score, abs=1e-9)
            if found.state == "needs_manual":
                assert theirs.needs_manual_grade or any(
                    grade.auto_score is None and grade.manual_score is None
                    for grade in theirs.grades
                )
            if theirs.needs_manual_grade and found.pending:
                assert found.state in ("needs_manual", "ungraded")
            submission = book.find_submission(name, student)
            assert found.late == (submission.total_seconds_late > 0)
            compared += 1
    assert compared > 10


def test_the_tables_are_nbgraders() -> None:
    theirs = Assignment.metadata.tables
    for ours in gradebook_tables.EVERY:
        for column in ours.columns:
            real = theirs[ours.name].columns[column.name]
            assert isinstance(real.type, type(column.type)), (ours.name, column.name)
            if isinstance(column.type, Enum):
                assert (column.type.name, column.type.enums) == (real.type.name, real.type.enums)


def test_as_many_queries_for_many_students_as_for_few(site: Site, empty_gradebook: Path) -> None:
    def statements(names: list[str]) -> int:
        roster.enrol(site, [Person(name, name) for name in names], COHORT, on=START)
        seen: list[str] = []

        def count(conn, cursor, statement, parameters, context, executemany) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", count)
        try:
            assert len(read(site, COHORT)) == len(names)
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return len(seen)

    roster.add_cohort(site, COHORT, START)
    names = [f"student{n:02}" for n in range(20)]
    shutil.copy(empty_gradebook, site.cohort(COHORT).root / "gradebook.db")
    with Gradebook(site.cohort(COHORT).gradebook_url, COHORT) as book:
        fill_at_random(book, names, seed=2)
    few = statements(names[:2])
    assert statements(names) == few < 30


def test_each_state_of_a_piece_of_work(gradebook: tuple[Site, Gradebook]) -> None:
    site, book = gradebook
    add_week(book, "week01")
    for name in ("sokha", "bopha", "dara"):
        book.add_student(name)
    assert work(of(site, "sokha"), 1, "practice").state == "not_released"

    book.add_submission("week01", "sokha", timestamp=str(DUE))
    faulty = work(of(site, "sokha"), 1, "practice")
    assert (faulty.state, faulty.score, faulty.pending) == ("ungraded", None, 10)

    set_grade(book, ("p1", "practice", "week01", "sokha"), auto=4)
    set_grade(book, ("p2", "practice", "week01", "sokha"), auto=1.5)
    graded = work(of(site, "sokha"), 1, "practice")
    assert (graded.state, graded.score, graded.max_score) == ("graded", Fraction(11, 2), 10)
    assert not graded.late

    set_grade(book, ("smoke", "project", "week01", "sokha"), auto=2)
    by_hand = work(of(site, "sokha"), 1, "project")
    assert (by_hand.state, by_hand.score, by_hand.pending) == ("needs_manual", 2, 10)
    for cell, points in (("design", 5), ("words", 0), ("show", 3)):
        set_grade(book, (cell, "project", "week01", "sokha"), auto=None, manual=points)
    assert work(of(site, "sokha"), 1, "project").state == "graded"

    missing = work(of(site, "bopha"), 1, "practice")
    assert (missing.state, missing.score, missing.max_score) == ("not_submitted", None, 10)

    for place in (
        site.cohort(COHORT).root / "submitted" / "bopha" / "week01",
        site.cohort(COHORT).inbound / "dara+week01+2026-08-09 10:00:00 UTC",
    ):
        place.mkdir(parents=True)
    assert work(of(site, "bopha"), 1, "practice").state == "waiting"
    assert work(of(site, "dara"), 1, "project").state == "waiting"


def test_her_extension_moves_what_is_late(gradebook: tuple[Site, Gradebook]) -> None:
    site, book = gradebook
    add_week(book, "week01")
    book.add_student("sokha")
    submission = book.add_submission("week01", "sokha", timestamp=str(DUE + timedelta(hours=20)))
    late = work(of(site, "sokha"), 1, "practice")
    assert (late.late, late.due) == (True, date(2026, 8, 9))
    submission.extension = timedelta(days=2)
    book.db.commit()
    in_time = work(of(site, "sokha"), 1, "practice")
    assert (in_time.late, in_time.due) == (False, date(2026, 8, 11))


def test_a_week_without_a_due_date_is_due_by_the_schedule(
    gradebook: tuple[Site, Gradebook],
) -> None:
    site, book = gradebook
    add_week(book, "week02", due=None)
    assert work(of(site, "sokha"), 2, "practice").due == date(2026, 8, 16)


def test_a_cohort_without_a_gradebook_has_progress_too(cohort: Site) -> None:
    found = read(cohort, COHORT)
    assert [p.person.username for p in found] == ["bopha", "dara", "sokha"]
    assert {w.state for p in found for w in p.works} == {"not_released"}
    assert not Path(cohort.cohort(COHORT).gradebook_url.removeprefix("sqlite:///")).exists()


def test_marks_lessons_and_calls_are_in_it(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    attendance.mark(any_site, COHORT, 1, {"sokha": "present", "dara": "absent"}, "maly", NOW)
    attendance.mark(any_site, COHORT, 1, {"dara": "caught_up"}, "maly", NOW)
    attendance.mark(any_site, COHORT, 2, {"sokha": "excused"}, "maly", NOW)
    mentoring.record_observation(any_site, "sokha", COHORT, 1, 5, "office", date(2026, 8, 10))
    mentoring.record_observation(any_site, "sokha", COHORT, 1, 8, "office", date(2026, 8, 10))
    mentoring.log_call(any_site, "dara", COHORT, "office", "Her brother was ill.", NOW)
    sokha, dara = of(any_site, "sokha"), of(any_site, "dara")
    assert [held.mark for held in sokha.sessions[:3]] == ["present", "excused", None]
    assert len(sokha.sessions) == 30
    assert dara.sessions[0].mark == "caught_up"
    assert [(lesson.score, lesson.passed) for lesson in sokha.lessons] == [(8, True)]
    assert [(call.caller, call.note) for call in dara.calls] == [("office", "Her brother was ill.")]
    assert (sokha.ends_on, dara.absences()) == (date(2026, 11, 15), [])


def test_a_moved_session_keeps_its_number(cohort: Site) -> None:
    attendance.move_session(cohort, COHORT, 30, date(2026, 12, 1))
    assert attendance.read_sessions(cohort, COHORT)[-1].held_on == date(2026, 12, 1)
    assert of(cohort, "sokha").ends_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: attendance.mark(s, COHORT, 30, {}, "maly", NOW), "is on 2026-11-12"),
        (lambda s: attendance.mark(s, COHORT, 31, {}, "maly", NOW), "no session 31"),
        (lambda s: attendance.mark(s, COHORT, 1, {"sokha": "late"}, "maly", NOW), "no mark"),
        (
            lambda s: attendance.mark(
                s, COHORT, 1, {"sokha": "present", "nobody": "present"}, "maly", NOW
            ),
            "not enrolled",
        ),
        (
            lambda s: mentoring.record_observation(s, "sokha", COHORT, 1, 11, "x", START),
            "0 to 10 items",
        ),
        (lambda s: mentoring.log_call(s, "sokha", COHORT, "office", " ", NOW), "a few words"),
        (lambda s: mentoring.log_call(s, "maly", COHORT, "office", "hi", NOW), "as student"),
        (lambda s: attendance.mark(s, COHORT, 1, {"maly": "present"}, "maly", NOW), "as student"),
    ],
)
def test_a_note_that_makes_no_sense_is_refused(cohort: Site, call, words: str) -> None:
    before = of(cohort, "sokha")
    with pytest.raises(Exception, match=words):
        call(cohort)
    assert of(cohort, "sokha") == before


def test_an_unknown_cohort_is_named(cohort: Site) -> None:
    with pytest.raises(SiteError, match=f"no cohort 'club-7'.*{COHORT}"):
        read(cohort, "club-7")
