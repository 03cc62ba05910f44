"""An IPython shell as ipykernel has it, without a kernel: cells in, notebook outputs out.

ipykernel's own shell class does the work (tracebacks, displays, magics); only the socket that it
would publish on is replaced by a list.
"""

# mypy: allow-untyped-calls
# (IPython has annotations for some of its functions only.)

from __future__ import annotations

import ast
import asyncio
import builtins
import io
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.autocall import IPyAutocall
from IPython.core.error import StdinNotImplementedError
from IPython.core.macro import Macro
from jupyter_client.session import Session
from traitlets import Type
from traitlets.config import Config

Json = Any
MAX_OUTPUT_CHARS = 2_000_000
MAX_OUTPUTS = 2_000
_OURS = str(Path(__file__).parent) + os.sep
_NO_INPUT = (
    "raw_input was called, but this frontend does not support input requests."  # ipykernel's words
)


class Recorder(Session):
    """Collects what a kernel would publish, as outputs of nbformat 4."""

    def __init__(self, **kwargs: Any) -> None:
        """Start with nothing."""
        super().__init__(key=b"", **kwargs)
        self.outputs: list[dict[str, Json]] = []
        self.size = 0
        self.clear_first = False

    def msg(
        self, msg_type: str, content: dict[str, Json] | None = None, *_: Any, **__: Any
    ) -> dict[str, Json]:
        """A message; nothing here needs its headers."""
        return {"msg_type": msg_type, "content": content or {}}

    def send(  # type: ignore[override]
        self, _stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any
    ) -> None:
        """Keep the message as an output."""
        if isinstance(msg_or_type, dict):
            self.record(msg_or_type["msg_type"], msg_or_type["content"])
        else:
            self.record(msg_or_type, content or {})

    def record(self, kind: str, content: dict[str, Json]) -> None:
        """Keep one output; drop it when the cell has already shown too much."""
        if kind == "clear_output":
            if content.get("wait"):
                self.clear_first = True
            else:
                self.outputs.clear()
            return
        display = (content.get("transient") or {}).get("display_id")
        if display and kind in ("update_display_data", "display_data"):
            self._update(display, content)
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        if self.clear_first:
            self.outputs.clear()
            self.clear_first = False
        output = {"output_type": kind, **content}
        output.pop("transient", None)
        if display:
            output["display_id"] = display
        self.size += _weight(content)
        if self.size > MAX_OUTPUT_CHARS or len(self.outputs) >= MAX_OUTPUTS:
            if self.outputs and self.outputs[-1].get("text") != _TOO_MUCH:
                self.outputs.append({"output_type": "stream", "name": "stdout", "text": _TOO_MUCH})
            return
        self.outputs.append(output)

    def _update(self, display: str, content: dict[str, Json]) -> None:
        for output in self.outputs:
            if output.get("display_id") == display:
                output["data"] = content["data"]
                output["metadata"] = content["metadata"]

    def take(self) -> list[dict[str, Json]]:
        """What was shown since the last call."""
        sys.stdout.flush()
        sys.stderr.flush()
        taken, self.outputs = self.outputs, []
        self.size = 0
        for output in taken:
            output.pop("display_id", None)
        return taken


_TOO_MUCH = "\n... Output truncated ...\n"


