"""What the pages about attendance, clubs, mentors and the search do, by `soc`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from programme import applying, attendance, decisions, roster
from programme.people import Person
from programme.personal import requests
from programme.schema import calls, observations
from programme.site import Site
from programme.store import reading
from soc.club.desks import ensure_desks
from soc.verbs.alumnae import chain, mentor, search
from soc.verbs.appeals import appeal
from soc.verbs.attendance import attendance_
from soc.verbs.club import club
from soc.verbs.outcomes import lift, override
from soc.verbs.personal import person
from soc.verbs.students import student
from tests.programme.sites import COHORT, START

AT = datetime(2026, 8, 4, 5, tzinfo=UTC)


@pytest.fixture
def run(cohort: Site):
    """Run a verb for the cohort; it has to go well."""

    def run(verb, *arguments: str, fails: bool = False) -> Result:
        runner = CliRunner(env={"SOC_DATA": str(cohort.root)})
        done = runner.invoke(verb, [*arguments])
        assert (done.exit_code != 0) == fails, done.output + repr(done.exception)
        return done

    return run


def test_attendance_by_command_line(cohort: Site, run, tmp_path: Path) -> None:
    assert (
        "2 marks would be"
        in run(attendance_, "mark", "1", "sokha=absent", "dara=present", "--dry-run").output
    )
    run(attendance_, "mark", "1", "sokha=absent", "--rest", "present", "--by", "maly")
    shown = json.loads(run(attendance_, "show", "1", "--json").output)
    assert {row["student"]: row["mark"] for row in shown} == {
        "bopha": "present", "dara": "present", "sokha": "absent",
    }  # fmt: skip
    assert "Missed: sokha" in run(attendance_, "catch-up", "1", "--on", "2026-08-05").output
    assert "Missed: nobody" in run(attendance_, "catch-up", "1", "--came", "sokha").output
    assert json.loads(run(attendance_, "online", "2", "--json").output)[0]["proposed"] is None
    run(attendance_, "move", "2", "2026-08-07", "--at", "17:30")
    assert attendance.read_sessions(cohort, COHORT)[1].held_on == date(2026, 8, 7)
    sheet = tmp_path / "sheet.csv"
    run(attendance_, "sheet", str(sheet))
    assert "sokha" in sheet.read_text("utf-8")
    sheet.write_text("username,2\nsokha,1\nnobody,1\n", "utf-8")
    failed = run(attendance_, "import", str(sheet), fails=True)
    assert "row 3: 'nobody' is not enrolled" in str(failed.exception)
    sheet.write_text("username,2\nsokha,1\n", "utf-8")
    assert "1 marks would be" in run(attendance_, "import", str(sheet), "--dry-run").output
    assert "1 marks are" in run(attendance_, "import", str(sheet)).output


def test_from_the_proposal_to_the_desk(cohort: Site, run) -> None:
    applying.add_programme(cohort, "club-2026", "club", START, date(2099, 1, 1))
    decisions.override(cohort, COHORT, "sokha", "graduated", "She taught.", "office", AT)
    run(
        club, "propose", "club-kandal", "--leader", "sokha", "--year", "club-2026", "--mode",
        "online", "--province", "08", "--place", "Online", "--plan", "On Sunday.", "--adult",
        "Her aunt", "--adult-phone", "012 345 678",
    )  # fmt: skip
    assert "club-kandal" in run(club, "list", "--json").output
    run(club, "approve", "club-kandal", "--starts", "2026-09-01", "--dry-run")
    assert ensure_desks(cohort) == []
    run(club, "approve", "club-kandal", "--starts", "2026-09-01", "--by", "office")
    made = cohort.cohort("club-kandal")
    assert made.language == "km"
    assert (made.root / "gradebook.db").is_file()
    assert ensure_desks(cohort) == []
    assert "laptop" in run(club, "kit", "club-kandal", "laptop", "--given", "2").output
    assert "led club-kandal: 0 members" in run(chain, "sokha").output
    roster.enrol(cohort, [Person("member", "Ros Member")], "club-kandal", on=START)
    assert json.loads(run(chain, "--json").output)[0]["members"] == 1
    run(club, "close", "club-kandal", "--reason", "The course is over.")


def test_appeals_mentors_and_the_search(cohort: Site, run) -> None:
    for username in ("sokha", "bopha"):
        decisions.override(cohort, COHORT, username, "graduated", "Taught.", "office", AT)
    run(appeal, "write", "sokha", "I was there.")
    (waiting,) = json.loads(run(appeal, "list", "--json").output)
    run(appeal, "answer", str(waiting["id"]), "kept", "--reason", "The sheet says no.")
    assert json.loads(run(appeal, "list", "--json").output) == []
    agreed = ("--agreed-by", "Her mother", "--wording", "I agree.")
    run(mentor, "wish", "bopha", "--side", "mentor", *agreed)
    run(mentor, "wish", "dara", "--side", "mentee", *agreed)
    (pair,) = json.loads(run(mentor, "match", "--json").output)
    run(mentor, "confirm", pair["mentor"], pair["mentee"])
    run(mentor, "take-back", "dara")
    (ended,) = json.loads(run(mentor, "list", "--json").output)
    assert ended["ended_on"] is not None
    (found,) = json.loads(run(search, "chea", "--json").output)
    assert found["username"] == "bopha"


def test_a_call_and_a_lesson_by_command_line(cohort: Site, run) -> None:
    run(student, "call", "sokha", "She comes on Monday.", "--by", "maly", "--dry-run")
    run(student, "call", "sokha", "She comes on Monday.", "--by", "maly")
    run(student, "lesson", "sokha", "1", "7", "--by", "maly")
    run(student, "lesson", "sokha", "1", "8", "--by", "maly")
    assert "items" in str(run(student, "lesson", "sokha", "1", "99", fails=True).exception)
    with reading(cohort) as connection:
        assert connection.execute(select(calls.c.caller, calls.c.note)).all() == [
            ("maly", "She comes on Monday.")
        ]
        written = select(observations.c.number, observations.c.score)
        assert connection.execute(written).all() == [(1, 8)]


def test_a_decision_by_hand_is_taken_back_by_command_line(cohort: Site, run) -> None:
    run(override, "sokha", "graduated", "--reason", "She taught.", "--by", "maly")
    run(lift, "sokha", "--reason", "A mistake of ours.", "--by", "office", "--dry-run")
    assert decisions.standing(cohort, COHORT)["sokha"].override is not None
    run(lift, "sokha", "--reason", "A mistake of ours.", "--by", "office")
    assert decisions.standing(cohort, COHORT)["sokha"].override is None


def test_a_request_of_hers_is_written_down_by_command_line(cohort: Site, run) -> None:
    run(person, "ask", "sokha", "copy", "--dry-run")
    assert requests.all_requests(cohort) == []
    for _ in "12":
        run(person, "ask", "sokha", "copy")
    assert [(one.username, one.kind) for one in requests.all_requests(cohort)] == [
        ("sokha", "copy")
    ]
