"""Run a notebook's code cells in one forked IPython: milliseconds a notebook, so that every mistake
can be tried. `python -m tests.course.runner` reads jobs as JSON lines and answers each with one.

Rule: the interpreter is loaded once and forked for each job; a child never reads the pipe. Attempts
that begin alike share their beginning: it runs once, and is forked again for each. What counts for
marks is the autograder's sandbox; this runner is for speed, and a test compares the two.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

TIMEOUT_S = 20
_DIED = json.dumps([{"cell": "", "error": "Died", "text": "no result", "printed": ""}])
ATTEMPT_CPU_S = 1.0  # of one exercise; what takes longer has no end

Cells = list[tuple[str, str]]


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


@dataclass(frozen=True)
class _Job:
    """Attempts that begin alike: `before` runs once, each of the attempts after it."""

    folder: str
    language: str
    seed: int
    before: Cells
    attempts: list[Cells]
    cpu_s: float


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

    def run(self, cells: Cells, folder: Path, language: str = "en", seed: int = 0) -> list[Outcome]:
        """Run the (id, source) pairs in order in a copy of `folder`. Errors don't stop them."""
        return self._ask(_Job(str(folder), language, seed, [], [cells], TIMEOUT_S))[0]

    def run_each(
        self,
        before: Cells,
        attempts: list[Cells],
        folder: Path,
        seed: int = 0,
        cpu_s: float = ATTEMPT_CPU_S,
    ) -> list[list[Outcome]]:
        """Run `before` once, and each of the attempts after it, in a copy of `folder` each.

        One that needs more than `cpu_s` has a single outcome, with the error "Died".
        """
        return self._ask(_Job(str(folder), "en", seed, before, attempts, cpu_s))

    def _ask(self, job: _Job) -> list[list[Outcome]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line.strip():
            raise RuntimeError("the runner has died; run it by hand: python -m tests.course.runner")
        return [[Outcome(**one) for one in attempt] for attempt in json.loads(line)]


def code_cells(notebook: Any) -> Cells:
    """The code cells of a notebook with their ids."""
    return [(cell["id"], cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    shell = _warm_shell()
    for line in sys.stdin:
        answers.write(_forked(partial(_attempts, shell, _Job(**json.loads(line)))) + "\n")
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


def _forked(work: Callable[[], Any]) -> str:
    """What the work gives, as JSON, done in a child; "" when the child has died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            answer.write(json.dumps(work()))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as result:
        text = result.read()
    os.waitpid(child, 0)
    return text


def _attempts(shell: Any, job: _Job) -> list[list[dict[str, str]]]:
    os.environ["SOC_LANGUAGE"] = job.language
    with tempfile.TemporaryDirectory() as parent:
        name = Path(job.folder).name  # the week's: messages are looked for by it
        begun = shutil.copytree(job.folder, f"{parent}/begun/{name}")
        _run(shell, job.before, begun, job.seed, TIMEOUT_S)
        answers = []
        for number, cells in enumerate(job.attempts):
            folder = shutil.copytree(begun, f"{parent}/{number}/{name}")
            answer = _forked(partial(_run, shell, cells, folder, job.seed, job.cpu_s))
            answers.append(json.loads(answer or _DIED))
        os.chdir("/")
    return answers


def _run(shell: Any, cells: Cells, folder: str, seed: int, cpu_s: float) -> list[dict[str, str]]:
    os.chdir(folder)
    random.seed(seed)  # a fork gives each child other numbers
    signal.alarm(TIMEOUT_S)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    outcomes = [_run_cell(shell, identity, source) for identity, source in cells]
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.alarm(0)
    return outcomes


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
