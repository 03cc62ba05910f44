"""Does every notebook run from top to bottom in a real kernel, and show what is stored?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.course.conftest import Workdir
from tests.course.outputs import executed
from tests.course.weeks import SOURCE, weeks

WEEKS = pytest.mark.parametrize("week", weeks())
HERE = Path(__file__).parent
LONGEST_S = 30


@pytest.mark.slow
@WEEKS
def test_the_stored_outputs_of_a_lesson_are_what_it_shows(week: str) -> None:
    """nbval. `python -m tests.course.outputs weekNN` stores them anew."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("--nbval", str(SOURCE / week / "lesson.ipynb")),
            *("--nbval-sanitize-with", str(HERE / "nbval.cfg")),
            *("--nbval-cell-timeout", str(LONGEST_S)),
            *("-W", "ignore"),  # nbval's own
        ],
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
        timeout=4 * LONGEST_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]


@WEEKS
def test_a_stored_output_names_no_place_of_one_machine(week: str) -> None:
    text = (SOURCE / week / "lesson.ipynb").read_text(encoding="utf-8")
    assert "site-packages" not in text
    assert str(SOURCE.parents[1]) not in text


@pytest.mark.slow
@WEEKS
@pytest.mark.parametrize("notebook", ["practice", "project"])
def test_the_notebook_runs_in_a_real_kernel(week: str, notebook: str, workdir: Workdir) -> None:
    """With the right answers at hand. A cell that takes longer than LONGEST_S stops the test."""
    folder = workdir(week)
    for cell in executed(week, notebook, folder=folder, timeout_s=LONGEST_S).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", (cell["id"], output.get("evalue"))
            assert output.get("name") != "stderr", (cell["id"], output.get("text"))
