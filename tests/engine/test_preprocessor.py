"""The execute step under nbgrader's own converter."""

from __future__ import annotations

import pytest

from tests.engine.courses import (
    Course,
    by_id,
    check,
    errors_of,
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
