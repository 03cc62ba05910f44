"""Grade a whole cohort's submissions at once, with nbgrader's own results.

One call grades every submission of an assignment that nbgrader's `autograde` would grade, many
at a time, and leaves the same gradebook rows and the same autograded notebooks.
"""

from __future__ import annotations

import datetime
import glob
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from autograder.errors import GradingError
from autograder.preprocessor import ExecuteInSandbox
from autograder.record import Recorder
from autograder.sandbox import probe
from autograder.spec import read_assignment
from autograder.spread import spread
from autograder.submission import STAGING, Graded, Task, handed_in_at

log = logging.getLogger("autograder")
_MAX_PASSES = 5
_WRITE_TRIES = 5


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
    batch = _Batch(config, assignment, students, force=force)
    try:
        batch.run(executor, workers, on_progress)
    finally:
        batch.close()
    return sorted(batch.results.values(), key=lambda result: result.student)


class _Batch:
    """One call of `grade`."""

    def __init__(
        self, config: Config, assignment: str, students: Iterable[str] | None, *, force: bool
    ) -> None:
        self.config = config
        self.course = CourseDirectory(config=config)
        self.converter = Autograde(coursedir=self.course, config=config)
        self.assignment = assignment
        self.only = None if students is None else set(students)
        self.force = force
        self.results: dict[str, Result] = {}
        self.total = 0
        self._open()

    def _open(self) -> None:
        """Read the assignment and try the sandbox's layers before anything is graded."""
        execute = ExecuteInSandbox(config=self.config)
        probe().check(execute.floor)
        source = Path(self.course.format_path(self.course.source_directory, ".", self.assignment))
        try:
            self.gradebook = Gradebook(self.course.db_url, self.course.course_id)
        except SQLAlchemyError as error:
            raise GradingError(f"The gradebook can't be opened: {error}") from error
        self.spec = read_assignment(self.gradebook, self.assignment, source)
        if not self.spec.notebooks:
            raise GradingError(f"{self.assignment} has no notebooks in the gradebook.")
        self.recorder = Recorder(self.gradebook, self.assignment, self.config)

    def close(self) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    # What there is to grade ----------------------------------------------------------------

    def _submissions(self) -> dict[str, Path]:
        """Folder of each student's submission, for those that are wanted."""
        pattern = self.course.format_path(
            self.course.submitted_directory, "(?P<student_id>[^/]+)", self.assignment, escape=True
        )
        everybody = self.course.format_path(
            self.course.submitted_directory, "*", glob.escape(self.assignment)
        )
        excluded = set(self.course.student_id_exclude.split(","))
        found = {}
        for name in sorted(glob.glob(everybody)):  # noqa: PTH207 - nbgrader's own pattern
            matched = re.fullmatch(pattern, name)
            if matched is None or not Path(name).is_dir():
                continue
            student = matched["student_id"]
            if student not in excluded and (self.only is None or student in self.only):
                found[student] = Path(name)
        return found

    def _destination(self, student: str) -> Path:
        return Path(
            self.course.format_path(self.course.autograded_directory, student, self.assignment)
        )

    def _is_done(self, student: str, submitted: Path) -> bool:
        """Whether this very submission has been graded, by nbgrader's own rule."""
        destination = self._destination(student)
        if not destination.is_dir():
            return False
        new, old = _timestamp(submitted), _timestamp(destination)
        return not (new and old and new > old)

    def _task(self, student: str, submitted: Path) -> Task:
        destination = self._destination(student)
        return Task(
            student=student,
            submitted=submitted,
            destination=destination,
            staging=destination.parent / f"{STAGING}{self.assignment}",
            config=self._plain_config,
            environment={
                name: os.environ[name]
                for name in ExecuteInSandbox(config=self.config).environment
                if name in os.environ
            },
        )

    @cached_property
    def _plain_config(self) -> dict[str, Any]:
        plain = dict(_plain(self.config))
        for section in ("Autograde", "BaseConverter"):
            # Called here; a function that a configuration file defines can't be sent to a worker.
            for name in ("pre_convert_hook", "post_convert_hook"):
                plain.get(section, {}).pop(name, None)
        return plain

    # The run -------------------------------------------------------------------------------

    def run(
        self,
        executor: Executor | None,
        workers: int | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        """Grade until nothing newer has arrived meanwhile."""
        force, seen = self.force, dict[str, str | None]()
        for _ in range(_MAX_PASSES):
            tasks = []
            for student, submitted in self._submissions().items():
                stamp = handed_in_at(submitted)
                if student in seen and seen[student] == stamp:
                    continue
                again = student in seen
                seen[student] = stamp
                if (force and not again) or not self._is_done(student, submitted):
                    tasks.append(self._task(student, submitted))
                elif student not in self.results:
                    self._note(self._already(student), on_progress)
            self.total = len(set(self.results) | {task.student for task in tasks})
            if not tasks:
                return
            for task in tasks:
                self._call(self.converter.pre_convert_hook, task)
            for graded, task in spread(tasks, self.spec, executor, workers):
                self._note(self._finish(graded, task), on_progress)

    def _note(self, result: Result, on_progress: Callable[[Progress], None] | None) -> None:
        self.results[result.student] = result
        self.total = max(self.total, len(self.results))
        if on_progress is not None:
            on_progress(Progress(len(self.results), self.total, result))

    def _finish(self, graded: Graded, task: Task) -> Result:
        """Rows first, then the folder: a kill in between makes the next run grade it again."""
        if graded.fault:
            shutil.rmtree(task.staging, ignore_errors=True)
            return Result(task.student, "ungraded", None, graded.fault)
        try:
            score, most = self._write(graded)
            _replace(task.staging, task.destination)
        except (SQLAlchemyError, OSError, LookupError, ValueError) as error:
            log.exception("recording %s", task.student)
            return Result(
                task.student, "ungraded", None, f"It was graded and could not be saved: {error}"
            )
        self._call(self.converter.post_convert_hook, task)
        return Result(task.student, "graded", score, "", most)

    def _call(self, hook: Callable[..., object] | None, task: Task) -> None:
        """Call a hook of the teacher's as nbgrader's converter does; its faults stop nothing."""
        if not hook:
            return
        notebooks = [
            str(task.submitted / f"{known.name}.ipynb")
            for known in self.spec.notebooks
            if (task.submitted / f"{known.name}.ipynb").is_file()
        ]
        try:
            hook(assignment=self.assignment, student=task.student, notebooks=notebooks)
        except Exception:
            log.warning("a convert hook failed for %s", task.student, exc_info=True)

    def _write(self, graded: Graded) -> tuple[float, float]:
        for left in reversed(range(_WRITE_TRIES)):
            try:
                return self.recorder.write(graded)
            except (OperationalError, IntegrityError):
                # Somebody else (formgrader) was writing the same gradebook.
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _already(self, student: str) -> Result:
        try:
            found = self.gradebook.find_submission(self.assignment, student)
        except MissingEntry:
            return Result(
                student,
                "ungraded",
                None,
                "Its graded folder is there and its rows are not; grade it again by force.",
                fresh=False,
            )
        penalty = found.late_submission_penalty or 0
        self.gradebook.db.commit()
        return Result(
            student, "graded", found.score - penalty, "graded before", found.max_score, fresh=False
        )


def _plain(value: Any) -> Any:
    """A configuration without traitlets' own containers, which don't pickle everywhere."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, LazyConfigValue):
        return value.get_value([])
    return value


def _timestamp(folder: Path) -> datetime.datetime | None:
    stamp = handed_in_at(folder)
    try:
        return parse_utc(stamp) if stamp else None
    except (ValueError, OverflowError):
        return None


def _replace(staging: Path, destination: Path) -> None:
    """Put a finished folder in its place; nobody sees half of one."""
    old = staging.with_name(staging.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if destination.exists():
        destination.rename(old)
    staging.rename(destination)
    shutil.rmtree(old, ignore_errors=True)
