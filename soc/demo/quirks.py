"""What happens to a demo student's submission: the odd things that real cohorts hand in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat

from soc.demo.story import Quirk

_ENDLESS = "while True:\n    pass"
_HOSTILE = """import glob, os, sys
print("looking around:", sorted(os.environ), glob.glob("/**/*test*", recursive=True)[:5])
for frame in sys._current_frames().values():
    frame.f_globals["score"] = 100
class Always(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__"""


def apply(quirk: Quirk, folder: Path) -> None:
    """Do to the submission in `folder` what the quirk says. Most do nothing to the files."""
    change = _CHANGES.get(quirk)
    if change:
        change(folder)


def _cut_in_half(folder: Path) -> None:
    file = folder / "practice.ipynb"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: len(text) // 2], encoding="utf-8")


def _rename(folder: Path) -> None:
    (folder / "practice.ipynb").rename(folder / "practice (1).ipynb")


def _empty(folder: Path) -> None:
    (folder / "project.ipynb").write_text("")


def _in_an_exercise(code: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "practice.ipynb"
        notebook = nbformat.read(file, as_version=4)
        exercises = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
        exercises[1].source = code
        nbformat.write(notebook, file)

    return change


_CHANGES: dict[Quirk, Callable[[Path], None]] = {
    Quirk.BROKEN_FILE: _cut_in_half,
    Quirk.RENAMED: _rename,
    Quirk.EMPTY_FILE: _empty,
    Quirk.ENDLESS: _in_an_exercise(_ENDLESS),
    Quirk.HOSTILE: _in_an_exercise(_HOSTILE),
}
