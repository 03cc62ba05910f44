"""Formgraders that start when they are opened: none before, and a new club's without a restart."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub import accounts, processes
from programme import applying, clubs, decisions, roster
from programme.people import Person
from programme.site import Site
from tests.hub.client import Visitor
from tests.hub.running import COHORT, FIRST_DAY, INSTRUCTOR, STAFF, RunningHub, password, wait_until

pytestmark = [pytest.mark.hub, pytest.mark.slow]
SignIn = Callable[[str], Visitor]
CLUB, LEADER = "club-of-the-lake", "leakhena"
NOW = datetime(2026, 2, 1, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def leader(hub: RunningHub, site: Site) -> Visitor:
    """A graduate who has proposed a club, while the hub runs, and has signed in."""
    roster.enrol(site, [Person(LEADER, "Leakhena Chan")], COHORT, "student", on=FIRST_DAY)
    decisions.override(site, COHORT, LEADER, "graduated", "She taught.", STAFF, NOW)
    accounts.set_password(site, LEADER, password(LEADER))
    today = date.today()  # the year has to be open when the test runs
    applying.add_programme(
        site, "clubs-now", "club", today - timedelta(days=9), today + timedelta(days=9)
    )
    proposal = {
        "name": CLUB, "programme": "clubs-now", "mode": "online", "province_code": "08",
        "place": "Online", "plan": "On Sunday.", "safeguarding_adult": "The librarian",
        "safeguarding_phone": "012345678",
    }  # fmt: skip
    clubs.propose(site, LEADER, proposal, NOW)
    visitor = Visitor(hub.url, LEADER)
    wait_until(lambda: visitor.sign_in(password(LEADER)).ok, 20, "she can sign in")
    return visitor


def signed_in(hub: RunningHub, username: str) -> Visitor:
    visitor = Visitor(hub.url, username)
    assert visitor.sign_in(password(username)).ok
    return visitor


def graders(hub: RunningHub, name: str) -> list[int]:
    """The hub's own processes that are the formgrader of the cohort."""
    assert hub.process
    marked = f"JUPYTERHUB_SERVICE_NAME={name}\0".encode()
    return [pid for pid in processes.children(hub.process.pid) if marked in _environment(pid)]


def _environment(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


def test_none_runs_before_it_is_opened_and_one_for_two_who_come_at_once(hub: RunningHub) -> None:
    teacher, staff = signed_in(hub, INSTRUCTOR), signed_in(hub, STAFF)
    assert graders(hub, COHORT) == []
    address = f"/services/{COHORT}/formgrader/manage_assignments?from=a+link"
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda who: who.get(address), (teacher, staff)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.url for answer in answers} == {hub.url + address}
    assert "formgrader" in answers[0].text
    assert len(graders(hub, COHORT)) == 1


def test_who_does_not_grade_there_starts_nothing(hub: RunningHub, leader: Visitor) -> None:
    for name in (COHORT, CLUB, "no-such-class"):
        assert leader.get(f"/services/{name}/formgrader").status_code == 403
    staff = signed_in(hub, STAFF)
    assert staff.get("/services/no-such-class/formgrader").status_code == 404
    out = Visitor(hub.url, "nobody").get(f"/services/{CLUB}/formgrader")
    assert "/hub/login" in out.url
    assert graders(hub, CLUB) == []


def test_a_club_that_was_approved_just_now_has_its_gradebook(
    hub: RunningHub, leader: Visitor
) -> None:
    """Approved on staff's page while the hub runs; no restart, and she need not sign in again."""
    staff = signed_in(hub, STAFF)
    answer = staff.post_form(
        f"/services/programme/club/{CLUB}", to=f"/services/programme/club/{CLUB}/approve",
        starts_on="2026-02-07",
    )  # fmt: skip
    assert answer.ok, answer.text
    said: list[str] = []

    def opens() -> bool:
        page = leader.get(f"/services/{CLUB}/formgrader")
        said.append(page.text)
        return page.ok and "formgrader" in page.text

    wait_until(opens, 60, "she opens her gradebook")
    assert all(  # meanwhile she is told so, or her seat was not seen yet
        "half a minute" in page or "403" in page for page in said[:-1]
    )
    assert f"/services/{CLUB}/formgrader" in leader.get("/hub/teach").text
    assert signed_in(hub, INSTRUCTOR).get(f"/services/{CLUB}/formgrader").status_code == 403
    assert leader.get(f"/services/{COHORT}/formgrader").status_code == 403


def test_one_that_dies_is_started_again(hub: RunningHub) -> None:
    teacher = signed_in(hub, INSTRUCTOR)
    assert teacher.get(f"/services/{COHORT}/formgrader").ok
    (pid,) = graders(hub, COHORT)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: graders(hub, COHORT) not in ([], [pid]), 60, "the hub starts another")
    wait_until(lambda: teacher.get(f"/services/{COHORT}/formgrader").ok, 60, "it answers")


def test_the_next_hub_begins_without_it(hub: RunningHub) -> None:
    """Also after a power cut: nothing of the last hub is in the way of the same address."""
    teacher = signed_in(hub, INSTRUCTOR)
    assert teacher.get(f"/services/{COHORT}/formgrader").ok
    hub.kill()
    hub.start()
    assert graders(hub, COHORT) == []
    assert teacher.get(f"/services/{COHORT}/formgrader").ok
    assert len(graders(hub, COHORT)) == 1
