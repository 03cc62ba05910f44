"""Does the server's file manager make notebooks safe and readable, and nothing else?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import nbformat
import pytest
from traitlets.config import Configurable

from widgets.notebooks import STATE, VIEW, Notebooks


class _Sessions(Configurable):  # type: ignore[misc]
    """Stands for the server's list of running kernels, which needs a whole server to be real."""

    paths: tuple[str, ...] = ()

    @property
    def session_manager(self) -> _Sessions:
        return self

    async def list_sessions(self) -> list[dict[str, str]]:
        return [{"path": path} for path in self.paths]


@pytest.fixture
def saved(week: Path) -> Path:
    shown = {VIEW: {"model_id": "m"}, "text/plain": "[Predict]", "text/html": "<p>Predict</p>"}
    only = {VIEW: {"model_id": "m"}}
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in (shown, only)]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("Predict()", outputs=outputs)],
        metadata={STATE: {"application/vnd.jupyter.widget-state+json": {"state": {"m": {}}}}},
    )
    nbformat.write(notebook, week / "lesson.ipynb")
    (week / "notes.txt").write_text("hello")
    return week


def _get(root: Path, path: str, *running: str) -> Any:
    manager = Notebooks(root_dir=str(root))
    manager.parent = _Sessions()
    manager.parent.paths = running
    return asyncio.run(manager.get(path))["content"]


def test_saved_state_goes_and_the_paper_form_stays(saved: Path) -> None:
    notebook = _get(saved, "lesson.ipynb")
    assert STATE not in notebook["metadata"]
    assert set(notebook["cells"][0]["outputs"][0]["data"]) == {"text/plain", "text/html"}
    assert set(notebook["cells"][0]["outputs"][1]["data"]) == {VIEW}


def test_a_running_kernel_keeps_its_widgets(saved: Path) -> None:
    notebook = _get(saved, "lesson.ipynb", "lesson.ipynb")
    assert STATE not in notebook["metadata"]
    assert VIEW in notebook["cells"][0]["outputs"][0]["data"]


def test_other_files_are_left_alone(saved: Path) -> None:
    assert _get(saved, "notes.txt") == "hello"
