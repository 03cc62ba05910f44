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
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.async_helpers import _pseudo_sync_runner
from IPython.core.autocall import IPyAutocall
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult
from IPython.core.macro import Macro
from traitlets import Type
from traitlets.config import Config

from autograder.capture import Recorder, Stream

Json = Any
_OURS = str(Path(__file__).parent) + os.sep
_NO_INPUT = (
    "raw_input was called, but this frontend does not support input requests."  # ipykernel's words
)


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
        # IPython puts `get_ipython` and its display hook in place for each cell; in a process
        # that runs nothing but cells they may as well stay.
        shell.builtin_trap.__enter__()
        shell.display_trap.__enter__()
        return shell

    def transformers(self) -> tuple[list[Any], ...]:
        """What IPython has a cell's text go through before it is Python."""
        manager = self.input_transformer_manager
        return (
            manager.cleanup_transforms,
            manager.line_transforms,
            manager.token_transformers,
            self.input_transformers_post,
            self.ast_transformers,
        )

    def transform_cell(self, raw_cell: str) -> str:
        """A cell as Python. Most are already: IPython's way takes each apart into tokens, thrice.

        That would be half of what a short cell costs, and of the memory that a fork writes to.
        """
        if self._is_plain(raw_cell) is not None:
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
        tree = self._is_plain(source)
        if tree is not None:
            result = self._run_plain(source, tree)
        elif "async" in source or "await" in source:
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

    def _is_plain(self, source: str) -> ast.Module | None:
        """The tree of a cell that IPython would run as it is; None for every other."""
        if (
            not _may_be_plain(source, self.user_ns)
            or self.transformers() != self.usual_transformers
            or self.custom_exceptions
        ):
            return None
        name = self.compile.get_code_name(source, source, 0)  # for warnings of the parser's
        try:
            tree = cast("ast.Module", self.compile.ast_parse(source, name))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return tree

    def _run_plain(self, source: str, tree: ast.Module) -> ExecutionResult:
        """What IPython's run_cell does for plain Python, by a quarter of its functions.

        Left out is what it keeps for its database and for %notebook only. Every function that a
        fork is the first to use costs it copies of the memory that the function touches.
        """
        self._last_traceback = None
        self._last_traceback_during_displayhook = False
        count = self.execution_count
        info = ExecutionInfo(source, True, False, True, None, None, transformed_cell=source)
        result = ExecutionResult(info)
        result.execution_count = count
        self.execution_count = count + 1
        self.events.trigger("pre_execute")
        self.events.trigger("pre_run_cell", info)
        if self.history_manager is not None:
            self.history_manager.store_inputs(count, source, source)
        name = self.compile.cache(source, count, raw_code=source)
        self.displayhook.exec_result = result
        failed = _pseudo_sync_runner(
            self.run_ast_nodes(
                tree.body, name, self.ast_node_interactivity, compiler=self.compile, result=result
            )
        )
        self.displayhook.exec_result = None
        self.last_execution_succeeded = not failed
        self.last_execution_result = result
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", result)
        return result

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


def _may_be_plain(source: str, names: dict[str, Any]) -> bool:
    """Whether IPython would leave the text as it is, if it is Python: no magics, prompts or help.

    A single line may be a magic without its sign (`pwd`) or a macro's name, so only statements
    that can't be are plain. What awaits needs a loop.
    """
    if source[:1].isspace() or source.startswith("In [") or "async" in source or "await" in source:
        return False
    if len(source.splitlines()) == 1:
        simple = _SIMPLE_LINE.match(source)
        if not simple or isinstance(names.get(simple[1] or ""), Macro | IPyAutocall):
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
