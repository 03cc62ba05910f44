"""A course of one tiny week and a cohort that takes it, in a data folder of the test's own."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from programme.site import Cohort, Site
from soc.course_folder import ensure_course_folder

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def nbgrader_cell(grade_id: str, source: str, *, points: float = 0, solution: bool = False):
    metadata = {
        "grade": points > 0,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points:
        metadata["points"] = points
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": metadata})


def write_week(folder: Path, greeting: str = "hello") -> None:
    """One notebook `practice`: a text, an exercise, and its test with a hidden part."""
    cells = [
        new_markdown_cell("Say hello.", id="say-hello"),
        nbgrader_cell(
            "greeting", f'### BEGIN SOLUTION\nword = "{greeting}"\n### END SOLUTION', solution=True
        ),
        nbgrader_cell(
            "test-greeting",
            "assert word\n### BEGIN HIDDEN TESTS\n"
            f'assert word == "{greeting}"\n### END HIDDEN TESTS',
            points=2,
        ),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, folder / "practice.ipynb")


@pytest.fixture(scope="session")
def template_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty gradebook. Copied for each test: making one takes seconds."""
    root = tmp_path_factory.mktemp("template")
    (root / "soc.toml").write_text("")
    folder = root / "cohorts" / "amb"
    folder.mkdir(parents=True)
    (folder / "cohort.toml").write_text('language = "en"\n')
    cohort = Site.open(root).cohort("amb")
    ensure_course_folder(cohort)
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        for student in ("bopha", "chanthy", "devi"):
            gradebook.add_student(student)
    return root


@pytest.fixture
def site(template_site: Path, tmp_path: Path) -> Site:
    root = tmp_path / "data"
    shutil.copytree(template_site, root, symlinks=True)
    course = tmp_path / "course"
    write_week(course / "source" / "week01")
    (root / "soc.toml").write_text(f'course = "{course}"\n')
    return Site.open(root)


@pytest.fixture
def cohort(site: Site) -> Cohort:
    return site.cohort("amb")


def hand_in(cohort: Cohort, student: str, week: str, when: datetime, source: str = "") -> Path:
    """Put a submission into the exchange as the mover does; `source` replaces the answer."""
    stamp = when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    folder = cohort.inbound / f"{student}+{week}+{stamp}+x1"
    shutil.copytree(cohort.outbound / week, folder)
    (folder / "timestamp.txt").write_text(stamp)
    (folder / "submission_secret.txt").write_text("secret")
    if source:
        file = folder / "practice.ipynb"
        notebook = nbformat.read(file, as_version=4)
        notebook.cells[1].source = source
        nbformat.write(notebook, file)
    return folder
