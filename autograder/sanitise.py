"""Before a submitted notebook runs: only her answers and free cells are the student's.

nbgrader's own steps restore the text of locked cells. This one comes first and restores what they
take on trust: which cells there are, in which order, and what each of them is.
"""

# mypy: allow-untyped-calls
# (nbformat has annotations for some of its functions only.)

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells

from autograder.errors import RefusedNotebook
from autograder.spec import NotebookSpec, SpecCell, read_notebook

MAX_CELLS = 5_000
MAX_BYTES = 32 * 1024 * 1024
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOST_TAGS = ("skip-execution", "raises-exception")


def read_submitted(path: Path) -> Any:
    """The notebook at `path`. Raises RefusedNotebook, whose text is for a person."""
    if path.stat().st_size > MAX_BYTES:
        raise RefusedNotebook(
            f"{path.name} is bigger than {MAX_BYTES // 2**20} MB. Clear its outputs and hand it in "
            "again."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
        _check_count(json.loads(text), path.name)  # before the slower reading of each cell
        notebook = nbformat.reads(text, as_version=4)
    except RefusedNotebook:
        raise
    except UnicodeDecodeError as error:
        raise RefusedNotebook(f"{path.name} is not UTF-8 text: {error}") from error
    except Exception as error:
        raise RefusedNotebook(f"{path.name} is not a notebook: {error}") from error
    check_shape(notebook, path.name)
    return notebook


def _check_count(notebook: Any, name: str) -> None:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(cells, list) and len(cells) > MAX_CELLS:
        raise RefusedNotebook(f"{name} has {len(cells)} cells; more than {MAX_CELLS} are refused.")


def check_shape(notebook: Any, name: str) -> None:
    """Raise RefusedNotebook when a notebook has too many cells or cells of no known shape."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise RefusedNotebook(f"{name} has no list of cells.")
    _check_count(notebook, name)
    for number, cell in enumerate(cells, start=1):
        if not (
            isinstance(cell, dict)
            and cell.get("cell_type") in ("code", "markdown", "raw")
            and isinstance(cell.get("source"), str)
            and isinstance(cell.get("metadata"), dict)
        ):
            raise RefusedNotebook(f"{name}: cell {number} is not a notebook cell.")


def restore(notebook: Any, spec: NotebookSpec) -> None:
    """Make `notebook` (in place) have the assignment's cells, each once, as what they are.

    Cells that say they are the assignment's and are not, and all but the last of those that say
    they are the same one, become free cells. Missing cells come back. When the order of the
    assignment's cells is not the source's, the teacher's cells go after the cell they follow there.
    """
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        name = _name_of(cell)
        _plain_metadata(cell)
        known = spec.by_name.get(name)
        if known is None or name in seen:
            cell.metadata.pop("nbgrader", None)
            continue
        seen.add(name)
        _restore_cell(cell, known)
    order = [_name_of(cell) for cell in notebook.cells if _name_of(cell)]
    if order != [cell.name for cell in spec.cells]:
        _put_in_order(notebook, spec)


def _name_of(cell: Any) -> str:
    meta = cell.metadata.get("nbgrader")
    name = meta.get("grade_id") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else ""


def _plain_metadata(cell: Any) -> None:
    """Ids and tags go into pages as they are, so only plain ones stay."""
    if "id" in cell and not (isinstance(cell["id"], str) and _PLAIN_ID.fullmatch(cell["id"])):
        cell["id"] = uuid.uuid4().hex[:8]
    tags = cell.metadata.get("tags")
    if tags is None:
        return
    kept = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    lost = _LOST_TAGS if _name_of(cell) else ()
    cell.metadata["tags"] = [
        tag for tag in kept if tag not in lost and not set(tag) & set("<>\"'&")
    ]


def _restore_cell(cell: Any, known: SpecCell) -> None:
    if cell.cell_type != known.cell_type:
        cell.cell_type = known.cell_type
        if known.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    if known.cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    else:
        cell.pop("outputs", None)
    given = cell.metadata.get("nbgrader")
    meta = known.metadata()
    if isinstance(given, dict):
        # What an honest submission has stays as it is; only what says otherwise is replaced.
        meta = {**meta, **{k: v for k, v in given.items() if k in meta and v == meta[k]}}
        meta = {key: meta[key] for key in (*given, *meta) if key in meta}
        if "cell_type" not in given:
            del meta["cell_type"]
        if given.get("points") == meta.get("points") and "points" in given:
            meta["points"] = given["points"]
    cell.metadata["nbgrader"] = NotebookNode(meta)


def _put_in_order(notebook: Any, spec: NotebookSpec) -> None:
    mine = {_name_of(cell): cell for cell in notebook.cells if _name_of(cell)}
    kept = [
        cell
        for cell in notebook.cells
        if not _name_of(cell) or spec.by_name[_name_of(cell)].solution
    ]
    previous = ""
    for known in spec.cells:
        present = mine.get(known.name)
        if present is None or not known.solution:
            position = next(
                (n + 1 for n, cell in enumerate(kept) if previous and _name_of(cell) == previous), 0
            )
            kept.insert(position, present or _new_cell(known))
        previous = known.name
    notebook.cells = kept


def _new_cell(known: SpecCell) -> Any:
    make = new_code_cell if known.cell_type == "code" else new_markdown_cell
    cell = make(known.source, metadata={"nbgrader": NotebookNode(known.metadata())})
    cell.pop("id", None)
    return cell


class RestoreCells(NbGraderPreprocessor):
    """`restore` as the first of nbgrader's sanitising steps."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Restore `nb` from the gradebook. Raises RefusedNotebook."""
        known = resources["nbgrader"]
        check_shape(nb, f"{known['notebook']}.ipynb")
        with Gradebook(known["db_url"]) as gradebook:
            spec = read_notebook(gradebook, known["assignment"], known["notebook"], None)
        restore(nb, spec)
        return nb, resources


class OverwriteFromMemory(OverwriteCells):
    """nbgrader's OverwriteCells, asking a `NotebookSpec` instead of the database."""

    spec: NotebookSpec

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Restore the text, type and points of the assignment's cells."""
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.gradebook = self
        nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
        return nb, resources

    def find_source_cell(self, name: str, *_: str) -> SpecCell:
        """What nbgrader's method of the gradebook would find."""
        if name not in self.spec.by_name:
            raise MissingEntry(name)
        return self.spec.by_name[name]

    def find_graded_cell(self, name: str, *_: str) -> SpecCell:
        """What nbgrader's method of the gradebook would find."""
        return self.find_source_cell(name)
