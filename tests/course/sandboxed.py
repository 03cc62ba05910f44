"""A cohort made of stored attempts, graded by the autograder as a real cohort is.

One student hands in the source's solutions, one what she received, one guessed and solved nothing
else. The others share the mistakes and the different right answers: student number n has the n-th
attempt of every exercise, so that a few submissions carry them all.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.batch import Result, grade
from tests.course.conftest import right_answers
from tests.course.release import settings
from tests.course.weeks import NOTEBOOKS, SOURCE, Attempt, mistakes, read, rights

FULL, UNTOUCHED = "solution", "untouched"


@dataclass
class Classroom:
    """A course folder with a week released in it, and the attempts that its students hand in."""

    root: Path
    week: str
    config: Config
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)

    def hand_in(self, student: str, attempts: list[Attempt], *, untouched: bool = False) -> None:
        """Put a submission in place, as collect does."""
        self.attempts[student] = attempts
        folder = self.root / "submitted" / student / self.week
        given = self.root / "release" / self.week
        shutil.copytree(given, folder, ignore=shutil.ignore_patterns("*.ipynb"))
        for notebook in NOTEBOOKS:
            released = nbformat.read(
                self.root / "release" / self.week / f"{notebook}.ipynb", as_version=4
            )
            if not untouched:
                _fill(released, self.week, notebook, attempts)
            nbformat.write(released, folder / f"{notebook}.ipynb")
        if not untouched:
            kept = right_answers(self.week)
            for attempt in attempts:
                if attempt.answer is not None:
                    kept["answers"][attempt.exercise]["value"] = attempt.answer or None
            (folder / "answers.json").write_text(json.dumps(kept), encoding="utf-8")

    def grade(self) -> dict[str, Result]:
        """Grade them all, two at a time."""
        return {one.student: one for one in grade(self.config, self.week, workers=2)}

    def outputs(self, student: str, notebook: str) -> dict[str, str]:
        """What the checks said, by grade_id: "" when they passed."""
        file = self.root / "autograded" / student / self.week / f"{notebook}.ipynb"
        return {
            cell["id"]: "\n".join(o.evalue for o in cell.outputs if o.output_type == "error")
            for cell in nbformat.read(file, as_version=4).cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        }


def _fill(released: Any, week: str, notebook: str, attempts: list[Attempt]) -> None:
    sources = {cell["id"]: cell.source for cell in read(week, notebook).cells}
    own = {a.exercise: a.code for a in attempts if a.code is not None}
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = own.get(cell["id"], sources[cell["id"]])


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """nbgrader starts `alembic` by name when it makes a gradebook."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def classroom(week: str, root: Path) -> Classroom:
    """Release the week with the checkout's settings and hand in every stored attempt."""
    config = copy.deepcopy(settings())
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "course-test"
    config.CourseDirectory.source_directory = str(SOURCE)
    config.CourseDirectory.release_directory = "release"
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.GenerateAssignment.no_database = False
    steps = [n for n in config.GenerateAssignment.preprocessors if not n.endswith(".SaveCells")]
    saving = steps.index("nbgrader.preprocessors.ComputeChecksums") + 1
    steps.insert(saving, "nbgrader.preprocessors.SaveCells")  # left out while one only writes
    config.GenerateAssignment.preprocessors = steps
    with _alembic_on_path():
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        made = api.generate_assignment(week)
    assert made["success"], made["log"]
    room = Classroom(root, week, config)
    room.hand_in(FULL, [])
    room.hand_in(UNTOUCHED, [], untouched=True)
    for name, attempts in (("mistake", mistakes(week)), ("right", rights(week))):
        for number, own in enumerate(_rounds(attempts), 1):
            room.hand_in(f"{name}{number:02}", own)
    return room


def _rounds(attempts: list[Attempt]) -> list[list[Attempt]]:
    """The n-th attempt of every exercise in the n-th list."""
    rounds: list[list[Attempt]] = []
    seen: dict[str, int] = {}
    for attempt in attempts:
        number = seen.get(attempt.exercise, 0)
        seen[attempt.exercise] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(attempt)
    return rounds
