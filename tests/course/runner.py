"""Run a notebook's code cells in one forked IPython: milliseconds a notebook, so that every mistake
can be tried. `python -m tests.course.runner` reads jobs as JSON lines and answers each with one.

Rule: the interpreter is loaded once and forked for each job; a child never reads the pipe. What
counts for marks is the autograder's sandbox; this runner is for speed, and a test compares the two.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

TIMEOUT_S = 20


@dataclass(frozen=True)
class Outcome:
    """What became of one cell: the error's name and text ("" when there was none), its output."""

    cell: str
    error: str
    text: str
    printed: str

    @property
    def passed(self) -> bool:
        """As nbgrader counts: no error, and nothing on stderr (told apart by `error`)."""
        return not self.error


class Runner:
    """The warm interpreter in a process of its own. A context manager."""

    def __init__(self) -> None:
        environment = {**os.environ, "SOC_LANGUAGE": "en", "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.course.runner"],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=TIMEOUT_S)
        self._process.stdout.close()

    def run(
        self, cells: list[tuple[str, str]], folder: Path, language: str = "en"
    ) -> list[Outcome]:
        """Run the (id, source) pairs in order in `folder`. Errors don't stop the notebook."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {"cells": cells, "folder": str(folder), "language": language}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the runner has died; run it by hand: python -m tests.course.runner")
        return [Outcome(**one) for one in json.loads(line)]


def code_cells(notebook: Any) -> list[tuple[str, str]]:
    """The code cells of a notebook with their ids."""
    return [(cell["id"], cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    shell = _warm_shell()
    for line in sys.stdin:
        answers.write(_forked(shell, json.loads(line)) + "\n")
        answers.flush()


def _warm_shell() -> Any:
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell

    HistoryManager.enabled = False  # type: ignore[assignment]  # a traitlets default
    shell = InteractiveShell.instance(colors="nocolor")
    import widgets.hints
    import widgets.parsons
    import widgets.predict
    import widgets.tracer  # noqa: F401

    shell.run_line_magic("load_ext", "widgets")
    return shell


def _forked(shell: Any, job: dict[str, Any]) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(TIMEOUT_S)
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            answer.write(json.dumps(_run(shell, job)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as result:
        text = result.read()
    os.waitpid(child, 0)
    return text or json.dumps([{"cell": "", "error": "Died", "text": "no result", "printed": ""}])


def _run(shell: Any, job: dict[str, Any]) -> list[dict[str, str]]:
    os.chdir(job["folder"])
    os.environ["SOC_LANGUAGE"] = job["language"]
    return [_run_cell(shell, identity, source) for identity, source in job["cells"]]


def _run_cell(shell: Any, identity: str, source: str) -> dict[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        result = shell.run_cell(source)
    error = result.error_before_exec or result.error_in_exec
    name = type(error).__name__ if error else ("stderr" if err.getvalue() else "")
    text = str(error) if error else err.getvalue()
    return {"cell": identity, "error": name, "text": text, "printed": out.getvalue()}


if __name__ == "__main__":
    _serve()
