"""The teacher's side of a notebook: its tests run in the checker, each against her program's state.

Tests in a row meet one copy of her program, one after the other, as they do in nbgrader. A test
that the next one must not notice (it has a hidden part, or gives a name of hers another value) has
a fork of that copy to itself, unless it is the last. When a test ends the program, it is brought
back for the others.
"""

from __future__ import annotations

import signal
import time
from typing import Any

from autograder import outputs
from autograder.cells import TeacherNames, leaves_traces, mentions, states, test_order
from autograder.errors import PlatformFault
from autograder.job import Interpreter, Job, Lost, Outcome
from autograder.program import Program, status_of

_GRACE_S = 2.0
_CHECKER_GRACE_S = 5.0
_SLOW_TEST_S = 1.0


class Tests:
    """The tests of one notebook, after its program has run."""

    def __init__(self, job: Job, program: Program, names: TeacherNames) -> None:
        """Test `program`; `names` is what the teacher's notebook says about names."""
        self.job = job
        self.program = program
        self.names = names
        self._states = states(job.cells)
        self._kept: dict[int, Interpreter | None] = dict(program.kept)
        self._ended: set[int] = set()  # states whose program a test has ended
        self._met: list[Interpreter] = []  # to whom the checker talks

    def run(self) -> None:
        """Run the tests, then the cells that their teacher wants in the student's interpreter."""
        job, order = self.job, test_order(self.job.cells)
        if order:
            checker = job.start_checker(self.names.as_json())
            for number, position in enumerate(order):
                to_come = {self._states[later] for later in order[number + 1 :]}
                last = self._states[position] not in to_come
                job.outcomes[position] = self._test(checker, position, last=last)
        for position, cell in enumerate(job.cells):
            if cell.role == "shared":
                job.outcomes[position] = self._shared(position)

    def _test(self, checker: Interpreter, position: int, *, last: bool) -> Outcome:
        job, budget = self.job, self.job.limits.cell_timeout_s
        count = job.outcomes[position].count or 0
        program = self._program_for(position, last=last)
        self._send(checker, program, job.cells[position].source, count)
        started = time.monotonic()
        reply = self._wait(checker, budget)
        if reply is None:
            raise PlatformFault(f"Test cell {count} did not end in {budget:.0f} s")
        if program is not None and reply.get("lost"):
            self._end(self._states[position], program)
        elif program is self._kept.get(self._states[position]) and program and not last:
            job.asleep[program.pid] = program
        if reply.get("lost") or time.monotonic() - started > _SLOW_TEST_S:
            job.cull()
        return Outcome(
            outputs.clean(reply.get("outputs")), status_of(reply), count, reply.get("failure")
        )

    def _program_for(self, position: int, *, last: bool) -> Interpreter | None:
        """The program that a test meets; None when there is none to be had."""
        state = self._states[position]
        if state not in self._kept and state in self._ended:
            self._kept[state] = self.program.again(state)
        kept = self._kept.get(state)
        source = self.job.cells[position].source
        alone = state in self._ended or leaves_traces(source, self.names.exercises)
        if kept is None or last or not alone:
            return kept
        fork = self.job.fork(kept, self.job.copy_folder(kept.folder), kept.checker_folder)
        if fork is None:
            self._end(state, kept)
            return self._program_for(position, last=True)
        return fork

    def _end(self, state: int, program: Interpreter) -> None:
        """A program is gone, by whatever the test had it do."""
        if program is self._kept.get(state):
            del self._kept[state]
        self.job.asleep.pop(program.pid, None)
        program.channel.close()
        self._ended.add(state)

    def _send(
        self, checker: Interpreter, program: Interpreter | None, source: str, count: int
    ) -> None:
        """Have the checker run a test; it gets a program's channel when they first meet."""
        names = mentions(source)
        request = {
            "source": source,
            "names": None if names is None else sorted(names),
            "count": count,
            "timeout_s": self.job.limits.cell_timeout_s,
            "program": None,
            "folder": str(self.job.sandbox.base / (program or checker).checker_folder),
        }
        fds: list[int] = []
        if program is not None:
            self.job.asleep.pop(program.pid, None)
            if program not in self._met:
                self._met.append(program)
                fds = [program.channel.fileno()]
            request["program"] = self._met.index(program)
        checker.channel.send(request, fds=fds)

    def _wait(self, checker: Interpreter, budget: float) -> dict[str, Any] | None:
        """The checker's reply. A program that uses too much is ended, which fails its test."""
        apart = [checker.pid, *self.job.asleep]
        deadline = time.monotonic() + budget + _CHECKER_GRACE_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                reply = self.job.wait(checker.channel, left, apart)
            except Lost:
                self.job.cull()
                continue
            if reply is not None:
                return reply
        self.job.signal(checker, signal.SIGINT)
        return self.job.wait(checker.channel, _GRACE_S, apart)

    def _shared(self, position: int) -> Outcome:
        """Run a test in a copy of the student's interpreter, where its teacher wants it."""
        count = self.job.outcomes[position].count or 0
        self.program.main = self._kept.get(position)
        try:
            return self.program.execute(position)
        except Lost as lost:
            self.program.main = None
            self.job.cull()
            return Outcome((outputs.problem(lost.reason),), "error", count)
