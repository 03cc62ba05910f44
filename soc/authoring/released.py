"""What a student receives, in memory: nbgrader's own preprocessors, in nbgrader_config.py's order.

Only SaveCells is left out: it writes to a gradebook, and changes no cell.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from traitlets import import_item
from traitlets.config import Config

from programme.site import CHECKOUT
from soc.authoring.week import Week
from soc.nbgrader_settings import load_settings


@cache
def settings() -> Config:
    """The checkout's. Callers copy before they change it."""
    return load_settings(CHECKOUT)


def released(week: Week, notebook: str, language: str = "en") -> Any:
    """The released notebook. Raises what nbgrader raises for a source that it refuses."""
    config = copy.deepcopy(settings())
    config.Translate.language = language
    config.Translate.catalogues = str(week.course / "locale")
    cells = copy.deepcopy(week.notebooks[notebook])
    resources: dict[str, Any] = {
        "nbgrader": {"assignment": week.name, "notebook": notebook, "student": "."}
    }
    for name in config.GenerateAssignment.preprocessors:
        if not name.endswith(".SaveCells"):
            cells, resources = import_item(name)(config=config).preprocess(cells, resources)
    return cells
