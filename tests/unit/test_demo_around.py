"""The demo has something on each page of staff: graduates, an open call, a club."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from programme import appeals, attendance, clubs, mentors, roster
from programme.admitting import reading
from programme.certificates import issuing
from programme.past_cohort import fill_past_cohort
from programme.personal import requests
from programme.store import reading as reading_from
from programme.surveys import asking, results
from soc.cohorts import ensure_cohort, ensure_site
from soc.demo import around, voices
from soc.demo.build import COHORT, INSTRUCTOR, LAST_YEAR, STAFF

TODAY = date(2026, 11, 24)


def test_staff_find_something_on_each_page(tmp_path: Path) -> None:
    site = ensure_site(tmp_path / "demo")
    began = TODAY - timedelta(weeks=54)
    ensure_cohort(site, LAST_YEAR, began)
    fill_past_cohort(site, LAST_YEAR, 2021, starts_on=began)
    roster.enrol(site, [INSTRUCTOR], LAST_YEAR, "instructor", on=began)
    roster.enrol(site, [STAFF], None, "staff", on=began)

    graduates = around.graduate(site, LAST_YEAR, STAFF.username, TODAY)
    around.open_call(site, INSTRUCTOR.username, STAFF.username, TODAY)
    around.run_clubs(site, graduates[0], graduates[1], STAFF.username, TODAY)

    assert len(issuing.of_cohort(site, LAST_YEAR)) == len(graduates) > 20
    assert dict(reading.reading_state(site, around.CALL).states) == {
        "read": 5, "read_once": 3, "unread": 4, "far_apart": 0,
    }  # fmt: skip
    assert [one.name for one in clubs.listed(site, "approved")[0]] == [around.CLUB]
    assert [one.name for one in clubs.listed(site, "proposed")[0]] == [around.PROPOSED]
    held = attendance.read_sessions(site, around.CLUB)[: around.HELD]
    assert all(session.held_on < TODAY for session in held)


def test_girls_have_said_something_on_each_page(tmp_path: Path) -> None:
    """Surveys that are counted, that changed, that too few answered and that are open; mentors."""
    site = ensure_site(tmp_path / "demo")
    starts_on = TODAY - timedelta(weeks=2)
    for name, first, seed in (
        (LAST_YEAR, starts_on - timedelta(weeks=52), 2021),
        (COHORT, starts_on, 2022),
    ):
        ensure_cohort(site, name, first)
        fill_past_cohort(site, name, seed, starts_on=first)
    roster.enrol(site, [STAFF], None, "staff", on=starts_on)
    graduates = around.graduate(site, LAST_YEAR, STAFF.username, TODAY)

    voices.answer_surveys(site, COHORT, LAST_YEAR, starts_on, TODAY)
    voices.wish_for_mentors(site, graduates, COHORT, STAFF.username, TODAY)
    asks = roster.enrolled(site, COHORT)[0].person.username
    appellant = voices.object_and_ask(site, LAST_YEAR, graduates, asks)

    with reading_from(site) as connection:
        found = results.results(connection, TODAY, 3, date.min, date.max)
    shown = {one.name: one.sheets for one in found}
    assert shown == {
        f"{LAST_YEAR}-before": 22, f"{LAST_YEAR}-middle": None, f"{LAST_YEAR}-after": 21,
        f"{COHORT}-before": 24,
    }  # fmt: skip
    assert all(change.points > 0 for change in results.changes(found))
    members = [one.username for one in roster.members(site) if one.cohort == COHORT]
    open_for = [asking.for_student(site, name, TODAY) for name in members]
    assert sum(answered for mine in open_for for _, answered in mine) == 7
    ended = [pair.ended_on is not None for pair in mentors.pairs(site)]
    assert sorted(ended) == [False, False, True]
    assert mentors.proposals(site)
    assert [one.username for one in appeals.waiting(site)] == [appellant]
    assert [one.username for one in requests.all_requests(site)] == [asks]
