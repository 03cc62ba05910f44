"""Runs one notebook: the student's cells in her interpreter (`program`), the tests in the checker
(`testing`). All of her cells run before the first test does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.cells import Cell, TeacherNames
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed, PlatformFault
from autograder.folder import Files
from autograder.job import Job, Outcome
from autograder.program import Program
from autograder.sandbox import Plan, Sandbox
from autograder.testing import Tests


@dataclass(frozen=True)
class Ran:
    """A notebook that has run: an outcome for each cell, and the files that the student wrote."""

    outcomes: tuple[Outcome, ...]
    written: tuple[tuple[str, bytes], ...] = ()


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
        job = Job(self.sandbox, self.plan.limits, cells, files or Files(), env or {})
        try:
            program = Program(job)
            program.run()
            Tests(job, program, names or TeacherNames()).run()
        except (ChannelClosed, ChannelTimeout, Malformed) as error:
            raise PlatformFault(f"The grader lost a process of its own: {error}") from error
        finally:
            job.close()
        return Ran(tuple(job.outcomes), program.written)
