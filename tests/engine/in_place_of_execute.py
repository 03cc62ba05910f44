"""A pytest plugin: nbgrader's own tests with our execute step in place of its own.

    python -m pytest -p tests.engine.in_place_of_execute -o filterwarnings= -W ignore \\
        --pyargs nbgrader.tests.apps.test_nbgrader_autograde

40 of 42 pass, and 2 are skipped by nbgrader itself (too long, too much memory); some minutes.
"""

from __future__ import annotations

from typing import Any

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

from autograder.preprocessor import ExecuteInSandbox


def pytest_configure() -> None:
    original = Autograde.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.autograde_preprocessors = [
            ExecuteInSandbox if step is Execute else step for step in self.autograde_preprocessors
        ]

    Autograde.__init__ = init
