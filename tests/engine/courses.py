"""Courses that the engine's tests make: an nbgrader course folder, its source, its submissions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
STOCK = ["nbgrader.preprocessors.Execute"]
OURS = ["autograder.preprocessor.ExecuteInSandbox"]
AFTER = [
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
NAME = "course"


def _meta(grade_id: str, **given: Any) -> dict[str, Any]:
    meta = {
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        "schema_version": 3,
    }
    return {"nbgrader": {**meta, **given}}


def free(source: str) -> Any:
    return new_code_cell(source)


def text(source: str) -> Any:
    return new_markdown_cell(source)


def locked(grade_id: str, source: str) -> Any:
    return new_code_cell(source, metadata=_meta(grade_id, locked=True))


def solution(grade_id: str, source: str) -> Any:
    return new_code_cell(source, metadata=_meta(grade_id, solution=True))


def check(grade_id: str, source: str, points: float = 1, **ours: Any) -> Any:
    meta = _meta(grade_id, grade=True, locked=True, points=points)
    if ours:
        meta["autograder"] = ours
    return new_code_cell(source, metadata=meta)


def manual(grade_id: str, source: str, points: float = 2, *, code: bool = False) -> Any:
    meta = _meta(grade_id, grade=True, solution=True, points=points)
    return (new_code_cell if code else new_markdown_cell)(source, metadata=meta)


def task(grade_id: str, source: str, points: float = 2) -> Any:
    return new_markdown_cell(
        source, metadata=_meta(grade_id, task=True, locked=True, points=points)
    )


def notebook(*cells: Any) -> Any:
    return new_notebook(cells=list(cells), metadata={"kernelspec": dict(KERNEL)})


@dataclass
class Course:
    """One nbgrader course folder with an empty gradebook."""

    root: Path

    @property
    def db_url(self) -> str:
        return f"sqlite:///{self.root}/gradebook.db"

    def config(self, *, stock: bool = False, **sections: dict[str, Any]) -> Config:
        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.course_id = NAME
        config.CourseDirectory.db_url = self.db_url
        config.Autograde.autograde_preprocessors = [*(STOCK if stock else OURS), *AFTER]
        config.ExecutePreprocessor.kernel_name = "python3"
        for name, values in sections.items():
            config[name].update(values)
        return config

    def api(self, *, stock: bool = False, **sections: dict[str, Any]) -> NbGraderAPI:
        config = self.config(stock=stock, **sections)
        return NbGraderAPI(config=config)

    def add_assignment(
        self, name: str, notebooks: dict[str, Any], files: dict[str, bytes] | None = None
    ) -> None:
        folder = self.root / "source" / name
        folder.mkdir(parents=True)
        for notebook_name, content in notebooks.items():
            nbformat.write(content, folder / f"{notebook_name}.ipynb")
        for file_name, data in (files or {}).items():
            path = folder / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        made = self.api().generate_assignment(name)
        assert made["success"], made

    def submit(
        self,
        student: str,
        assignment: str = "week01",
        edit: Callable[[str, Any], Any] | None = None,
        files: dict[str, bytes] | None = None,
        timestamp: str | None = None,
    ) -> Path:
        """Copy the release as `student`'s submission; `edit(name, notebook)` changes notebooks."""
        folder = self.root / "submitted" / student / assignment
        shutil.copytree(self.root / "release" / assignment, folder)
        for path in sorted(folder.glob("*.ipynb")):
            path.chmod(0o644)
            content = nbformat.read(path, as_version=4)
            if edit is not None:
                content = edit(path.stem, content) or content
                nbformat.write(content, path)
        for file_name, data in (files or {}).items():
            path = folder / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                path.chmod(0o644)
            path.write_bytes(data)
        if timestamp:
            (folder / "timestamp.txt").write_text(timestamp)
        return folder

    def answer(self, student: str, assignment: str = "week01", **answers: str) -> Path:
        """Submit with the text of solution cells replaced by `answers`, by grade id."""
        return self.submit(student, assignment, edit=lambda _, nb: fill(nb, answers))

    def gradebook(self) -> Gradebook:
        return Gradebook(self.db_url, NAME)

    def scores(self, student: str, assignment: str = "week01") -> dict[str, float | None]:
        """Automatic score of each graded cell."""
        with self.gradebook() as gradebook:
            submission = gradebook.find_submission(assignment, student)
            return {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    def autograded(self, student: str, notebook_name: str, assignment: str = "week01") -> Any:
        path = self.root / "autograded" / student / assignment / f"{notebook_name}.ipynb"
        return nbformat.read(path, as_version=4)


def fill(nb: Any, answers: dict[str, str]) -> Any:
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    return nb


def by_id(nb: Any, grade_id: str) -> Any:
    found: Iterable[Any] = (
        cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
    return next(iter(found))


def errors_of(cell: Any) -> list[str]:
    return [output.ename for output in cell.outputs if output.output_type == "error"]
