"""`Doctor`: an error in three lines a beginner can use: what happened, why, next step.

Python's own words are folded below, for they are worth learning too. Rules: quiet while the code
is right; a test's own message is shown as it is; when the Doctor fails, Python's traceback shows.
"""

from __future__ import annotations

import html
import linecache
import re
import sys
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from widgets.language import language, word
from widgets.symptoms import Finding, examine

_CELL_FILE = re.compile(r'File "(?:[^"\n]*ipykernel_[^"\n]*|<ipython-input[^"\n]*>)", line')
_PARTS = ("what", "why", "next")
_LONGEST_FIELD = 80
_BOX = (
    "border:1px solid currentColor;border-inline-start-width:6px;border-radius:8px;"
    "padding:0.5rem 0.9rem;margin:0.5rem 0;max-width:46rem;letter-spacing:0;line-height:{height}"
)


@dataclass(frozen=True)
class Diagnosis:
    """What the Doctor says about one error. Displays itself; `str()` is the plain form."""

    finding: Finding
    line_number: int | None
    line: str
    mark: int | None
    python: str

    def lines(self) -> list[str]:
        """The three lines."""
        fields = {key: _cut(value) for key, value in self.finding.fields.items()}
        where = {"line": str(self.line_number or "?")}
        return [
            f"{word('say.' + part)} {word(f'doctor.{self.finding.id}.{part}', **where, **fields)}"
            for part in _PARTS
        ]

    def place(self) -> str:
        """The line of code, with a mark under the place that Python names."""
        if not self.line:
            return ""
        shown = f"{self.line_number}: {self.line}"
        if self.mark is None:
            return shown
        return f"{shown}\n{' ' * (len(str(self.line_number)) + 2 + self.mark)}^"

    def __str__(self) -> str:
        blocks = [self.lines()[0], *self._indented(self.place()), *self.lines()[1:]]
        if self.finding.repaired:
            blocks += [word("doctor.repaired"), *self._indented(self.finding.repaired)]
        return "\n".join([*blocks, f"[{self.finding.id}]"])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        what, why, following = (f"<p>{_inline(line)}</p>" for line in self.lines())
        place = f"<pre><code>{html.escape(self.place())}</code></pre>" if self.line else ""
        repaired = ""
        if self.finding.repaired:
            repaired = (
                f"<p>{html.escape(word('doctor.repaired'))}</p>"
                f"<pre><code>{html.escape(self.finding.repaired)}</code></pre>"
            )
        folded = (
            f'<details><summary style="min-height:44px;padding-block:0.6rem;cursor:pointer">'
            f"{html.escape(word('doctor.python'))}</summary>"
            f'<pre lang="en" tabindex="0" style="overflow-x:auto">{html.escape(self.python)}</pre>'
            "</details>"
        )
        style = _BOX.format(height="1.9" if language() == "km" else "1.6")
        return (
            f'<div class="soc-doctor" lang="{language()}" style="{style}">'
            f"{what}{place}{why}{following}{repaired}{folded}</div>"
        )

    @staticmethod
    def _indented(text: str) -> list[str]:
        return ["    " + line for line in text.split("\n")] if text else []


class Doctor:
    """`Doctor.install()` or `%load_ext widgets`; `Doctor.explain(error)` for a text."""

    @staticmethod
    def install(shell: Any = None) -> None:
        """Explain the errors of this notebook. May be called twice."""
        shell = shell or _running_shell()
        if shell is not None:
            shell.set_custom_exc((Exception, KeyboardInterrupt), _handle)

    @staticmethod
    def remove(shell: Any = None) -> None:
        """Show errors as Python does."""
        shell = shell or _running_shell()
        if shell is not None:
            shell.set_custom_exc((), None)

    @staticmethod
    def explain(error: BaseException, names: dict[str, Any] | None = None) -> Diagnosis:
        """The diagnosis of an error that was caught."""
        number, line, mark = _place(error)
        finding = examine(error, names or {}, line)
        return Diagnosis(finding, number, line, mark, _in_python_s_words(error))


def _running_shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _handle(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """IPython's hook for errors. What it returns is the short text of the error output."""
    del tb_offset
    if isinstance(error, AssertionError) and error.args:
        shell._showtraceback(kind, error, str(error).split("\n"))
        return []
    try:
        words = error.msg if isinstance(error, SyntaxError) else error  # without a file's name
        short = f"{kind.__name__}: {words}"
        diagnosis = Doctor.explain(error, shell.user_ns)
    except Exception:
        shell.showtraceback((kind, error, trace))
        return []
    from IPython.display import display  # noqa: PLC0415  (only a shell calls this)

    display(diagnosis)  # type: ignore[no-untyped-call]
    shell._showtraceback(kind, error, [short])
    return []


def _place(error: BaseException) -> tuple[int | None, str, int | None]:
    """Line number, line and place in it: of the learner's own code, the deepest that is hers."""
    if isinstance(error, SyntaxError):
        line = (error.text or linecache.getline(error.filename or "", error.lineno or 0)).rstrip(
            "\n"
        )
        mark = (error.offset or 0) - 1
        return error.lineno, line, mark if 0 <= mark <= len(line) else None
    place: tuple[int | None, str, int | None] = (None, "", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if _is_hers(frame.filename):
            source = linecache.getline(frame.filename, frame.lineno or 0).rstrip("\n")
            place = (frame.lineno, source, None)
    return place


def _in_python_s_words(error: BaseException) -> str:
    """Python's traceback from her first line on; a cell is called so, not by its temporary file."""
    trace = error.__traceback__
    while trace is not None and not _is_hers(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace)
    return _CELL_FILE.sub("Cell, line", "".join(lines))


def _is_hers(filename: str) -> bool:
    """Cells, and files that are not installed ones."""
    return not any(
        part in filename for part in ("site-packages", "/widgets/", "lib/python", "<frozen")
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_FIELD else text[: _LONGEST_FIELD - 1] + "…"


def _inline(text: str) -> str:
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return html.escape(text)
    return "".join(
        f"<code>{html.escape(part)}</code>" if i % 2 else html.escape(part)
        for i, part in enumerate(parts)
    )
