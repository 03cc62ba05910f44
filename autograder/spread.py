"""Spreads submissions over an executor in small chunks; a worker that dies loses nobody's work.

A chunk whose worker died is tried again submission by submission; one that kills its worker twice
is a fault, and only that one.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing.util import Finalize

from autograder.preprocessor import close_engines
from autograder.spec import AssignmentSpec
from autograder.submission import Graded, Task, grade

_CHUNK = 8
_QUEUED_PER_WORKER = 3
_TRIES = 3
_PR_SET_PDEATHSIG = 1

Done = tuple[Graded, Task]


def spread(
    tasks: Sequence[Task],
    spec: AssignmentSpec,
    executor: Executor | None,
    workers: int | None,
) -> Iterator[Done]:
    """Grade each task and yield its result as it comes. Never raises for a task."""
    count = min(workers or os.cpu_count() or 1, len(tasks))
    if executor is not None:
        yield from _on(executor, _chunks(tasks, workers or 4), spec)
    elif count == 1:
        for task in tasks:
            yield grade(task, spec), task
    else:
        yield from _on_own_pools(tasks, spec, count)


def grade_chunk(tasks: Sequence[Task], spec: AssignmentSpec) -> list[Graded]:
    """What a worker does: it is sent the assignment once for several submissions."""
    return [grade(task, spec) for task in tasks]


def _chunks(tasks: Sequence[Task], workers: int) -> list[Sequence[Task]]:
    size = max(1, min(_CHUNK, len(tasks) // (workers * 4)))
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]


def _on(
    executor: Executor, chunks: Sequence[Sequence[Task]], spec: AssignmentSpec
) -> Iterator[Done]:
    failed: list[tuple[Task, str]] = []
    yield from _submit(executor, chunks, spec, failed)
    for attempt in range(2, _TRIES + 1):
        again, failed = failed, []
        if again:
            yield from _submit(executor, [[task] for task, _ in again], spec, failed)
        if attempt == _TRIES:
            yield from ((_killed(task, reason), task) for task, reason in failed)


def _on_own_pools(tasks: Sequence[Task], spec: AssignmentSpec, count: int) -> Iterator[Done]:
    """Local processes. A pool that lost a worker is broken, so each attempt has its own."""
    chunks: list[Sequence[Task]] = _chunks(tasks, count)
    for attempt in range(1, _TRIES + 1):
        failed: list[tuple[Task, str]] = []
        if attempt < _TRIES:
            with _pool(count) as pool:
                yield from _submit(pool, chunks, spec, failed)
        else:
            # Alone in a pool, nobody else's death can be blamed on it.
            for chunk in chunks:
                with _pool(1) as pool:
                    yield from _submit(pool, [chunk], spec, failed)
            yield from ((_killed(task, reason), task) for task, reason in failed)
            return
        if not failed:
            return
        chunks = [[task] for task, _ in failed]


def _pool(count: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(
        count, mp_context=context, initializer=_end_with_batch, initargs=(os.getpid(),)
    )


def _end_with_batch(batch_pid: int) -> None:
    """In a worker: end it with the batch, and its sandbox with it.

    A worker does not notice that its batch was killed: it would wait for ever, or write beside
    the workers of the next batch. At a normal end, its sandbox is ended by multiprocessing's own
    exit functions, because atexit does not run in a worker.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != batch_pid:
        os._exit(1)
    Finalize(None, close_engines, exitpriority=10)


def _submit(
    executor: Executor,
    chunks: Sequence[Sequence[Task]],
    spec: AssignmentSpec,
    failed: list[tuple[Task, str]],
) -> Iterator[Done]:
    """Keep a bounded number of chunks under way, so that memory does not grow with the cohort."""
    waiting = list(reversed(chunks))
    running: dict[Future[list[Graded]], Sequence[Task]] = {}
    bound = _QUEUED_PER_WORKER * (getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
    while waiting or running:
        while waiting and len(running) < bound:
            chunk = waiting.pop()
            try:
                running[executor.submit(grade_chunk, chunk, spec)] = chunk
            except RuntimeError as error:  # the pool is broken or shut
                failed.extend((task, str(error)) for task in chunk)
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            chunk = running.pop(future)
            try:
                yield from zip(future.result(), chunk, strict=True)
            except GeneratorExit:
                for other in running:
                    other.cancel()
                raise
            except Exception as error:
                failed.extend((task, f"{type(error).__name__}: {error}") for task in chunk)


def _killed(task: Task, reason: str) -> Graded:
    with contextlib.suppress(OSError):
        task.staging.rmdir()
    return Graded(task.student, fault=f"The worker that graded it ended each time ({reason}).")
