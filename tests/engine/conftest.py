"""A course folder for each test, its empty gradebook copied and not built."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.engine.courses import NAME, Course

IGNORED = [
    # nbgrader 0.9.6 leaves connections and loops of its kernels to the garbage collector.
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    # nbgrader and nbconvert use what newer versions of their own dependencies deprecate.
    "ignore::DeprecationWarning",
    "ignore::PendingDeprecationWarning",
    "ignore::FutureWarning",
    # Submissions of old nbformat have cells without ids.
    "ignore:.*[Mm]issing an id field.*",
    "ignore:.*is missing an id.*",
    # nbgrader's gradebook joins its own tables twice.
    "ignore::sqlalchemy.exc.SAWarning",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for rule in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(rule))


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without rows: making one starts alembic and takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        _make(path)
    return path


def _make(path: Path) -> None:
    Gradebook(f"sqlite:///{path}", NAME).close()


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Course:
    """A course folder with nothing in it."""
    root = tmp_path / "course"
    root.mkdir()
    shutil.copy(empty_gradebook, root / "gradebook.db")
    return Course(root)
