"""Fixtures for the course: one warm runner a test process, and a folder as a student has it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.course.runner import Runner
from tests.course.weeks import MISTAKES, SOURCE

# Grading goes through nbgrader, which leaves these behind; our own warnings stay errors.
IGNORED = [
    "ignore::ResourceWarning",  # connections and loops that it leaves to the garbage collector
    "ignore::pytest.PytestUnraisableExceptionWarning",  # the same, seen while collecting
    "ignore::DeprecationWarning:nbgrader",
    "ignore::sqlalchemy.exc.SAWarning",  # its gradebook joins its own tables twice
]

Workdir = Callable[..., Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for rule in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(rule))


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """The warm interpreter."""
    with Runner() as running:
        yield running


@pytest.fixture
def workdir(tmp_path: Path) -> Workdir:
    """Makes a week's folder: `student_folder` with the week's name first."""

    def make(week: str, *, answered: bool = True, change: dict[str, Any] | None = None) -> Path:
        return student_folder(week, tmp_path / week, answered=answered, change=change)

    return make


def student_folder(
    week: str, folder: Path, *, answered: bool = True, change: dict[str, Any] | None = None
) -> Path:
    """A week's data and messages in `folder`, and answers.json: right ones, changed, or none."""
    ignored = shutil.ignore_patterns("*.ipynb", ".*")
    shutil.copytree(SOURCE / week, folder, ignore=ignored, dirs_exist_ok=True)
    if answered:
        kept = right_answers(week)
        for identity, value in (change or {}).items():
            kept["answers"][identity]["value"] = value or None
        (folder / "answers.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder


def right_answers(week: str) -> dict[str, Any]:
    """The week's answers.json in which every guess is given and every puzzle is solved."""
    file = MISTAKES / week / "answers.json"
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return kept
