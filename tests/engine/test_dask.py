"""The batch on Dask: several worker processes, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal

import pytest

from autograder import batch
from tests.engine.courses import Course
from tests.engine.test_resume import PRACTICE, RIGHT, hand_in, marks

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    # Dask closes its own sockets late when a worker is killed.
    pytest.mark.filterwarnings("ignore"),
]


def test_a_killed_worker_loses_nothing_and_grades_nothing_twice(course: Course) -> None:
    course.add_assignment("week01", {"practice": PRACTICE})
    students = [f"s{n:02}" for n in range(24)]
    for student in students:
        hand_in(course, student, RIGHT)
    seen: list[str] = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)

        def progress(step: batch.Progress) -> None:
            seen.append(step.result.student)
            if len(seen) == 2:
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        results = batch.grade(
            course.config(),
            "week01",
            workers=2,
            executor=client.get_executor(),
            on_progress=progress,
        )
    assert {r.student: (r.status, r.score) for r in results} == dict.fromkeys(
        students, ("graded", 2.0)
    )
    assert sorted(seen) == students
    assert sorted(marks(course)) == students