def _weight(content: dict[str, Json]) -> int:
    text = content.get("text")
    if isinstance(text, str):
        return len(text)
    data = content.get("data") or {}
    return 200 + sum(len(part) for part in data.values() if isinstance(part, str))


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the shell: text is kept until a flush, as ipykernel's is."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, recorder: Recorder, fd: int) -> None:
        """Send text as stream `name`; `fd` is what the operating system calls it."""
        self._name = name
        self._recorder = recorder
        self._parts: list[str] = []
        self._size = 0
        self._fd = fd

    @property
    def name(self) -> str:
        """The stream's name, `<stdout>` or `<stderr>`."""
        return f"<{self._name}>"

    def write(self, text: str) -> int:
        """Keep `text`; beyond the output limit it is dropped."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self._size <= MAX_OUTPUT_CHARS:
            self._parts.append(text[: MAX_OUTPUT_CHARS + 1])
            self._size += len(text)
            if len(self._parts) > 10_000:
                self._parts = ["".join(self._parts)]
        return len(text)

    def flush(self) -> None:
        """Make an output of what was kept."""
        if self._parts:
            text, self._parts = "".join(self._parts), []
            if self._size > MAX_OUTPUT_CHARS:
                text = text[: MAX_OUTPUT_CHARS // 2] + _TOO_MUCH
            self._size = 0
            if text:
                self._recorder.record("stream", {"name": self._name, "text": text})

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def fileno(self) -> int:
        """The descriptor that programs started from here write to."""
        return self._fd


class DisplayHook(ZMQShellDisplayHook):
    """Shows a cell's last value; a stand-in of the checker's does not count as its result."""

    shown: Any = None
    refused: tuple[type, ...] = ()

    def finish_displayhook(self) -> None:
        """Publish the value as a plain display when it must not count as the result."""
        if self.msg is not None and isinstance(self.shown, self.refused):
            self.msg["msg_type"] = "display_data"
            self.msg["content"].pop("execution_count", None)
        super().finish_displayhook()

    def __call__(self, result: Any = None) -> None:
        """Show `result`."""
        self.shown = result
        super().__call__(result)
        self.shown = None


class Compiler(XCachingCompiler):
    """Names the file of a cell as ipykernel does, but the same each time it is graded."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """The name that warnings show. It has no process's number, and a checksum made by C."""
        return f"/tmp/ipykernel_1/{zlib.crc32(raw_code.encode('utf-8', 'replace'))}.py"  # noqa: S108


class CaptureShell(ZMQInteractiveShell):
    """The shell of the warm interpreter; every fork of it runs one notebook."""

    displayhook_class = Type(DisplayHook)
    recorder: Recorder
    usual_transformers: tuple[list[Any], ...] = ()

    @classmethod
    def warm_up(cls) -> CaptureShell:
        """Make the process's one shell."""
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        recorder = Recorder()
        shell: CaptureShell = cls.instance(config=config, compiler_class=Compiler)
        shell.recorder = recorder
        for publisher in (shell.displayhook, shell.display_pub):
            publisher.session = recorder  # type: ignore[union-attr]
        shell.usual_transformers = tuple(list(kind) for kind in shell.transformers())
        return shell

    def transformers(self) -> tuple[list[Any], ...]:
        """What IPython has a cell's text go through before it is Python."""
        manager = self.input_transformer_manager
        return (
            manager.cleanup_transforms,
            manager.line_transforms,
            manager.token_transformers,
            self.input_transformers_post,
        )

    def transform_cell(self, raw_cell: str) -> str:
        """A cell as Python. Most are already: IPython's way takes each apart into tokens, thrice.

        That would be half of what a short cell costs, and of the memory that a fork writes to.
        """
        if _is_plain(raw_cell, self.user_ns) and self.transformers() == self.usual_transformers:
            return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
        return str(super().transform_cell(raw_cell))

    def should_run_async(self, raw_cell: str, **kwargs: Any) -> bool:
        """Whether a cell awaits anything, without compiling those that don't name it."""
        if "async" not in raw_cell and "await" not in raw_cell:
            return False
        return bool(super().should_run_async(raw_cell, **kwargs))

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        """The exception without the grader's own frames."""
        kind, value, tb = super()._get_exc_info(exc_tuple)
        return kind, value, _without_ours(tb)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        """Show it; frames of the student's interpreter come where the call left the test."""
        lines = getattr(evalue, "__soc_lines__", None)
        if lines and len(stb) > 1:
            stb = [*stb[:-1], *lines, stb[-1]]
        super()._showtraceback(etype, evalue, stb)

    def connect_streams(self) -> None:
        """Take over sys.stdout, sys.stderr and input()."""
        sys.stdout = Stream("stdout", self.recorder, 1)
        sys.stderr = Stream("stderr", self.recorder, 2)
        builtins.input = refuse_input

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no event loop of a window system to join."""
        if gui not in (None, "inline", "auto"):
            print(f"There is no window here, so %gui {gui} does nothing.", file=sys.stderr)

    def system(self, cmd: str) -> None:
        """Run `!cmd` and print what it says. IPython's way needs a terminal; there is none here."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.var_expand(cmd, depth=1)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        print(done.stdout.decode("utf-8", "replace"), end="")
        self.user_ns["_exit_code"] = done.returncode

    failure: BaseException | None = None

    def execute(self, source: str, count: int) -> tuple[list[dict[str, Json]], str]:
        """Run one cell as number `count`; its outputs, and `ok` or `error`.

        An error that left no output of its own is added, as nbgrader's Execute does.
        """
        self.execution_count = count
        self.recorder.clear_first = False
        if "async" in source or "await" in source:
            result = asyncio.run(self._execute_async(source))
        else:
            result = self.run_cell(source, store_history=True)
        outputs = self.recorder.take()
        failure = self.failure = result.error_before_exec or result.error_in_exec
        if failure is None:
            return outputs, "ok"
        name = type(failure).__name__
        if not any(o["output_type"] == "error" and o["ename"] == name for o in outputs):
            outputs.append(
                {
                    "output_type": "error",
                    "ename": name,
                    "evalue": _text(failure),
                    "traceback": ["ERROR: An error occurred while showtraceback was disabled"],
                }
            )
        return outputs, "error"

    async def _execute_async(self, source: str) -> Any:
        transformed = self.transform_cell(source)
        if self.should_run_async(source, transformed_cell=transformed):
            return await self.run_cell_async(
                source, store_history=True, transformed_cell=transformed
            )
        return self.run_cell(source, store_history=True)


