"""Runs one notebook: the student's cells in her interpreter, the tests in the checker.

Her cells all run before the first test does, and each test meets a snapshot of her interpreter
as it was at the test's place in the notebook. When her interpreter ends (a crash, a loop that
can't be interrupted), it is brought back from the last snapshot, and only that cell is lost.
"""

from __future__ import annotations

import itertools
import select
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder import outputs
from autograder.cells import Cell, TeacherNames, test_order
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed, PlatformFault
from autograder.folder import Files
from autograder.sandbox import Plan, Sandbox
from autograder.wire import Channel, pair

_TICK_S = 0.25
_GRACE_S = 2.0
# A fork takes milliseconds; by the clock it may take long on a loaded machine, and that must not
# cost her a mark. A program that never answers costs this much for each time it is brought back.
_FORK_PATIENCE_S = 20.0
_CHECKER_GRACE_S = 5.0
_SLOW_TEST_S = 1.0
_MAX_REVIVALS = 4
_MAX_REPLY = 24 * 1024 * 1024
_JOBS = itertools.count(1)


@dataclass(frozen=True)
class Outcome:
    """What one cell showed (nbformat outputs) and how it ended; `count` as in `In[count]`.

    `failure` says of a failed test which line of it failed, and whether the exception came `by`
    the test or the student's program. Only the checker says so, never her interpreter.
    """

    outputs: tuple[dict[str, Any], ...] = ()
    status: str = "skipped"
    count: int | None = None
    failure: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Ran:
    """A notebook that has run: an outcome for each cell, and the files that the student wrote."""

    outcomes: tuple[Outcome, ...]
    written: tuple[tuple[str, bytes], ...] = ()


@dataclass
class _Interpreter:
    """The student's running interpreter."""

    channel: Channel
    pid: int
    folder: str


@dataclass(frozen=True)
class _Snapshot:
    channel: Channel
    pid: int
    folder: str
    checker_folder: str | None


@dataclass
class _Job:
    """One notebook on its way."""

    name: str
    work: str
    cells: Sequence[Cell]
    env: Mapping[str, str]
    deadline: float
    outcomes: list[Outcome]
    main: _Interpreter | None = None
    snapshots: dict[int, _Snapshot] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    revivals: int = 0
    folders: int = 0


