"""`%%keep card`: run the cell as usual, and keep what it printed in the variable `card`.

So a test can read what a learner's cell printed. The variable is "" from the start: a cell that
stops with an error leaves the text so far, and the error is shown as usual.
"""

from __future__ import annotations

import ast
import contextlib
import io
import sys
from types import TracebackType
from typing import Any, TextIO

MAGIC = "keep"


def register(shell: Any) -> None:
    """Give `shell` the cell magic. May be called twice."""
    shell.register_magic_function(_magic_for(shell), magic_kind="cell", magic_name=MAGIC)


def _magic_for(shell: Any) -> Any:
    def keep(line: str, cell: str) -> None:
        name = line.strip()
        if not name.isidentifier():
            raise SyntaxError(
                f"%%keep needs the name of one variable, as in `%%keep card`; it got {name!r}."
            )
        shell.user_ns[name] = ""
        tee = _Tee(sys.stdout)
        try:
            with contextlib.redirect_stdout(tee):
                value = _run(shell, cell)
        finally:
            shell.user_ns[name] = tee.kept.getvalue()
        sys.displayhook(value)  # the value of the last line is shown, and was not printed

    return keep


class _Tee(io.TextIOBase):
    """Writes to the page as usual, and keeps a copy."""

    def __init__(self, shown: TextIO) -> None:
        self.shown = shown
        self.kept = io.StringIO()

    def write(self, text: str) -> int:
        self.kept.write(text)
        return self.shown.write(text)

    def flush(self) -> None:
        self.shown.flush()

    def isatty(self) -> bool:
        return False


def _run(shell: Any, cell: str) -> object:
    """Run `cell` in the notebook's names; the value of its last expression, None without one."""
    source = shell.transform_cell(cell)
    filename = shell.compile.cache(source, shell.execution_count, raw_code=cell)
    try:
        tree = ast.parse(source, filename)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, filename, "exec"), shell.user_ns)  # noqa: S102  (the learner's own cell)
        if last is None:
            return None
        expression = ast.Expression(last.value)
        return eval(compile(expression, filename, "eval"), shell.user_ns)  # noqa: S307
    except Exception as error:
        _show_only_her_lines(shell, error, filename)
        raise


def _show_only_her_lines(shell: Any, error: Exception, filename: str) -> None:
    """Leave our own frames out of the traceback; IPython asks the error to render itself."""
    if isinstance(error, SyntaxError):
        return
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    if trace is None:
        return
    rendered = shell.InteractiveTB.structured_traceback(type(error), error, trace)
    with contextlib.suppress(AttributeError):  # an exception with __slots__ is shown in full
        error._render_traceback_ = lambda *_: rendered  # type: ignore[attr-defined]
