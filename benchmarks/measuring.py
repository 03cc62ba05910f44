"""What programs cost: CPU and wall time, memory, with everything that they start.

Other programs on the machine lengthen the wall time a lot and the CPU time somewhat, so ratios are
of CPU time, of both sides in one run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK_S, _WEIGH_S = 0.1, 1.0
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds."""

    cpu_s: float
    wall_s: float


def cost_of(work: Callable[[], object]) -> Cost:
    """Run `work` once; what this process and its children that ended meanwhile used.

    Not for what starts sandboxes: bubblewrap does not hand on what ran inside. See `Watched`.
    """
    before, started = os.times(), time.monotonic()
    work()
    after = os.times()
    return Cost(sum(after[:4]) - sum(before[:4]), time.monotonic() - started)


def run(command: Sequence[str], folder: Path | None = None) -> None:
    """Run a program of this environment, by its name; raises with its last words if it fails."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [str(program), *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} left with {done.returncode}: {done.stderr[-2000:]}"
        )


class Watched:
    """A grading program that runs, its workers and its sandboxes: CPU time and memory.

    CPU time is read from the processes that live as long as the work does, which have reaped the
    others: the program, its workers, and the warm interpreter in each sandbox.
    """

    def __init__(self, process: psutil.Popen) -> None:
        self.process = process
        self.own_mb = self.all_mb = 0.0
        self._started = self._weighed = time.monotonic()
        self._grader_s: dict[int, float] = {}
        self._sandbox_s: dict[int, float] = {}

    def wait(self) -> Cost:
        """Wait for its end; what it cost."""
        while self.process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._look()
            time.sleep(_LOOK_S)
        cpu_s = sum(self._grader_s.values()) + self.sandbox_s
        return Cost(cpu_s, time.monotonic() - self._started)

    @property
    def sandbox_s(self) -> float:
        """The part of the CPU seconds that was used inside the sandboxes."""
        return sum(self._sandbox_s.values())

    def below(self) -> list[psutil.Process]:
        """Its workers and their sandboxes."""
        return list(self.process.children(recursive=True))

    def _look(self) -> None:
        below = self.below()
        self._grader_s[self.process.pid] = sum(self.process.cpu_times()[:2])
        for one in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                if _is_worker(one):
                    self._grader_s[one.pid] = sum(one.cpu_times()[:2])
                elif _is_warm_interpreter(one):
                    self._sandbox_s[one.pid] = sum(one.cpu_times()[:4])
        if time.monotonic() > self._weighed + _WEIGH_S:
            self._weigh(below)

    def _weigh(self, below: Sequence[psutil.Process]) -> None:
        own = private_mb(self.process)
        self.own_mb = max(self.own_mb, own)
        self.all_mb = max(self.all_mb, own + sum(map(private_mb, below)))
        self._weighed = time.monotonic()


def _is_warm_interpreter(process: psutil.Process) -> bool:
    """What bubblewrap started, not what that has forked."""
    parent = process.parent()
    return process.name() != "bwrap" and parent is not None and parent.name() == "bwrap"


def _is_worker(process: psutil.Process) -> bool:
    return "multiprocessing" in " ".join(process.cmdline())


def private_mb(process: psutil.Process) -> float:
    """MiB that a process has for itself alone (USS)."""
    try:
        return float(process.memory_full_info().uss / _MIB)
    except psutil.NoSuchProcess:
        return 0.0
