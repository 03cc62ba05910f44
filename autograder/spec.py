"""An assignment as the gradebook and the source folder know it, read once and then only looked at.

It can be pickled: the batch sends it to its workers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Assignment, Gradebook, MissingEntry

from autograder import assignment
from autograder.cells import TeacherCell
from autograder.errors import GradingError


@dataclass(frozen=True)
class SpecCell:
    """One nbgrader cell of the teacher's: its text and what it counts."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    max_score: float | None

    def metadata(self) -> dict[str, Any]:
        """nbgrader's metadata for this cell, as in the release."""
        meta: dict[str, Any] = {
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
            "checksum": self.checksum,
            "cell_type": self.cell_type,
        }
        if self.max_score is not None:
            meta["points"] = self.max_score
        return meta


@dataclass(frozen=True)
class NotebookSpec:
    """One notebook of the assignment; `cells` in the order of the source notebook."""

    name: str
    kernelspec: str | None
    cells: tuple[SpecCell, ...]

    @cached_property
    def by_name(self) -> Mapping[str, SpecCell]:
        """The cells by grade id."""
        return {cell.name: cell for cell in self.cells}


@dataclass(frozen=True)
class AssignmentSpec:
    """One assignment: its notebooks, and where the teacher's files are."""

    name: str
    notebooks: tuple[NotebookSpec, ...]
    source: Path | None

    @cached_property
    def by_name(self) -> Mapping[str, NotebookSpec]:
        """The notebooks by name."""
        return {notebook.name: notebook for notebook in self.notebooks}

    def teacher(self, notebook: NotebookSpec, submitted: Any) -> assignment.TeacherNotebook:
        """What the teacher's notebook says, from its source or from the gradebook's cells."""
        if self.source is not None:
            found = assignment.from_source(self.source / f"{notebook.name}.ipynb")
            if found is not None:
                return found
        cells = [
            TeacherCell(_part(cell), cell.source)
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]
        return assignment.from_cells(cells, submitted)


def _part(cell: SpecCell) -> Any:
    if cell.solution:
        return "solution"
    return "test" if cell.grade else "locked"


def read_assignment(gradebook: Gradebook, name: str, source: Path | None) -> AssignmentSpec:
    """Read an assignment in a few queries. Raises GradingError when there is none to grade."""
    try:
        found: Assignment = gradebook.find_assignment(name)
    except MissingEntry as error:
        raise GradingError(
            f"The gradebook has no assignment {name!r}. Release it first "
            "(nbgrader generate_assignment)."
        ) from error
    if source is not None and not source.is_dir():
        source = None
    return AssignmentSpec(
        name, tuple(_read_notebook(notebook, source) for notebook in found.notebooks), source
    )


def read_notebook(
    gradebook: Gradebook, assignment_name: str, name: str, source: Path | None
) -> NotebookSpec:
    """Read one notebook. Raises nbgrader's MissingEntry."""
    return _read_notebook(gradebook.find_notebook(name, assignment_name), source)


def _read_notebook(notebook: Any, source: Path | None) -> NotebookSpec:
    points = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    cells = [
        SpecCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            checksum=cell.checksum,
            locked=bool(cell.locked),
            grade=cell.name in points,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            max_score=points.get(cell.name, tasks.get(cell.name)),
        )
        for cell in notebook.source_cells
    ]
    order = _source_order(source, notebook.name)
    if order:
        cells.sort(key=lambda cell: order.get(cell.name, len(order)))
    return NotebookSpec(notebook.name, notebook.kernelspec, tuple(cells))


def _source_order(source: Path | None, name: str) -> dict[str, int]:
    """Position of each grade id in the source notebook; the gradebook does not keep it."""
    path = source / f"{name}.ipynb" if source is not None else None
    if path is None or not path.is_file():
        return {}
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception:
        return {}
    return {
        cell.metadata.get("nbgrader", {}).get("grade_id", ""): position
        for position, cell in enumerate(notebook.cells)
    }
