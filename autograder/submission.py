"""One submission: read, sanitised, run, and written beside its place. Knows no database.

What a worker of the batch does. It returns scores; the gradebook is written by the caller, and
only then is the folder moved into place.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    DeduplicateIds,
    Execute,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder import folder, notebook, sanitise
from autograder.errors import GradingError, PlatformFault, RefusedNotebook
from autograder.metadata import CheckMetadata
from autograder.preprocessor import ExecuteInSandbox, engine_for
from autograder.spec import AssignmentSpec, NotebookSpec

log = logging.getLogger("autograder")
STAGING = ".autograder-"
_READ_TRIES = 5
_MAX_STAMP = 100


@dataclass(frozen=True)
class Task:
    """One submission to grade; `config` is nbgrader's as a plain dictionary."""

    student: str
    submitted: Path
    destination: Path
    staging: Path
    config: Mapping[str, Any]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Mark:
    """The automatic result for one graded cell; None when a person must look."""

    cell: str
    score: float | None


@dataclass(frozen=True)
class GradedNotebook:
    """Marks and automatic comments of one notebook."""

    name: str
    marks: tuple[Mark, ...]
    comments: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Graded:
    """A graded submission, its files waiting in `staging`; or why there is none (`fault`)."""

    student: str
    notebooks: tuple[GradedNotebook, ...] = ()
    missing: tuple[str, ...] = ()
    timestamp: str | None = None
    fault: str = ""


def grade(task: Task, spec: AssignmentSpec) -> Graded:
    """Grade one submission. Never raises: a fault is a result."""
    try:
        try:
            return _grade(task, spec)
        except PlatformFault as error:
            log.warning("%s is graded again after: %s", task.student, error)
            return _grade(task, spec)
    except GradingError as error:
        return Graded(task.student, fault=str(error))
    except Exception as error:
        log.exception("grading %s", task.student)
        return Graded(task.student, fault=f"{type(error).__name__}: {error}")


def _grade(task: Task, spec: AssignmentSpec) -> Graded:
    _remove(task.staging)
    task.staging.mkdir(parents=True)
    timestamp = _take_copy(task, spec)
    os.environ.update(task.environment)
    steps = _steps(_Frozen(task.config))
    graded, missing = [], []
    for known in spec.notebooks:
        path = task.staging / f"{known.name}.ipynb"
        if not path.is_file():
            missing.append(known.name)
            continue
        graded.append(_grade_notebook(path, known, task, spec, steps))
    if not graded:
        raise RefusedNotebook(
            f"None of the assignment's notebooks ({', '.join(spec.by_name)}) is in the submission. "
            "Was one renamed?"
        )
    _set_permissions(task)
    return Graded(task.student, tuple(graded), tuple(missing), timestamp)


# Files ---------------------------------------------------------------------------------------


def _take_copy(task: Task, spec: AssignmentSpec) -> str | None:
    """Copy the submission as nbgrader does, whole even if it is being replaced meanwhile."""
    for _ in range(_READ_TRIES):
        before = _state(task.submitted)
        _remove(task.staging)
        task.staging.mkdir(parents=True)
        try:
            _copy(task, spec)
        except FileNotFoundError:
            time.sleep(0.05)  # it is being replaced: the next try sees the new one
            continue
        if _state(task.submitted) == before:
            break
    else:
        raise PlatformFault("The submission changes all the time; it is left for the next run.")
    return _checked(handed_in_at(task.staging))


def _checked(stamp: str | None) -> str | None:
    """The time, if it is one. Raises RefusedNotebook: whether the work is late can't be known."""
    if not stamp:
        return None
    try:
        utils.parse_utc(stamp)
        return stamp
    except (ValueError, OverflowError) as error:
        raise RefusedNotebook(
            f"timestamp.txt says {stamp[:40]!r}, which is no time. Write there when it was handed "
            "in, as in 2027-01-31 09:00:00 UTC, or remove the file, and grade it again."
        ) from error


def handed_in_at(folder: Path) -> str | None:
    """What `timestamp.txt` of a submission says, unread; None when it is no file to read."""
    path = folder / "timestamp.txt"
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # a pipe would be waited for
            return None
        with path.open(errors="replace") as file:
            return file.read(_MAX_STAMP).strip()
    except OSError:
        return None


def _state(path: Path) -> list[tuple[str, int, int, int]]:
    found = []
    for root, _, names in os.walk(path):
        for name in names:
            info = Path(root, name).lstat()
            found.append((str(Path(root, name)), info.st_mtime_ns, info.st_size, info.st_ino))
    return sorted(found)


def _copy(task: Task, spec: AssignmentSpec) -> None:
    course = _course(_Frozen(task.config))
    ignored = [*course.ignore, "*.ipynb"]
    size = 0
    for name in utils.find_all_files(str(task.submitted), ignored):
        path = Path(name)
        if path.is_symlink() or not path.is_file():
            log.warning("%s: %s is a link and is left out", task.student, path)
            continue
        size += path.stat().st_size
        if size > folder.MAX_BYTES:
            raise RefusedNotebook(
                f"The submission holds more than {folder.MAX_BYTES // 2**20} MB beside its "
                "notebooks. Ask the student to hand in only what the week asks for."
            )
        _copy_to(path, task.staging / path.relative_to(task.submitted))
    if spec.source is not None:
        free = {str(spec.source / name) for name in _student_may_change(task, spec)}
        for name in set(utils.find_all_files(str(spec.source), ignored)) - free:
            _copy_to(Path(name), task.staging / Path(name).relative_to(spec.source))
    for known in spec.notebooks:
        path = task.submitted / f"{known.name}.ipynb"
        if path.is_file() and not path.is_symlink():
            _copy_to(path, task.staging / path.name)


