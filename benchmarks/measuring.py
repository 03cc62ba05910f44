"""CPU and wall time of a program and of everything that it starts.

CPU is user and system time of the process and of all its children that ended. Other programs on
the machine lengthen the wall time and hardly the CPU time, so ratios are of CPU.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds."""

    cpu_s: float
    wall_s: float


def cost_of(work: Callable[[], object]) -> Cost:
    """Run `work` once; what this process and its children that ended meanwhile used."""
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
