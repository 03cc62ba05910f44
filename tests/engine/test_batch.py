"""The batch: same results as nbgrader's own converter, many at a time, and resumable."""

from __future__ import annotations

import pytest

from autograder import batch
from tests.engine.courses import Course, check, free, manual, notebook, solution

PRACTICE = notebook(
    solution(
        "double", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    ),
    check("test-double", "assert double(2) == 4", points=2),
    manual("essay", "Write here.", points=3),
)
RIGHT = "def double(x):\n    return x + x"


@pytest.fixture
def week(course: Course) -> Course:
    course.add_assignment("week01", {"practice": PRACTICE})
    return course


def test_many_at_once(week: Course) -> None:
    for number in range(5):
        week.answer(f"s{number}", double=RIGHT if number else "def double(x): return x")
    seen: list[batch.Progress] = []
    results = batch.grade(week.config(), "week01", workers=2, on_progress=seen.append)
    assert [(r.student, r.status, r.score, r.max_score) for r in results] == [
        ("s0", "graded", 0, 5),
        *((f"s{n}", "graded", 2, 5) for n in range(1, 5)),
    ]
    assert [p.done for p in seen] == [1, 2, 3, 4, 5]
    assert week.scores("s1") == {"test-double": 2, "essay": 0}
    again = batch.grade(week.config(), "week01")
    assert [(r.score, r.fresh) for r in again] == [(0, False), *[(2, False)] * 4]


def test_a_notebook_without_graded_cells_has_its_row(course: Course) -> None:
    """Feedback looks for it, and so does the second time."""
    lesson = notebook(free("1 + 1"))
    course.add_assignment("week01", {"practice": PRACTICE, "lesson": lesson})
    course.answer("dara", double=RIGHT)
    for _ in range(2):
        assert batch.grade(course.config(), "week01", workers=1, force=True)[0].score == 2
    with course.gradebook() as gradebook:
        found = gradebook.find_submission("week01", "dara").notebooks
        assert sorted(one.name for one in found) == ["lesson", "practice"]


def test_one_broken_notebook_stops_nobody(week: Course) -> None:
    week.answer("dara", double=RIGHT)
    (week.submit("sok") / "practice.ipynb").write_bytes(b"\xff not a notebook")
    results = {r.student: r for r in batch.grade(week.config(), "week01", workers=1)}
    assert results["dara"].score == 2
    assert results["sok"].status == "ungraded"
    assert "not UTF-8" in results["sok"].reason
    assert not (week.root / "autograded" / "sok" / "week01").exists()


def test_hooks_around_the_conversion_are_called(week: Course) -> None:
    """Also functions that a configuration file defines, which no worker could be sent."""
    for student in ("dara", "sok"):
        week.answer(student, double=RIGHT)
    seen: list[tuple[str, str, bool]] = []

    def note(name: str, student: str, notebooks: list[str]) -> None:
        folder = week.root / "autograded" / student / "week01"
        seen.append((name, student, folder.is_dir() and notebooks[0].endswith("practice.ipynb")))

    config = week.config()
    config.Autograde.pre_convert_hook = lambda student, notebooks, **_: note(
        "before", student, notebooks
    )
    config.BaseConverter.post_convert_hook = lambda student, notebooks, **_: note(
        "after", student, notebooks
    )
    assert {r.score for r in batch.grade(config, "week01", workers=2)} == {2}
    assert sorted(seen) == [
        ("after", "dara", True),
        ("after", "sok", True),
        ("before", "dara", False),
        ("before", "sok", False),
    ]