def _copy_to(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy(source, target)
    target.chmod(0o600)


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def _set_permissions(task: Task) -> None:
    """As nbgrader's converter does for what it writes."""
    shared = _course(_Frozen(task.config)).groupshared
    section = task.config.get("Autograde", {})
    files = int(str(section.get("permissions", 664 if shared else 444)), 8)
    for root, _, names in os.walk(task.staging):
        for name in names:
            Path(root, name).chmod(files)
        if shared:
            Path(root).chmod((Path(root).stat().st_mode | 0o2770) & 0o2777)


def _student_may_change(task: Task, spec: AssignmentSpec) -> list[str]:
    listed = task.config.get("Autograde", {}).get("exclude_overwriting", {})
    return list(listed.get(spec.name, ()))


# Steps ---------------------------------------------------------------------------------------


class _Frozen(dict):  # type: ignore[type-arg]
    """A configuration that can be a cache's key; equal texts are equal configurations."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(sorted(self.items())))


@lru_cache(maxsize=4)
def _course(config: _Frozen) -> CourseDirectory:
    """The course's folders, as nbgrader names them."""
    return CourseDirectory(config=Config(_plain(config)))


@dataclass(frozen=True)
class _Steps:
    before: tuple[Any, ...]
    execute: ExecuteInSandbox
    after: tuple[Any, ...]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


_FASTER = {OverwriteCells: sanitise.OverwriteFromMemory, CheckCellMetadata: CheckMetadata}


@lru_cache(maxsize=4)
def _steps(config: _Frozen) -> _Steps:
    """The configured preprocessors, built once a worker; those of the database are ours."""
    loaded = Config(_plain(config))
    converter = Autograde(coursedir=CourseDirectory(config=loaded), config=loaded)
    before = [_build(name, loaded) for name in converter.sanitize_preprocessors]
    after = [_build(name, loaded) for name in converter.autograde_preprocessors]
    execute = next((step for step in after if isinstance(step, ExecuteInSandbox)), None)
    if execute is None:
        execute = ExecuteInSandbox(config=loaded)
    return _Steps(
        tuple(step for step in before if step is not None),
        execute,
        tuple(step for step in after if step is not None and not isinstance(step, Execute)),
    )


def _build(name: Any, config: Config) -> Any:
    kind = import_item(name) if isinstance(name, str) else name
    if kind in (SaveAutoGrades, AssignLatePenalties, OverwriteKernelspec, sanitise.RestoreCells):
        return None  # done by _grade_notebook and by the caller, from memory
    kind = _FASTER.get(kind, kind)
    step = kind(config=config)
    return step if getattr(step, "enabled", True) else None


def _grade_notebook(
    path: Path, known: NotebookSpec, task: Task, spec: AssignmentSpec, steps: _Steps
) -> GradedNotebook:
    nb = sanitise.read_submitted(path)
    sanitise.restore(nb, known)
    resources = {
        "unique_key": known.name,
        "metadata": {"path": str(task.staging), "name": known.name},
        "nbgrader": {
            "student": task.student,
            "assignment": spec.name,
            "notebook": known.name,
            "db_url": task.config.get("CourseDirectory", {}).get("db_url", ""),
        },
    }
    _overwrite_kernelspec(nb, known)
    for step in steps.before:
        if isinstance(step, sanitise.OverwriteFromMemory):
            step.spec = known
        if not isinstance(step, DeduplicateIds):  # `restore` has done it
            nb, resources = step.preprocess(nb, resources)
    teacher = spec.teacher(known, nb)
    files = folder.read(
        task.staging, spec.source, _student_may_change(task, spec), called=spec.name
    )
    run = steps.execute
    run.check_kernel(nb)
    written = notebook.execute(
        nb,
        engine_for(run.plan(heavy=notebook.mentions(nb, run.warm))),
        teacher,
        files,
        env={**task.environment, "NBGRADER_EXECUTION": "autograde"},
        stderr_fails=run.stderr_fails,
    )
    folder.save(task.staging, written)
    for step in steps.after:
        nb, resources = step.preprocess(nb, resources)
    graded = _marks(nb, known)
    path.write_text(nbformat.writes(nb, version=4) + "\n", encoding="utf-8")
    return graded


def _overwrite_kernelspec(nb: Any, known: NotebookSpec) -> None:
    import json  # noqa: PLC0415

    spec = json.loads(known.kernelspec) if known.kernelspec else None
    if spec:
        nb.metadata["kernelspec"] = spec


def _marks(nb: Any, known: NotebookSpec) -> GradedNotebook:
    """What SaveAutoGrades would save."""
    marks, comments = [], []
    for cell in nb.cells:
        if utils.is_grade(cell):
            score, _ = utils.determine_grade(cell, log)
            marks.append(Mark(cell.metadata["nbgrader"]["grade_id"], score))
        if utils.is_solution(cell) or utils.is_task(cell):
            same = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            comments.append(
                (
                    cell.metadata["nbgrader"]["grade_id"],
                    "No response." if same and not utils.is_task(cell) else None,
                )
            )
    return GradedNotebook(known.name, tuple(marks), tuple(comments))
