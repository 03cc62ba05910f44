"""Does every notebook run from top to bottom in a real kernel, and show what is stored?"""

from __future__ import annotations

import ast
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.course.conftest import Workdir
from tests.course.outputs import executed
from tests.course.weeks import COURSE, SOURCE, read, weeks

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


def test_the_path_of_week_8_has_the_names_of_the_weeks() -> None:
    (source,) = (c.source for c in read("week08", "lesson").cells if "Path(" in c.source)
    call = next(n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call))
    course = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))
    assert ast.literal_eval(call.args[0]) == [week["title"] for week in course["week"]]


def test_the_game_of_week_6_is_played_to_five_and_stops() -> None:
    (source,) = (c.source for c in read("week06", "lesson").cells if "Game(draw" in c.source)
    names: dict[str, Any] = {"random": random.Random(4)}
    exec(source.replace("\nGame(draw", "\ngame = Game(draw"), names)  # noqa: S102  # our own lesson
    game = names["game"]
    for _ in range(40):
        game.press("space")
    ended = dict(names["seeds"])
    game.tap(10, 10)
    assert names["seeds"] == ended
    assert max(ended.values()) >= 5
    assert len(set(ended.values())) == 2
