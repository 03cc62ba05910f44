"""The execute step under nbgrader's own converter."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.errors import PlatformFault
from autograder.preprocessor import ExecuteInSandbox
from tests.engine.courses import (
    Course,
    by_id,
    check,
    errors_of,
    fill,
    free,
    locked,
    manual,
    notebook,
    solution,
    text,
)

PRACTICE = notebook(
    text("# Practice"),
    free("import math"),
    locked("setup", "WORDS = ('riel', 'dollar')\ndef double(x):\n    return 2 * x"),
    solution(
        "area",
        "def area(r):\n    ### BEGIN SOLUTION\n    return math.pi * r * r\n    ### END SOLUTION",
    ),
    check(
        "test-area",
        "assert area(0) == 0\n### BEGIN HIDDEN TESTS\n"
        "assert abs(area(2) - 12.566) < 0.01\n### END HIDDEN TESTS",
        points=2,
    ),
    solution("total", "### BEGIN SOLUTION\ntotal = 10\n### END SOLUTION"),
    check("test-total", "0.5 if total == 10 else 0", points=1),
    manual("essay", "Write here.", points=3),
)


@pytest.fixture
def week(course: Course) -> Course:
    course.add_assignment("week01", {"practice": PRACTICE})
    return course


def test_a_right_answer_scores_full(week: Course) -> None:
    week.answer("dara", area="def area(r):\n    return 3.14159 * r ** 2", total="total = 10")
    result = week.api().autograde("week01", "dara")
    assert result["success"], result["log"]
    assert week.scores("dara") == {"test-area": 2, "test-total": 0.5, "essay": 0}


def test_an_untouched_release_scores_nothing(week: Course) -> None:
    week.submit("dara")
    assert week.api().autograde("week01", "dara")["success"]
    assert week.scores("dara") == {"test-area": 0, "test-total": 0, "essay": 0}
    cell = by_id(week.autograded("dara", "practice"), "test-area")
    assert errors_of(cell) == ["NotImplementedError"]


def test_a_test_function_of_the_teachers_cannot_be_replaced(week: Course) -> None:
    week.answer(
        "dara",
        area="class All:\n    def __eq__(s, o): return True\n    __sub__ = __abs__ = "
        "lambda s, *a: s\n    __lt__ = __eq__\ndef area(r): return All()\nabs = lambda x: 0",
    )
    assert week.api().autograde("week01", "dara")["success"]
    assert week.scores("dara")["test-area"] == 0


RESTORE = {
    "Autograde": {
        "sanitize_preprocessors": [
            "autograder.sanitise.RestoreCells",
            "nbgrader.preprocessors.ClearOutput",
            "nbgrader.preprocessors.DeduplicateIds",
            "nbgrader.preprocessors.OverwriteKernelspec",
            "nbgrader.preprocessors.OverwriteCells",
            "nbgrader.preprocessors.CheckCellMetadata",
        ]
    }
}


def test_removed_and_retagged_cells_come_back(week: Course) -> None:
    def tamper(_: str, nb: Any) -> Any:
        fill(nb, {"area": "def area(r):\n    return 3.14159 * r ** 2"})
        nb.cells = [cell for cell in nb.cells if cell is not by_id(nb, "test-area")]
        by_id(nb, "test-total").metadata["nbgrader"]["points"] = 99
        by_id(nb, "test-total").metadata["nbgrader"]["schema_version"] = 1
        return nb

    week.submit("dara", edit=tamper)
    result = week.api(**RESTORE).autograde("week01", "dara")
    assert result["success"], result["log"]
    assert week.scores("dara") == {"test-area": 2, "test-total": 0, "essay": 0}


@pytest.mark.parametrize("name", ["python3", "xpython", "python", "ipython"])
def test_other_kernel_names_mean_python(name: str) -> None:
    nb = notebook()
    nb.metadata["kernelspec"] = {"name": name, "display_name": name}
    ExecuteInSandbox().check_kernel(nb)


def test_another_language_is_a_fault_and_not_a_mark() -> None:
    nb = notebook()
    nb.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    with pytest.raises(PlatformFault, match="only Python is graded"):
        ExecuteInSandbox().check_kernel(nb)


def test_below_the_floor_nothing_is_graded(week: Course) -> None:
    week.answer("dara")
    weak = {"layers": ["rlimits", "seccomp"]}
    result = week.api(ExecuteInSandbox=weak).autograde("week01", "dara")
    assert not result["success"]
    assert "Grading is refused" in result["log"]
    assert not (week.root / "autograded" / "dara" / "week01").exists()
