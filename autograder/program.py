"""The student's side of a notebook: her cells run in her interpreter, and each test's turn is kept.

A test meets her program as it was at the test's place in the notebook. Before the next cell of
hers runs, a copy of the interpreter goes to sleep for the tests in between; after the last cell
the interpreter itself does. When it ends (a crash, a loop that can't be interrupted), it is
brought back from the last copy, and only that cell is lost.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

from autograder import outputs
from autograder.cells import states
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed
from autograder.job import Interpreter, Job, Lost, Outcome

_GRACE_S = 2.0
_MAX_REVIVALS = 4


class Program:
    """The student's program of one notebook."""

    def __init__(self, job: Job) -> None:
        """Start her interpreter."""
        self.job = job
        self.main: Interpreter | None = job.start_program()
        self.written: tuple[tuple[str, bytes], ...] = ()
        # By the position of the first test that meets it, and for shared cells by their own.
        self.kept: dict[int, Interpreter] = {}
        self._states = states(job.cells)
        self._lost: set[int] = set()
        self._revivals = 0

    def run(self) -> None:
        """Run all of her cells. What her code does is an outcome, never an exception."""
        job, count, waiting = self.job, 0, list[int]()
        for position, cell in enumerate(job.cells):
            if cell.role == "skip":
                continue
            count += 1
            job.outcomes[position] = Outcome((), "not run", count)
            if cell.role == "student":
                self._keep_copies(waiting)
                waiting = []
                job.outcomes[position] = self._cell(position, count)
            else:
                waiting.append(position)
        self._keep_last(waiting)

    def _cell(self, position: int, count: int) -> Outcome:
        if self.main is None and not self._revive(position):
            return Outcome((outputs.problem("program-ended"),), "error", count)
        try:
            return self.execute(position)
        except Lost as lost:
            self._abandon()
            self._lost.add(position)
            shown = (*outputs.timeout(lost.reason), outputs.problem(lost.reason))
            return Outcome(shown, "error", count)

    def execute(self, position: int) -> Outcome:
        """Run one cell in her interpreter. Raises Lost when that ends."""
        job, main, cell = self.job, self.main, self.job.cells[position]
        if main is None:
            raise Lost("program-ended")
        count = job.outcomes[position].count or 1
        budget = min(job.limits.cell_timeout_s, job.deadline - time.monotonic())
        if budget <= 0:
            raise Lost("notebook-time")
        request = {"op": "cell", "source": cell.source, "count": count, "input": list(cell.input)}
        # Copies sleep and share their memory with `main`: counted again, each test would cost.
        asleep = [pid for pid in job.asleep if pid != main.pid]
        try:
            main.channel.send(request)
            reply = job.wait(main.channel, budget, apart=asleep)
            if reply is not None:
                return Outcome(outputs.clean(reply.get("outputs")), status_of(reply), count)
            job.signal(main, signal.SIGINT)
            reply = job.wait(main.channel, _GRACE_S, apart=asleep)
        except (ChannelClosed, ChannelTimeout, Malformed) as error:
            raise Lost("program-ended") from error
        if reply is None:
            raise Lost("cell-time")
        job.cull(main.pid)  # what it started may be what took so long
        shown = outputs.clean(reply.get("outputs"))
        return Outcome((*shown, *outputs.timeout("cell-time")), "error", count)

    # What the tests meet -------------------------------------------------------------------

    def _keep_copies(self, tests: list[int]) -> None:
        """Keep a copy for the tests before the next cell; a shared cell has one of its own."""
        wanted = {self._states[position] for position in tests}
        for key in sorted(wanted):
            copy = self._copy(key)
            if copy is not None:
                self.kept[key] = copy

    def _copy(self, position: int) -> Interpreter | None:
        while self.main is not None or self._revive(position):
            copy = self.job.copy_program(self.main) if self.main is not None else None
            if copy is not None:
                return copy
            # The last cell broke what we talk over: without it, the rest can still be tested.
            self._lost.update(self._last_run(position))
            self._abandon()
        return None

    def _keep_last(self, tests: list[int]) -> None:
        """After the last cell: its files, and her interpreter itself for the tests that follow."""
        wanted = {self._states[position] for position in tests}
        alone = len(wanted) == 1 and self.job.cells[min(wanted)].role == "test"
        asleep = None
        if alone and (self.main is not None or self._revive(min(wanted))):
            self._collect()
            asleep = self.job.put_to_sleep(self.main) if self.main is not None else None
        if asleep is not None:
            self.kept[min(wanted)] = asleep
            self.main = None
            self.job.cull()
            return
        self._keep_copies(tests)
        self._collect()
        self._abandon()

    def _collect(self) -> None:
        if self.main is not None:
            self.written = self.job.written(self.main.folder)

    def again(self, position: int) -> Interpreter | None:
        """Her program once more as the test at `position` is to meet it, after a test ended it."""
        try:
            self.main = self.job.restart_program()
            self._run_again(0, position)
        except Lost:
            self._abandon()
            return None
        found = self._copy(position)
        self._abandon()
        return found

    # Ends and beginnings -------------------------------------------------------------------

    def _abandon(self) -> None:
        """Give the interpreter up, and end all that it started but what is kept."""
        if self.main is not None:
            self.main.channel.close()
            self.main = None
        self.job.cull()

    def _revive(self, before: int) -> bool:
        """Bring the interpreter back to where it was before cell `before`, without lost cells."""
        self._revivals += 1
        if self._revivals > _MAX_REVIVALS or time.monotonic() > self.job.deadline:
            return False
        start = max((key for key in self.kept if key < before), default=-1)
        try:
            if start >= 0:
                copy = self.kept[start]
                folder = self.job.copy_folder(copy.folder)
                self.main = self.job.fork(copy, folder, copy.checker_folder)
            if self.main is None:
                start = -1
                self.main = self.job.restart_program()
            self._run_again(start + 1, before)
        except Lost:
            self._abandon()
            return False
        return True

    def _run_again(self, start: int, before: int) -> None:
        for position in range(start, before):
            if self.job.cells[position].role == "student" and position not in self._lost:
                self.execute(position)

    def _last_run(self, before: int) -> list[int]:
        cells = self.job.cells
        run = [n for n in range(before) if cells[n].role == "student" and n not in self._lost]
        return run[-1:]


def status_of(reply: Mapping[str, Any]) -> str:
    """How the cell of a reply ended."""
    return "ok" if reply.get("status") == "ok" else "error"
