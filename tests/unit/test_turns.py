"""Whoever marks a cohort by whatever way does it alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from programme.site import Cohort, Site
from soc import marking
from soc.course_folder import load_config, nbgrader_api
from soc.release import release
from soc.turns import alone
from tests.unit.conftest import hand_in

STUDENTS = {"bopha": 'word = "hello"', "chanthy": 'word = "bye"', "devi": 'word = "hello"'}
MARKS = {"bopha": 2.0, "chanthy": 0.0, "devi": 2.0}


@pytest.fixture
def collected(site: Site, cohort: Cohort) -> Cohort:
    release(site, cohort, "week01")
    cohort.inbound.mkdir(parents=True, exist_ok=True)
    for number, (student, source) in enumerate(STUDENTS.items()):
        when = datetime(2031, 3, 3, 9, tzinfo=UTC) + timedelta(seconds=number)
        hand_in(cohort, student, "week01", when, source)
    marking.collect(site, cohort, "week01")
    return cohort


def nbgrader_autograde(cohort: Cohort) -> subprocess.Popen[str]:
    """`nbgrader autograde week01 --force`, as a person runs it in the cohort's folder."""
    command = [sys.executable, "-m", "nbgrader", "autograde", "week01", "--force"]
    return subprocess.Popen(command, cwd=cohort.root, stderr=subprocess.PIPE, text=True)


def marks(cohort: Cohort) -> dict[str, float]:
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        return {s.student_id: s.score for s in gradebook.assignment_submissions("week01")}


def test_nbgraders_autograde_waits_for_its_turn(collected: Cohort) -> None:
    with alone(collected.root):
        running = nbgrader_autograde(collected)
        assert running.stderr is not None
        said = next(line for line in running.stderr if "Somebody else" in line)
        assert "collects or grades amb just now" in said
        assert not (collected.root / "autograded").exists()
        assert marks(collected) == {}
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert marks(collected) == MARKS


def test_both_at_once_leave_every_mark_and_folder_whole(collected: Cohort) -> None:
    running = nbgrader_autograde(collected)
    for _ in range(6):
        results = marking.grade(collected, "week01", again=True, workers=1)
        assert {r.student: (r.status, r.score) for r in results} == {
            student: ("graded", mark) for student, mark in MARKS.items()
        }
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert marks(collected) == MARKS
    for student in STUDENTS:
        folder = collected.root / "autograded" / student / "week01"
        assert {path.name for path in folder.iterdir()} >= {"practice.ipynb", "timestamp.txt"}


# nbgrader flushes a new submission before it is in its session, and says so.
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")
def test_formgraders_button_gives_the_turn_back_even_when_it_fails(
    collected: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(collected.root)
    (collected.root / "submitted" / "devi" / "week01" / "practice.ipynb").write_text("{")
    api = nbgrader_api(load_config(collected))
    assert not api.autograde("week01", "devi")["success"]
    free = threading.Event()

    def next_one() -> None:
        with alone(Path(collected.root)):
            free.set()

    threading.Thread(target=next_one, daemon=True).start()
    assert free.wait(10)
    assert api.autograde("week01", "bopha")["success"]
    assert marks(collected)["bopha"] == 2.0
