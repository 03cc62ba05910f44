"""Grade a whole cohort's submissions at once, with nbgrader's own results.

One call grades every submission of an assignment that nbgrader's `autograde` would grade, many
at a time, and leaves the same gradebook rows and the same autograded notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from traitlets.config import Config


@dataclass(frozen=True)
class Result:
    """What became of one student's submission.

    `graded`: its rows and notebooks are written (`score` of `max_score`, late penalty taken off).
    `ungraded`: nothing was written; `reason` says why, for staff. `fresh` is False when an
    earlier run had graded this very submission and it was left as it is.
    """

    student: str
    status: Literal["graded", "ungraded"]
    score: float | None
    reason: str
    max_score: float | None = None
    fresh: bool = True


@dataclass(frozen=True)
class Progress:
    """One more submission is done: `done` of `total`, with its result."""

    done: int
    total: int
    result: Result


def grade(
    config: Config,
    assignment: str,
    students: Iterable[str] | None = None,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    force: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> list[Result]:
    """Grade `assignment` for `students` (all who submitted, when None); results by student.

    `config` is nbgrader's configuration of the course, as loaded from nbgrader_config.py: it
    must name `CourseDirectory.root` or absolute folders. The environment variable SOC_LANGUAGE
    of the caller reaches the notebooks.

    `workers` processes run side by side (default: as many as cores); or `executor`, any
    concurrent.futures.Executor whose workers see the same folders (Dask's
    `Client.get_executor()`); its tasks are picklable and hold no student data but paths.
    `on_progress` is called in the caller's thread after each submission.

    A submission that was graded and has not been replaced since is skipped unless `force`.
    Each submission is written in one transaction, so the batch may be killed at any moment and
    called again. Raises GradingError when nothing can be graded at all: unknown assignment, no
    gradebook, or a sandbox below the configured floor. A fault of one submission or of the
    platform never raises: its result is `ungraded`.
    """
    raise NotImplementedError
