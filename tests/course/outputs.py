"""Store a lesson's outputs in its source: `python -m tests.course.outputs week01`.

A fresh kernel runs it in a copy of its folder. Rule: the same lesson gives the same file, so
what differs from run to run (widget models, times, the kernel's files) is left out.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.course.weeks import SOURCE, read

_KERNEL_FILE = re.compile(r"ipykernel_\d+/\d+")  # where a kernel keeps a cell, in an error
WIDGET = "application/vnd.jupyter.widget-view+json"


def executed(
    week: str, notebook: str = "lesson", *, folder: Path | None = None, timeout_s: int = 60
) -> Any:
    """The notebook with the outputs of a run from top to bottom.

    It runs in `folder`, by default a copy of the week's. Raises nbclient's CellExecutionError.
    """
    cells = copy.deepcopy(read(week, notebook))
    with tempfile.TemporaryDirectory() as parent:
        if folder is None:
            folder = Path(parent) / week
            shutil.copytree(SOURCE / week, folder)
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(
            cells,
            timeout=timeout_s,
            resources=resources,
            coalesce_streams=True,  # how a kernel cuts its output up depends on the time
        )
        client.execute()
    return _steady(cells)


def _steady(cells: Any) -> Any:
    cells.metadata.pop("widgets", None)
    cells.metadata["language_info"] = {"name": "python"}
    for cell in cells.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    return nbformat.from_dict(json.loads(_KERNEL_FILE.sub("ipykernel", json.dumps(cells))))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(executed(name), SOURCE / name / "lesson.ipynb")
        print(f"{name}/lesson.ipynb: outputs stored")
