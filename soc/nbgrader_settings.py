"""nbgrader's settings of a folder, the same that `nbgrader` run in it reads."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

SETTINGS = "nbgrader_config.py"


def load_settings(folder: Path) -> Config:
    """The settings of a cohort's folder, or of the checkout for writing the course."""
    return PyFileConfigLoader(SETTINGS, path=str(folder)).load_config()
