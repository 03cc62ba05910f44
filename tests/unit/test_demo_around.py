"""The demo has something on each page of staff: graduates, an open call, a club."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from programme import attendance, clubs, roster
from programme.admitting import reading
from programme.certificates import issuing
from programme.past_cohort import fill_past_cohort
from soc.cohorts import ensure_cohort, ensure_site
from soc.demo import around
from soc.demo.build import INSTRUCTOR, LAST_YEAR, STAFF

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
