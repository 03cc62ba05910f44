"""A written week as data: its notebooks, exercises, texts, mistakes and right answers.

An exercise is named by the grade_id of its first cell, `w01-b1-curly-quotes`; the letter is its
kind. Its tests are the graded cells whose ids begin with that name and end in `-test`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from soc.errors import SocError

NOTEBOOKS = ("lesson", "practice", "project")
KINDS = "RPTXBFW"  # recall, predict, trace, Parsons (x), bug, fill, write
GUIDES = ("guide.md", "leadership.md", "letter.md")
_EXERCISE = re.compile(r"(w\d\d-[rptxbfw]\d[a-z0-9-]*?)(?:-run)?(?:-test)?")

Languages = dict[str, Any]  # "en" and "km"


@dataclass(frozen=True)
class Exercise:
    """One exercise: its name, the cell she writes in (None for a widget's), and its test cells."""

    name: str
    notebook: str
    solution: str | None
    tests: tuple[str, ...]

    @property
    def kind(self) -> str:
        """R, P, T, X, B, F or W."""
        return self.name[4].upper()


@dataclass(frozen=True)
class Attempt:
    """One stored answer of a beginner. A right one has neither test nor message."""

    week: str
    notebook: str
    exercise: str
    code: str | None
    answer: Any
    test: str = ""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.exercise}:{self.message or 'right'}"


@dataclass(frozen=True)
class Week:
    """One week in a course folder. What is read is kept: a changed file needs a new Week."""

    course: Path
    name: str

    @property
    def source(self) -> Path:
        """What becomes the release."""
        return self.course / "source" / self.name

    @property
    def mistakes_folder(self) -> Path:
        """Stored attempts, and the right answers of the widgets."""
        return self.course / "mistakes" / self.name

    @property
    def guides(self) -> Path:
        """What the instructor holds in her hand."""
        return self.course / "guides" / self.name

    @property
    def catalogue(self) -> Path:
        """The Khmer texts."""
        return self.course / "locale" / "km" / f"{self.name}.po"

    @property
    def prefix(self) -> str:
        """What every id of the week begins with: `w05-`."""
        return f"w{self.name[4:]}-"

    @cached_property
    def notebooks(self) -> dict[str, Any]:
        """The source notebooks by name. Callers copy before they change one."""
        return {
            name: nbformat.read(self.source / f"{name}.ipynb", as_version=4) for name in NOTEBOOKS
        }

    def checks(self, notebook: str) -> dict[str, Any]:
        """The autograded cells by grade_id."""
        return {
            cell.metadata["nbgrader"]["grade_id"]: cell
            for cell in self.notebooks[notebook].cells
            if cell.metadata.get("nbgrader", {}).get("grade")
            and not cell.metadata["nbgrader"]["solution"]
            and cell.cell_type == "code"
        }

    def markdown(self, notebook: str) -> list[Any]:
        """The cells that are translated."""
        return [c for c in self.notebooks[notebook].cells if c.cell_type == "markdown"]

    @cached_property
    def releases(self) -> dict[str, Any]:
        """What students receive, or why nbgrader refuses, by notebook: filled by rules/release."""
        return {}

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises of the practice, in order."""
        found: dict[str, tuple[str | None, list[str]]] = {}
        for cell in self.notebooks["practice"].cells:
            settings = cell.metadata.get("nbgrader")
            match = settings and _EXERCISE.fullmatch(settings["grade_id"])
            if not match:
                continue
            solution, tests = found.setdefault(match[1], (None, []))
            if settings["grade"] and not settings["solution"]:
                tests.append(settings["grade_id"])
            elif settings["solution"]:
                solution = settings["grade_id"]
            found[match[1]] = (solution, tests)
        return [Exercise(n, "practice", s, tuple(t)) for n, (s, t) in found.items()]

    @cached_property
    def messages(self) -> dict[str, Languages]:
        """What a check says, by id and language."""
        return _toml(self.source / "messages.toml")

    @cached_property
    def hints(self) -> dict[str, Languages]:
        """Hints by exercise and language."""
        return _toml(self.source / "hints.toml")

    @cached_property
    def recall(self) -> list[dict[str, Any]]:
        """The items that the week's recall may ask; none in week 1."""
        file = self.source / "recall.toml"
        return list(_toml(file)["item"]) if file.is_file() else []

    @cached_property
    def mistakes(self) -> list[Attempt]:
        """The stored programs that a test must stop."""
        return list(self._attempts("mistake"))

    @cached_property
    def rights(self) -> list[Attempt]:
        """The stored different answers that must score full."""
        return list(self._attempts("right"))

    def guide(self, name: str = "guide.md") -> str:
        """A sheet of the instructor's, as text."""
        return (self.guides / name).read_text(encoding="utf-8")

    def texts(self) -> Iterator[tuple[Path, str, str]]:
        """Everything a student of the week reads: file, cell or entry, text."""
        for notebook in NOTEBOOKS:
            for cell in self.notebooks[notebook].cells:
                yield self.source / f"{notebook}.ipynb", cell["id"], cell.source
        for identity, languages in self.messages.items():
            yield self.source / "messages.toml", identity, str(languages)
        for identity, rungs in self.hints.items():
            yield self.source / "hints.toml", identity, str(rungs)
        for item in self.recall:
            yield self.source / "recall.toml", item["id"], str(item)

    def _attempts(self, table: str) -> Iterator[Attempt]:
        for notebook in NOTEBOOKS:
            file = self.mistakes_folder / f"{notebook}.toml"
            for entry in _toml(file).get(table, []) if file.is_file() else ():
                yield Attempt(
                    self.name,
                    notebook,
                    entry["exercise"],
                    _trimmed(entry.get("code")),
                    _trimmed(entry.get("answer")),
                    entry.get("test", ""),
                    entry.get("message", ""),
                )


def week_names(course: Path) -> list[str]:
    """Names of the weeks that are written in the course folder, in order."""
    return sorted(path.name for path in course.glob("source/week*") if path.is_dir())


def open_week(course: Path, name: str) -> Week:
    """The week. Raises SocError when it isn't written, and names those that are."""
    known = week_names(course)
    if name not in known:
        written = ", ".join(known) or "none yet"
        raise SocError(f"There is no {name!r} in {course / 'source'}. Written weeks: {written}.")
    return Week(course, name)


def assertions(source: str) -> tuple[int, int]:
    """How many assertions a test cell has, and how many of them are hidden."""
    hidden = source.partition("### BEGIN HIDDEN TESTS")[2].partition("### END HIDDEN TESTS")[0]
    count = re.compile(r"^\s*assert\b", re.MULTILINE)
    return len(count.findall(source)), len(count.findall(hidden))


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _trimmed(value: Any) -> Any:
    return value.strip("\n") if isinstance(value, str) else value
