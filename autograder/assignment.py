"""What the teacher's side of an assignment says about one notebook, wherever it can be found.

The source notebook says most (imports, exercises, metadata); without it, the copies of its cells
in the gradebook; without those, the locked cells of the submission, which nbgrader has restored.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from autograder.cells import (
    TeacherCell,
    TeacherNames,
    metadata_of,
    part_of,
    teacher_names,
)

log = logging.getLogger("autograder")
PYTHON_NAMES = ("python", "xpython", "pyodide", "ipython")


@dataclass(frozen=True)
class TeacherNotebook:
    """The teacher's words on one notebook: its names, and its cells' `autograder` metadata."""

    names: TeacherNames = field(default_factory=TeacherNames)
    metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def from_source(path: Path) -> TeacherNotebook | None:
    """Read the source notebook, or None when there is none that can be read."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _from_source(path, changed)


@lru_cache(maxsize=256)
def _from_source(path: Path, _changed: int) -> TeacherNotebook | None:
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        log.warning("%s can't be read (%s); the gradebook's copy of its cells is used", path, error)
        return None
    return from_notebook(notebook)


def from_notebook(notebook: Any) -> TeacherNotebook:
    """What a source notebook says."""
    cells = [
        TeacherCell(part_of(cell), cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return TeacherNotebook(teacher_names(cells), metadata_of(notebook))


def from_cells(cells: Sequence[TeacherCell], submitted: Any) -> TeacherNotebook:
    """What the gradebook's copies say; a submission's free cells add their imports only.

    Without the source, nobody else says that `np` is numpy. A student who renames her imports
    changes what her own names mean, and nothing that the test computes.
    """
    names = teacher_names(cells)
    free = teacher_names(
        TeacherCell(part_of(cell), cell.source)
        for cell in submitted.cells
        if cell.cell_type == "code" and part_of(cell) == "free"
    )
    usual = {
        name: target
        for name, target in free.imports.items()
        if name == target.partition(".")[0] or _USUAL.get(name) == target
    }
    return TeacherNotebook(
        TeacherNames(
            {**usual, **names.imports},
            names.stars,
            names.definitions,
            names.exercises,
            names.classes,
            names.members,
        )
    )


_USUAL = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib"}


def is_python(kernelspec: Mapping[str, Any] | str | None) -> bool:
    """Whether a notebook's kernelspec means Python, whatever the kernel is called."""
    if isinstance(kernelspec, str):
        kernelspec = json.loads(kernelspec) if kernelspec else None
    if not kernelspec:
        return True
    words = [str(kernelspec.get(key, "")).lower() for key in ("language", "name")]
    return any(word.startswith(PYTHON_NAMES) for word in words) or not any(words)
