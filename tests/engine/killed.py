"""A program that grades a course and is killed with -9 at one named moment of its writing.

python -m tests.engine.killed MOMENT COURSE_FOLDER
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from autograder import batch, spread
from autograder.record import Recorder
from tests.engine.courses import Course


def before(owner: Any, name: str) -> None:
    """Have the first call of the function end this process."""
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


def after(owner: Any, name: str) -> None:
    """Have the end of its first call end this process."""
    real = getattr(owner, name)

    def then_killed(*given: Any, **named: Any) -> None:
        real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, then_killed)


MOMENTS = {
    "graded and nothing written": lambda: before(Recorder, "write"),
    "inside the transaction": lambda: before(Recorder, "_penalise"),
    "rows written, folder not moved": lambda: before(batch, "_replace"),
    "old folder away, new one not there": lambda: after(Path, "rename"),
    "folder moved": lambda: after(batch, "_replace"),
    "while it grades": lambda: before(spread, "grade"),
}

if __name__ == "__main__":
    MOMENTS[sys.argv[1]]()
    batch.grade(Course(Path(sys.argv[2])).config(), "week01", workers=1)