# Libraries look at this name to know that they are in a notebook.
CaptureShell.__name__ = "ZMQInteractiveShell"
ZMQDisplayPublisher.store_display_history.default_value = False


_SIMPLE_LINE = re.compile(r"(?:assert|class|def|del|for|from|if|import|while|with)\b|(\w+)\s*=[^=]")


def _is_plain(source: str, names: dict[str, Any]) -> bool:
    """Whether IPython would leave the text as it is: Python without magics, prompts or help.

    A single line may be a magic without its sign (`pwd`) or a macro's name, so only statements
    that can't be are plain.
    """
    if source[:1].isspace() or source.startswith("In ["):
        return False
    if len(source.splitlines()) == 1:
        simple = _SIMPLE_LINE.match(source)
        if not simple or isinstance(names.get(simple[1] or ""), Macro | IPyAutocall):
            return False
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_ours(tb: TracebackType | None) -> TracebackType | None:
    kept = []
    while tb is not None:
        if not tb.tb_frame.f_code.co_filename.startswith(_OURS):
            kept.append(tb)
        tb = tb.tb_next
    chain: TracebackType | None = None
    for part in reversed(kept):
        chain = TracebackType(chain, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return chain


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def refuse_input(_prompt: object = "") -> str:
    """What input() does where nobody can answer."""
    raise StdinNotImplementedError(_NO_INPUT)


class Descriptors:
    """Descriptors 1 and 2 on a nameless file, so that programs' output can be read after a cell."""

    def __init__(self, folder: str) -> None:
        """Point descriptors 1 and 2 at a new file in `folder`, and 0 at nothing."""
        try:
            fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)
        except OSError:  # the program removed the folder, or filled the disk
            fd = os.open("/dev/null", os.O_RDWR)
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.close(null)
        os.close(fd)
        self._read = 0

    def take(self) -> str:
        """What was written since the last call."""
        size = os.fstat(1).st_size
        if size <= self._read:
            return ""
        data = os.pread(1, min(size - self._read, MAX_OUTPUT_CHARS), self._read)
        self._read = size
        return data.decode("utf-8", "replace")
