"""The ten sessions through the autograder and its sandbox, as a club's submissions go."""

from __future__ import annotations

import copy
import json
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.batch import Result, grade
from programme import club_plan
from programme.club_plan import ClubPlan
from programme.site import CHECKOUT
from soc.club.notebooks import write_source
from soc.nbgrader_settings import load_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader leaves connections open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:nbgrader"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
COURSE = CHECKOUT / "course"
SAVE = "nbgrader.preprocessors.SaveCells"
CHECKSUMS = "nbgrader.preprocessors.ComputeChecksums"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Result]]:
    """Session → who handed in → the result. One hands in all solutions, one what she was given."""
    root = tmp_path_factory.mktemp("club")
    club = club_plan.read(COURSE)
    config = _config(root)
    found = {}
    # One worker for all sessions: its interpreter is warmed once.
    worker = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with worker, pytest.MonkeyPatch.context() as patch:  # nbgrader starts `alembic` by name
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        for number in range(1, club.course.sessions + 1):
            write_source(COURSE, club, number, root)
            name = club.session(number).assignment
            made = NbGraderAPI(CourseDirectory(config=config), config=config).generate_assignment(
                name
            )
            assert made["success"], made["log"]
            _hand_in(root, name, "untouched")
            _hand_in(root, name, "solution", _answers(club, number))
            results = grade(config, name, executor=worker)
            found[name] = {result.student: result for result in results}
    return found


def test_every_submission_is_graded(graded: dict[str, dict[str, Result]]) -> None:
    assert len(graded) == 10
    for name, results in graded.items():
        assert {one.status for one in results.values()} == {"graded"}, (name, results)


def test_solutions_score_full(graded: dict[str, dict[str, Result]]) -> None:
    for name, results in graded.items():
        by_hand = 1 if name == "session10" else 0  # the leader's point for a project shown
        result = results["solution"]
        assert result.max_score is not None
        assert result.score == result.max_score - by_hand, name


def test_what_she_is_given_scores_nothing(graded: dict[str, dict[str, Result]]) -> None:
    assert {name: results["untouched"].score for name, results in graded.items()} == dict.fromkeys(
        graded, 0
    )


def _config(root: Path) -> Config:
    config = copy.deepcopy(load_settings(CHECKOUT))
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "club-test"
    config.CourseDirectory.source_directory = "source"
    config.CourseDirectory.release_directory = "release"
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.GenerateAssignment.no_database = False
    steps = list(config.GenerateAssignment.preprocessors)
    steps.insert(steps.index(CHECKSUMS) + 1, SAVE)  # left out while one only writes the course
    config.GenerateAssignment.preprocessors = steps
    return config


def _hand_in(root: Path, name: str, who: str, answers: dict[str, Any] | None = None) -> None:
    """What was released; with `answers`, the solutions in its cells and the widgets' answers."""
    folder = root / "submitted" / who / name
    shutil.copytree(root / "release" / name, folder)
    if answers is None:
        return
    for file in folder.glob("*.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        source = nbformat.read(root / "source" / name / file.name, as_version=4)
        solutions = {cell.id: cell.source for cell in source.cells}
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = solutions[cell.id]
        nbformat.write(notebook, file)
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")


def _answers(club: ClubPlan, number: int) -> dict[str, Any]:
    """Right answers of the widgets of every week that the session takes from."""
    answers: dict[str, Any] = {}
    for week in sorted({f"week{name[1:3]}" for name in club.exercises[number]}):
        file = COURSE / "mistakes" / week / "answers.json"
        answers |= json.loads(file.read_text(encoding="utf-8"))["answers"]
    return {"schema": 1, "answers": answers}
