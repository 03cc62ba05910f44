"""Exercises of the course as the club takes them: by grade_id, with the cells that belong to them.

In a week's practice an exercise begins at its task, `w03-practice-x1`, and ends where the next one
begins. What stands before the first of them (imports, tools of the checks) is the week's set-up.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import nbformat
import polib

from programme.club_plan import ClubPlan
from soc.errors import SocError

NOTEBOOK = "practice"
_TASK = re.compile(r"w\d\d-practice-[rptxbfw]\d")
_AROUND = ("-predictions", "-recall", "-end")  # parts of a practice that are no exercise
_NUMBER = re.compile(r"^(##|# Check) [TXBFW]\d\b")


@dataclass(frozen=True)
class Exercise:
    """One exercise: its cells as they stand in the source, the task first."""

    name: str
    week: Week
    cells: tuple[Any, ...]

    @property
    def kind(self) -> str:
        """t, x, b, f or w: trace, Parsons, bug, fill, write."""
        return self.name[4]

    @property
    def check(self) -> Any:
        """The cell that gives its points."""
        return next(cell for cell in self.cells if cell.id == f"{self.name}-test")

    @property
    def points(self) -> int:
        """How many points it gives."""
        return int(self.check.metadata["nbgrader"]["points"])

    @property
    def tasks(self) -> list[Any]:
        """Its markdown cells."""
        return [cell for cell in self.cells if cell.cell_type == "markdown"]


class Week:
    """The files of one week that a session may need, each read when it is asked for."""

    def __init__(self, course: Path, name: str) -> None:
        self.name = name
        self.folder = course / "source" / name
        self._catalogue_file = course / "locale" / "km" / f"{name}.po"

    @cached_property
    def messages(self) -> dict[str, Any]:
        """What checks say, by id."""
        return _toml(self.folder / "messages.toml")

    @cached_property
    def hints(self) -> dict[str, Any]:
        """Hints, by exercise."""
        return _toml(self.folder / "hints.toml")

    @cached_property
    def khmer(self) -> dict[tuple[str, str], str]:
        """(context, English text) → Khmer text."""
        if not self._catalogue_file.is_file():
            return {}
        entries = polib.pofile(str(self._catalogue_file))
        return {(e.msgctxt, e.msgid): e.msgstr for e in entries if e.translated()}

    @cached_property
    def setup(self) -> tuple[Any, ...]:
        """The locked code before the first exercise: imports, and tools of the checks."""
        found = []
        for cell in self._cells:
            if _TASK.fullmatch(cell.id) or cell.id.endswith(_AROUND):
                break
            if cell.cell_type == "code":
                found.append(cell)
        return tuple(found)

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by name."""
        blocks: list[list[Any]] = []
        inside = False
        for cell in self._cells:
            if _TASK.fullmatch(cell.id):
                blocks.append([])
                inside = True
            elif cell.id.endswith(_AROUND):
                inside = False
            if inside:
                blocks[-1].append(cell)
        found = {}
        for block in blocks:
            for cell in block:
                if cell.metadata.get("nbgrader", {}).get("grade"):
                    name = cell.id.removesuffix("-test")
                    found[name] = Exercise(name, self, tuple(block))
        return found

    def in_khmer(self, cell: Any) -> str | None:
        """A markdown cell's Khmer text, None while it has none."""
        return self.khmer.get((f"{NOTEBOOK}/{cell.id}", cell.source))

    @cached_property
    def _cells(self) -> list[Any]:
        file = self.folder / f"{NOTEBOOK}.ipynb"
        try:
            return list(nbformat.read(file, as_version=4).cells)
        except FileNotFoundError as error:
            raise SocError(f"{file} is missing: a session of the club takes from it.") from error
        except Exception as error:  # nbformat raises JSON's, its own and a validator's
            raise SocError(f"{file} is no notebook: {error}") from error


def find_exercises(course: Path, club: ClubPlan, number: int) -> list[Exercise]:
    """The exercises of session `number`. Raises SocError with file, field and what there is."""
    found = []
    for place, name in enumerate(club.exercises[number], 1):
        known = _week(course, f"week{name[1:3]}").exercises
        if name not in known:
            raise SocError(
                f"{club.file}: session[{number}].exercises[{place}] names {name}, which is not in "
                f"{course / 'source' / f'week{name[1:3]}' / NOTEBOOK}.ipynb. "
                f"It has: {', '.join(known) or 'no exercise'}."
            )
        found.append(known[name])
    return found


def numbered(text: str, number: int) -> str:
    """A task or a check with the session's number in the place of the week's: X2 → 3."""
    return _NUMBER.sub(rf"\1 {number}", text, count=1)


@cache  # one command reads a week for many sessions, and nothing changes it meanwhile
def _week(course: Path, name: str) -> Week:
    return Week(course, name)


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SocError(f"{file} can't be read: {error}") from error
