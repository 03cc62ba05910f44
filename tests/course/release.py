"""What a student receives: nbgrader's own preprocessors, in nbgrader_config.py's order.

Only SaveCells is left out: it writes to a gradebook, and changes no cell.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from traitlets import import_item
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tests.course.weeks import COURSE, read


@cache
def settings() -> Config:
    """The checkout's nbgrader_config.py."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(COURSE.parent)).load_config()


@cache
def released(week: str, notebook: str, language: str = "en") -> Any:
    """The released notebook, in memory. Callers copy before they change it."""
    config = copy.deepcopy(settings())
    config.Translate.language = language
    config.Translate.catalogues = str(Path(COURSE) / "locale")
    cells = copy.deepcopy(read(week, notebook))
    resources: dict[str, Any] = {
        "nbgrader": {"assignment": week, "notebook": notebook, "student": "."}
    }
    for name in config.GenerateAssignment.preprocessors:
        if not name.endswith(".SaveCells"):
            cells, resources = import_item(name)(config=config).preprocess(cells, resources)
    return cells
