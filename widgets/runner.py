"""Runs a beginner's program inside the kernel: what it printed, how it ended, what it left.

Guards, since a learner's order of lines may never end or may print for ever: a number of steps, a
time and an amount of output. It guards against mistakes, not malice: it is her own kernel.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

FILENAME = "<puzzle>"
MAX_STEPS = 20_000
MAX_SECONDS = 2.0
MAX_OUTPUT = 20_000

OnStep = Callable[[FrameType, str, Any], None]


class TooLong(BaseException):
    """The program took too many steps, too much time, or printed too much.

    No `Exception`, so that a beginner's `except Exception` doesn't swallow it.
    """


class NoInputError(Exception):
    """The program asked for more input than it was given."""


@dataclass(frozen=True)
class Ran:
    """A finished run. `error` is the exception that ended it, None when it came to its end."""

    output: str
    error: BaseException | None
    names: dict[str, Any]

    @property
    def finished(self) -> bool:
        """Whether the program came to its end."""
        return self.error is None


class Output(io.StringIO):
    """Keeps what is printed, up to a limit."""

    def write(self, text: str) -> int:
        if self.tell() + len(text) > MAX_OUTPUT:
            raise TooLong(f"more than {MAX_OUTPUT} characters were printed")
        return super().write(text)


def run(
    source: str,
    *,
    names: dict[str, Any] | None = None,
    inputs: Sequence[str] = (),
    max_steps: int = MAX_STEPS,
    on_step: OnStep | None = None,
    output: Output | None = None,
) -> Ran:
    """Run `source` with fresh names (plus `names`). Never raises for what the program does."""
    output = output or Output()
    space: dict[str, Any] = {
        "__name__": "__main__",
        **(names or {}),
        "input": _reader(inputs, output),
    }
    given = set(space)
    error: BaseException | None = None
    before = sys.gettrace()
    try:
        code: CodeType = compile(source, FILENAME, "exec")
        with contextlib.redirect_stdout(output):
            sys.settrace(_tracer(max_steps, on_step))
            exec(code, space)  # noqa: S102  (a learner's lines, in her own kernel)
    except (Exception, SystemExit, TooLong) as stopped:
        error = stopped
    finally:
        sys.settrace(before)
    left = {
        key: value for key, value in space.items() if key not in given and key != "__builtins__"
    }
    return Ran(output.getvalue(), error, left)


def _tracer(max_steps: int, on_step: OnStep | None) -> Callable[..., Any]:
    steps = 0
    end = time.monotonic() + MAX_SECONDS

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        if frame.f_code.co_filename != FILENAME:
            return None
        if time.monotonic() > end:
            raise TooLong(f"more than {MAX_SECONDS:.0f} seconds")
        if event == "opcode":
            return trace
        frame.f_trace_opcodes = True  # a loop on one line has no line events
        steps += 1
        if steps > max_steps:
            raise TooLong(f"more than {max_steps} steps")
        if on_step is not None:
            on_step(frame, event, argument)
        return trace

    return trace


def _reader(inputs: Sequence[str], output: Output) -> Callable[..., str]:
    waiting = list(inputs)

    def read(prompt: object = "") -> str:
        if not waiting:
            raise NoInputError("the program asked for input once more")
        text = waiting.pop(0)
        output.write(f"{prompt}{text}\n")
        return text

    return read
