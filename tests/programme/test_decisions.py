"""What was decided stays: the audit trail, overrides with reasons, and re-decisions."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from programme import decisions, roster
from programme.people import Person
from programme.site import Site
from programme.store import RefusedError
from tests.programme.gradebooks import DUE, add_week, set_grade
from tests.programme.sites import COHORT, fill

NOW = datetime(2026, 8, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 8, 24)


def record(site: Site, **options):
    return decisions.decide_all(site, COHORT, author="office", at=NOW, today=TODAY, **options)


def test_everybody_is_decided_once(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    first = record(any_site)
    assert [(c.username, c.before, c.after.outcome) for c in first] == [
        ("bopha", None, "on_the_way"),
        ("dara", None, "on_the_way"),
        ("sokha", None, "on_the_way"),
    ]
    assert record(any_site) == []
    (kept,) = decisions.history(any_site, COHORT, "sokha")
    assert (kept.kind, kept.author, kept.made_at) == ("computed", "office", NOW)
    assert {why["id"] for why in kept.reasons} >= {"average.none_yet", "lessons.open"}
    assert all(why["km"] and why["evidence"] for why in kept.reasons)


def test_one_student_can_be_decided_alone(cohort: Site) -> None:
    (one, *_) = record(cohort, dry_run=True)
    change = decisions.record(cohort, COHORT, one.username, one.after, author="office")
    assert change is not None
    assert change.after == one.after
    again = decisions.record(cohort, COHORT, one.username, one.after, author="maly")
    assert again is None
    with pytest.raises(RefusedError, match="'nobody' is not enrolled"):
        decisions.record(cohort, COHORT, "nobody", one.after, author="office")
    assert list(decisions.standing(cohort, COHORT)) == [one.username]


def test_a_dry_run_writes_nothing(cohort: Site) -> None:
    assert len(record(cohort, dry_run=True)) == 3
    assert decisions.history(cohort, COHORT, "sokha") == []


def test_a_late_grade_shows_its_difference(site_with_gradebook: Site) -> None:
    site = site_with_gradebook
    with Gradebook(site.cohort(COHORT).gradebook_url, COHORT) as book:
        add_week(book, "week01")
        book.add_student("sokha")
        book.add_submission("week01", "sokha", timestamp=str(DUE))
        for cell, points in (("p1", 4.0), ("p2", 0.0)):
            set_grade(book, (cell, "practice", "week01", "sokha"), auto=points)
        record(site)
        set_grade(book, ("p2", "practice", "week01", "sokha"), auto=6.0)
        (change,) = record(site)
    assert change.username == "sokha"
    assert change.before is not None
    found = {d.what: (d.before, d.after) for d in change.differences}
    assert set(found) == {"average"}
    assert "40 %" in found["average"][0]
    assert "100 %" in found["average"][1]
    assert [row.kind for row in decisions.history(site, COHORT, "sokha")] == ["computed"] * 2


def test_withdrawing_is_a_difference_of_the_outcome(cohort: Site) -> None:
    record(cohort)
    roster.withdraw(cohort, "dara", COHORT, "found a job", on=TODAY)
    (change,) = record(cohort)
    assert change.differences[0] == decisions.Difference("outcome", "on_the_way", "withdrawn")


def test_an_override_stands_until_it_is_lifted(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    record(any_site)
    decisions.override(
        any_site, COHORT, "dara", "graduated", "Taught her club all year.", "office", NOW
    )
    roster.withdraw(any_site, "dara", COHORT, "moved", on=TODAY)
    record(any_site)
    now = decisions.standing(any_site, COHORT)["dara"]
    assert (now.outcome, now.computed and now.computed.outcome) == ("graduated", "withdrawn")
    assert now.override is not None
    assert now.override.override_reason == "Taught her club all year."
    decisions.lift(any_site, COHORT, "dara", "She moved away after all.", "office", NOW)
    now = decisions.standing(any_site, COHORT)["dara"]
    assert (now.outcome, now.override) == ("withdrawn", None)
    kinds = [row.kind for row in decisions.history(any_site, COHORT, "dara")]
    assert kinds == ["computed", "override", "computed", "lifted"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda s: decisions.override(s, COHORT, "sokha", "graduated", " ", "office", NOW),
            "needs a reason",
        ),
        (
            lambda s: decisions.override(s, COHORT, "sokha", "graduated", "good", "", NOW),
            "needs an author",
        ),
        (
            lambda s: decisions.override(s, COHORT, "sokha", "failed", "good", "office", NOW),
            "no outcome",
        ),
        (
            lambda s: decisions.override(s, COHORT, "nobody", "graduated", "good", "office", NOW),
            "not enrolled",
        ),
        (lambda s: decisions.lift(s, COHORT, "sokha", "good", "office", NOW), "No override"),
        (lambda s: decisions.history(s, COHORT, "nobody"), "not enrolled"),
        (lambda s: decisions.decide_all(s, COHORT, author="", today=TODAY), "needs an author"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(cohort: Site, call, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        call(cohort)
    assert decisions.standing(cohort, COHORT) == {}


def test_two_who_decide_at_once_write_nothing_twice(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    failures: list[Exception] = []

    def decide() -> None:
        try:
            record(any_site)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(decisions.history(any_site, COHORT, "sokha")) == 1


def test_a_new_policy_is_a_new_decision(cohort: Site, tmp_path: Path) -> None:
    record(cohort)
    text = (cohort.course / "course.toml").read_text(encoding="utf-8")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "course.toml").write_text(
        text.replace('version = "2026-1"', 'version = "2026-2"'), encoding="utf-8"
    )
    (cohort.root / "soc.toml").write_text(f'course = "{tmp_path}/course"\n')
    changed = record(Site.open(cohort.root))
    assert len(changed) == 3
    assert changed[0].after.policy_version.startswith("2026-2+")
    assert changed[0].before is not None
