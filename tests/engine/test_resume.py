"""A batch may be killed at any moment, and a submission may arrive at any moment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import batch
from tests.engine.courses import Course, check, notebook, solution
from tests.engine.killed import MOMENTS

PRACTICE = notebook(
    solution("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
    check("test-double", "assert double(2) == 4", points=2),
)
RIGHT, WRONG = "def double(x):\n    return x + x", "def double(x):\n    return x"
STAMP = "2026-01-0{} 09:00:00 UTC"
PROGRAM = """
import json, sys
from autograder import batch
from tests.engine.courses import Course
from pathlib import Path
course = Course(Path(sys.argv[1]))
batch.grade(course.config(), "week01", workers=2,
            on_progress=lambda p: print(p.result.student, flush=True))
"""


@pytest.fixture
def week(course: Course) -> Course:
    course.add_assignment("week01", {"practice": PRACTICE})
    return course


def hand_in(week: Course, student: str, code: str, day: int = 1) -> None:
    folder = week.root / "submitted" / student / "week01"
    if folder.exists():
        shutil.rmtree(folder)
    week.answer(student, double=code)
    (folder / "timestamp.txt").write_text(STAMP.format(day))


def marks(week: Course) -> dict[str, list[tuple[str, float | None]]]:
    with week.gradebook() as gradebook:
        return {
            s.student_id: sorted((g.name, g.auto_score) for n in s.notebooks for g in n.grades)
            for s in gradebook.find_assignment("week01").submissions
        }


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_a_newer_submission_replaces_a_graded_one(week: Course, moment: str) -> None:
    hand_in(week, "dara", WRONG)
    batch.grade(week.config(), "week01", workers=1)
    hand_in(week, "dara", RIGHT, day=2)
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.killed", moment, str(week.root)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    new_rows = moment not in (
        "while it grades",
        "graded and nothing written",
        "inside the transaction",
    )
    assert marks(week) == {"dara": [("test-double", 2.0 if new_rows else 0.0)]}
    stamp = week.root / "autograded" / "dara" / "week01" / "timestamp.txt"
    if stamp.exists():  # a whole folder, the old one or the new one
        assert (stamp.read_text() == STAMP.format(2)) == (moment == "folder moved")
        assert week.autograded("dara", "practice").cells
    else:
        assert moment == "old folder away, new one not there"

    assert [r.score for r in batch.grade(week.config(), "week01", workers=1)] == [2.0]
    assert marks(week) == {"dara": [("test-double", 2.0)]}
    assert stamp.read_text() == STAMP.format(2)
    assert list((week.root / "autograded").rglob(".autograder-*")) == []


@pytest.mark.slow
def test_killed_and_called_again(week: Course) -> None:
    students = [f"s{n:02}" for n in range(16)]
    for number, student in enumerate(students):
        hand_in(week, student, RIGHT if number % 3 else WRONG)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(week.root)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline()
    below = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(below) > 2
    assert psutil.wait_procs(below, timeout=10)[1] == [], "workers outlive their batch"
    half = marks(week)
    assert 0 < len(half) <= len(students)
    assert all(score is not None for rows in half.values() for _, score in rows)

    results = batch.grade(week.config(), "week01", workers=1)
    assert {r.student: r.score for r in results} == {
        student: 2.0 if number % 3 else 0.0 for number, student in enumerate(students)
    }
    assert any(not r.fresh for r in results)
    whole = marks(week)
    batch.grade(week.config(), "week01", workers=1, force=True)
    assert marks(week) == whole
    left = list((week.root / "autograded").rglob(".autograder-*"))
    assert left == []


def test_a_newer_submission_that_arrives_meanwhile_is_graded(week: Course) -> None:
    hand_in(week, "dara", WRONG)
    hand_in(week, "sok", RIGHT)

    def arrive(progress: batch.Progress) -> None:
        if progress.result.student == "dara" and progress.result.score == 0:
            hand_in(week, "dara", RIGHT, day=2)

    results = batch.grade(week.config(), "week01", workers=1, on_progress=arrive)
    assert {r.student: r.score for r in results} == {"dara": 2.0, "sok": 2.0}


class DyingExecutor(Executor):
    """Runs at once; the first `deaths` tasks end as if their worker had died."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.deaths:
            self.deaths -= 1
            future.set_exception(RuntimeError("the worker died"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_dead_worker_loses_nobody(week: Course) -> None:
    for student in ("dara", "sok"):
        hand_in(week, student, RIGHT)
    results = batch.grade(week.config(), "week01", executor=DyingExecutor(2))
    assert [r.score for r in results] == [2.0, 2.0]
    hand_in(week, "bopha", RIGHT)
    results = batch.grade(week.config(), "week01", executor=DyingExecutor(99))
    assert [(r.student, r.status) for r in results] == [
        ("bopha", "ungraded"),
        ("dara", "graded"),
        ("sok", "graded"),
    ]
    assert "ended each time" in results[0].reason
