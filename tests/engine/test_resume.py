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

import pytest

from autograder import batch
from tests.engine.courses import Course, check, notebook, solution

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
@pytest.mark.parametrize("after", [1, 7])
def test_killed_and_called_again(week: Course, after: int) -> None:
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
    for _ in range(after):
        assert process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
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
