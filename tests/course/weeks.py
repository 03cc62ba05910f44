"""The written weeks as data: their notebooks, exercises, mistakes and right answers.

An exercise is named by the grade_id of its first cell, `w01-b1-curly-quotes`; the letter is its
kind. Its tests are the graded cells whose ids begin with that name and end in `-test`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

COURSE = Path(__file__).resolve().parents[2] / "course"
SOURCE = COURSE / "source"
MISTAKES = COURSE / "mistakes"
NOTEBOOKS = ("lesson", "practice", "project")
KINDS = "RPTXBFW"
_EXERCISE = re.compile(r"(w\d\d-[rptxbfw]\d[a-z0-9-]*?)(?:-run)?(?:-test)?")


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


def weeks() -> list[str]:
    """Names of the weeks that are written, in order."""
    return sorted(p.name for p in SOURCE.glob("week*") if (p / "practice.ipynb").is_file())


@cache
def read(week: str, notebook: str) -> Any:
    """A source notebook. Callers copy before they change it."""
    return nbformat.read(SOURCE / week / f"{notebook}.ipynb", as_version=4)


def written() -> list[tuple[str, str]]:
    """Every (week, notebook) there is."""
    return [(week, notebook) for week in weeks() for notebook in NOTEBOOKS]


def exercises(week: str) -> list[Exercise]:
    """The exercises of a week's practice, in order."""
    cells = [c for c in read(week, "practice").cells if "nbgrader" in c.metadata]
    found: dict[str, tuple[str | None, list[str]]] = {}
    for cell in cells:
        settings = cell.metadata["nbgrader"]
        match = _EXERCISE.fullmatch(settings["grade_id"])
        if not match:
            continue
        solution, tests = found.setdefault(match[1], (None, []))
        if settings["grade"] and not settings["solution"]:
            tests.append(settings["grade_id"])
        elif settings["solution"]:
            solution = settings["grade_id"]
        found[match[1]] = (solution, tests)
    return [Exercise(n, "practice", s, tuple(t)) for n, (s, t) in found.items()]


def checks(week: str, notebook: str) -> dict[str, Any]:
    """The autograded cells by grade_id."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell
        for cell in read(week, notebook).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        and not cell.metadata["nbgrader"]["solution"]
        and cell.cell_type == "code"
    }


def recall_items(week: str) -> list[dict[str, Any]]:
    """The items that the week's recall may ask; none in week 1."""
    file = SOURCE / week / "recall.toml"
    if not file.is_file():
        return []
    return list(tomllib.loads(file.read_text(encoding="utf-8"))["item"])


def messages(week: str) -> dict[str, dict[str, dict[str, str]]]:
    """The week's messages by id and language."""
    return tomllib.loads((SOURCE / week / "messages.toml").read_text(encoding="utf-8"))


def hints(week: str) -> dict[str, dict[str, list[str]]]:
    """The week's hints by exercise and language."""
    return tomllib.loads((SOURCE / week / "hints.toml").read_text(encoding="utf-8"))


def mistakes(week: str) -> list[Attempt]:
    """The stored programs that a test must stop."""
    return list(_attempts(week, "mistake"))


def rights(week: str) -> list[Attempt]:
    """The stored different answers that must score full."""
    return list(_attempts(week, "right"))


def _attempts(week: str, table: str) -> Iterator[Attempt]:
    for notebook in NOTEBOOKS:
        file = MISTAKES / week / f"{notebook}.toml"
        if file.is_file():
            for entry in tomllib.loads(file.read_text(encoding="utf-8")).get(table, []):
                yield Attempt(
                    week,
                    notebook,
                    entry["exercise"],
                    _trimmed(entry.get("code")),
                    _trimmed(entry.get("answer")),
                    entry.get("test", ""),
                    entry.get("message", ""),
                )


def _trimmed(value: Any) -> Any:
    return value.strip("\n") if isinstance(value, str) else value


def assertions(source: str) -> tuple[int, int]:
    """How many assertions a test cell has, and how many of them are hidden."""
    hidden = source.partition("### BEGIN HIDDEN TESTS")[2].partition("### END HIDDEN TESTS")[0]
    count = re.compile(r"^\s*assert\b", re.MULTILINE)
    return len(count.findall(source)), len(count.findall(hidden))