class Engine:
    """A sandbox with its warm interpreter, kept for many notebooks; used by one thread."""

    def __init__(self, plan: Plan | None = None, *, slot: int = 0) -> None:
        """Start nothing yet; `slot` tells several engines of one process apart."""
        self.plan = plan or Plan()
        self._slot = slot
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> Sandbox:
        """The running sandbox, started when there is none."""
        if self._sandbox is not None and not self._sandbox.alive:
            self._sandbox.close()
            self._sandbox = None
        if self._sandbox is None:
            self._sandbox = Sandbox(self.plan, slot=self._slot)
        return self._sandbox

    def close(self) -> None:
        """End the sandbox."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def run(
        self,
        cells: Sequence[Cell],
        files: Files | None = None,
        names: TeacherNames | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a notebook's cells; one outcome for each, in order.

        Raises PlatformFault when the platform failed, SandboxTooWeak below the floor. What the
        student's code does is never an exception here.
        """
        files = files or Files()
        job = _Job(
            f"j{next(_JOBS)}",
            files.name,
            cells,
            env or {},
            time.monotonic() + self.plan.limits.notebook_timeout_s,
            [Outcome() for _ in cells],
        )
        try:
            self._open(job, files)
            self._run_student(job)
            written = self._collect(job)
            self._abandon(job)
            self._run_tests(job, names or TeacherNames())
        except (ChannelClosed, ChannelTimeout, Malformed) as error:
            raise PlatformFault(f"The grader lost a process of its own: {error}") from error
        finally:
            for snapshot in job.snapshots.values():
                snapshot.channel.close()
            if job.main is not None:
                job.main.channel.close()
            if self._sandbox is not None and self._sandbox.alive:
                self._sandbox.ask("sweep", folders=[job.name])
        return Ran(tuple(job.outcomes), written)

    def _collect(self, job: _Job) -> tuple[tuple[str, bytes], ...]:
        """The files that the student's cells wrote."""
        if job.main is None:
            return ()
        message = self.sandbox.ask_for_data("collect", folder=job.main.folder)
        found, position = [], 0
        for name, size in message.body["files"]:
            found.append((str(name), message.blob[position : position + size]))
            position += size
        return tuple(found)

    # The student's interpreter -------------------------------------------------------------

    def _open(self, job: _Job, files: Files) -> None:
        ask = self.sandbox.ask
        ask(
            "open",
            blob=b"".join(data for _, data in (*files.teacher, *files.student)),
            job=job.name,
            name=job.work,
            teacher=[[name, len(data)] for name, data in files.teacher],
            student=[[name, len(data)] for name, data in files.student],
        )
        job.main = self._fork_fresh(job, f"{job.name}/w/work/{job.work}")

    def _fork_fresh(self, job: _Job, folder: str) -> _Interpreter:
        channel, theirs = pair()
        channel.max_bytes = _MAX_REPLY
        answer = self.sandbox.ask(
            "fork",
            fds=[theirs.fileno()],
            role="student",
            folder=folder,
            room=f"{job.name}/w",
            read=[f"{job.name}/t"],
            env=dict(job.env),
        )
        theirs.close()
        return _Interpreter(channel, int(answer["pid"]), folder)

    def _run_student(self, job: _Job) -> None:
        count = 0
        for position, cell in enumerate(job.cells):
            if cell.role == "skip":
                continue
            count += 1
            job.outcomes[position] = Outcome((), "not run", count)
            if cell.role == "student":
                job.outcomes[position] = self._student_cell(job, position, count)
            else:
                self._take_snapshot(job, position)

    def _student_cell(self, job: _Job, position: int, count: int) -> Outcome:
        if job.main is None and not self._revive(job, position):
            return Outcome((outputs.problem("program-ended"),), "error", count)
        try:
            outcome = self._execute(job, position, count)
        except _Lost as lost:
            self._abandon(job)
            job.lost.add(position)
            outcome = Outcome(
                (*outputs.timeout(lost.reason), outputs.problem(lost.reason)), "error", count
            )
        return outcome

    def _execute(self, job: _Job, position: int, count: int) -> Outcome:
        main = job.main
        assert main is not None  # noqa: S101 - the caller has just made sure
        cell = job.cells[position]
        budget = min(self.plan.limits.cell_timeout_s, job.deadline - time.monotonic())
        if budget <= 0:
            raise _Lost("notebook-time")
        request = {"op": "cell", "source": cell.source, "count": count, "input": list(cell.input)}
        # Snapshots sleep and share their memory with `main`: counted again, each test would cost.
        asleep = [snapshot.pid for snapshot in job.snapshots.values()]
        try:
            main.channel.send(request)
            reply = self._wait(main.channel, budget, apart=asleep)
            if reply is not None:
                return Outcome(outputs.clean(reply.get("outputs")), _status(reply), count)
            self.sandbox.ask("signal", pid=main.pid, signal=int(signal.SIGINT))
            reply = self._wait(main.channel, _GRACE_S, apart=asleep)
        except (ChannelClosed, ChannelTimeout, Malformed) as error:
            raise _Lost("program-ended") from error
        if reply is None:
            raise _Lost("cell-time")
        self._cull(job, main.pid)  # what it started may be what took so long
        shown = outputs.clean(reply.get("outputs"))
        return Outcome((*shown, *outputs.timeout("cell-time")), "error", count)

    def _wait(
        self, channel: Channel, timeout_s: float, apart: Sequence[int] = ()
    ) -> dict[str, Any] | None:
        """The next reply, or None when it does not come in time.

        Watches the files and the memory of everybody but `apart`.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            if select.select([channel], [], [], min(left, _TICK_S))[0]:
                return channel.receive(max(left, 1.0)).body
            vitals = self.sandbox.ask("vitals", apart=list(apart))
            if vitals["memory"] > self.plan.limits.memory_bytes:
                raise _Lost("memory")
            if vitals["files"] > self.plan.limits.files:
                raise _Lost("files")

    def _abandon(self, job: _Job) -> None:
        """Give the interpreter up, and end all that it started but the snapshots."""
        if job.main is not None:
            job.main.channel.close()
            job.main = None
        self._cull(job)

    def _cull(self, job: _Job, *others: int) -> None:
        keep = [snapshot.pid for snapshot in job.snapshots.values()]
        self.sandbox.ask("cull", keep=[*keep, *others])

    def _revive(self, job: _Job, before: int) -> bool:
        """Bring the interpreter back to where it was before cell `before`, without lost cells."""
        job.revivals += 1
        if job.revivals > _MAX_REVIVALS or time.monotonic() > job.deadline:
            return False
        past = [position for position in job.snapshots if position < before]
        start = -1
        try:
            if past:
                start = max(past)
                job.main = self._fork_snapshot(job, job.snapshots[start])
            if job.main is None:
                start = -1
                job.main = self._fork_fresh(
                    job, self._new_folder(job, f"{job.name}/w/first/{job.work}")
                )
            for position in range(start + 1, before):
                if job.cells[position].role == "student" and position not in job.lost:
                    self._execute(job, position, job.outcomes[position].count or 1)
        except (_Lost, ChannelClosed, ChannelTimeout, Malformed):
            self._abandon(job)
            return False
        return True

    def _new_folder(self, job: _Job, source: str) -> str:
        job.folders += 1
        folder = f"{job.name}/w/s{job.folders}/{job.work}"
        self.sandbox.ask("copy", source=source, target=folder)
        return folder

    def _fork_snapshot(self, job: _Job, snapshot: _Snapshot) -> _Interpreter | None:
        folder = self._new_folder(job, snapshot.folder)
        return self._fork_of(snapshot.channel, folder)

    def _fork_of(self, parent: Channel, folder: str) -> _Interpreter | None:
        channel, theirs = pair()
        channel.max_bytes = _MAX_REPLY
        try:
            parent.send(
                {"op": "fork", "folder": str(self.sandbox.base / folder)}, fds=[theirs.fileno()]
            )
            pid = parent.receive(_FORK_PATIENCE_S).body.get("pid")
        except (ChannelClosed, ChannelTimeout, Malformed):
            channel.close()
            return None
        finally:
            theirs.close()
        if not isinstance(pid, int):
            channel.close()
            return None
        return _Interpreter(channel, pid, folder)

    def _take_snapshot(self, job: _Job, position: int) -> None:
        if job.main is None and not self._revive(job, position):
            return
        main = job.main
        assert main is not None  # noqa: S101 - _revive has just made it
        job.folders += 1
        answer = self.sandbox.ask(
            "snapshot", job=job.name, name=job.work, source=main.folder, number=job.folders
        )
        copy = self._fork_of(main.channel, f"{job.name}/w/s{job.folders}/{job.work}")
        if copy is None:
            # The last cell broke what we talk over: without it, the rest can still be tested.
            job.lost.update(_last_run(job, position))
            self._abandon(job)
            if self._revive(job, position):
                self._take_snapshot(job, position)
            return
        job.snapshots[position] = _Snapshot(
            copy.channel, copy.pid, copy.folder, answer["checker_folder"]
        )

    # The tests -----------------------------------------------------------------------------

    def _run_tests(self, job: _Job, names: TeacherNames) -> None:
        if any(cell.role == "test" for cell in job.cells):
            checker = self._fork_checker(job, names)
            try:
                for position in test_order(job.cells):
                    job.outcomes[position] = self._test_cell(job, checker, position)
            finally:
                checker.channel.close()
        for position, cell in enumerate(job.cells):
            if cell.role == "shared":
                job.outcomes[position] = self._shared_cell(job, position)

    def _fork_checker(self, job: _Job, names: TeacherNames) -> _Interpreter:
        channel, theirs = pair()
        answer = self.sandbox.ask(
            "fork",
            fds=[theirs.fileno()],
            role="checker",
            folder=f"{job.name}/c/work/{job.work}",
            room=f"{job.name}/c",
            read=[f"{job.name}/t"],
            env=dict(job.env),
            teacher=names.as_json(),
        )
        theirs.close()
        return _Interpreter(channel, int(answer["pid"]), "")

    def _test_cell(self, job: _Job, checker: _Interpreter, position: int) -> Outcome:
        snapshot = job.snapshots.get(position)
        count = job.outcomes[position].count or 0
        budget = self.plan.limits.cell_timeout_s
        body: dict[str, Any] = {
            "source": job.cells[position].source,
            "count": count,
            "timeout_s": budget,
            "folder": None,
        }
        fds: list[int] = []
        if snapshot is not None:
            fds = [snapshot.channel.fileno()]
            if snapshot.checker_folder:
                body["folder"] = str(self.sandbox.base / snapshot.checker_folder)
        checker.channel.send(body, fds=fds)
        if snapshot is not None:
            snapshot.channel.close()
        job.snapshots.pop(position, None)
        started = time.monotonic()
        reply = self._wait_for_test(job, checker, budget)
        if reply is None:
            raise PlatformFault(f"Test cell {count} did not end in {budget:.0f} s")
        if time.monotonic() - started > _SLOW_TEST_S:
            self._cull(job, checker.pid)
        return Outcome(
            outputs.clean(reply.get("outputs")), _status(reply), count, reply.get("failure")
        )

    def _wait_for_test(
        self, job: _Job, checker: _Interpreter, budget: float
    ) -> dict[str, Any] | None:
        """The checker's reply. A program that uses too much is ended, which fails its test."""
        deadline = time.monotonic() + budget + _CHECKER_GRACE_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                reply = self._wait(checker.channel, left, apart=[checker.pid])
            except _Lost:
                self._cull(job, checker.pid)
                continue
            if reply is not None:
                return reply
        self.sandbox.ask("signal", pid=checker.pid, signal=int(signal.SIGINT))
        return self._wait(checker.channel, _GRACE_S, apart=[checker.pid])

    def _shared_cell(self, job: _Job, position: int) -> Outcome:
        """Run a test in a snapshot of the student's interpreter, where its teacher wants it."""
        snapshot = job.snapshots.get(position)
        count = job.outcomes[position].count or 0
        if snapshot is None:
            return Outcome((outputs.problem("program-ended"),), "error", count)
        job.main = _Interpreter(snapshot.channel, snapshot.pid, snapshot.folder)
        try:
            outcome = self._execute(job, position, count)
        except _Lost as lost:
            self._abandon(job)
            return Outcome((outputs.problem(lost.reason),), "error", count)
        return replace(outcome, count=count)


class _Lost(Exception):  # noqa: N818 - not an error of ours
    """The student's interpreter is gone; `reason` is a message id."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _last_run(job: _Job, before: int) -> list[int]:
    run = [n for n in range(before) if job.cells[n].role == "student" and n not in job.lost]
    return run[-1:]


def _status(reply: Mapping[str, Any]) -> str:
    return "ok" if reply.get("status") == "ok" else "error"
