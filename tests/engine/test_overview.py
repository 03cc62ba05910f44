"""What stands on top of a feedback page."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.overview import Exercise, Overview


def graded(grade_id: str, score: float, points: float, **more: Any) -> Any:
    known = {"grade_id": grade_id, "grade": True, "score": score, "points": points, **more}
    return new_code_cell("", metadata={"nbgrader": known})


def overview(cells: list[Any], unread: set[str] | None = None, language: str = "en") -> Any:
    resources: dict[str, Any] = {"feedback": {"unread": unread or set()}}
    Overview(language=language).preprocess(new_notebook(cells=cells), resources)
    return resources["feedback"]


def lines(cells: list[Any], **more: Any) -> list[tuple[str, str, str, float, float]]:
    found: list[Exercise] = overview(cells, **more)["exercises"]
    return [(one.mark, one.title, one.anchor, one.score, one.points) for one in found]


def test_cells_below_one_heading_are_one_line() -> None:
    cells = [
        new_markdown_cell("# Week 1\n\nHello"),
        new_markdown_cell("## P1 – P2 · Your *guesses*"),
        graded("p1", 1, 1),
        graded("p2", 1, 1),
        new_markdown_cell("## F1 · [My](x) `name`\n\nText"),
        graded("f1", 2, 2),
        graded("f1-more", 0.5, 1),
    ]
    assert lines(cells) == [
        ("✓", "P1 – P2 · Your guesses", "p1", 2, 2),
        ("→", "F1 · My name", "f1-more", 2.5, 3),  # it leads to the cell that isn't all right
    ]


def test_what_waits_for_a_reader_is_neither_right_nor_wrong() -> None:
    cells = [new_markdown_cell("## Card"), graded("card", 0, 5, solution=True)]
    assert lines(cells, unread={"card"}) == [("…", "Card", "card", 0, 5)]


def test_a_heading_that_she_writes_names_no_exercise() -> None:
    """Her own answer is not the teacher's text."""
    hers = new_markdown_cell("# 100 of 100", metadata={"nbgrader": {"solution": True}})
    assert lines([new_markdown_cell("## Plan"), hers, graded("plan", 1, 2)])[0][1] == "Plan"


def test_without_a_heading_the_cells_id_stands_there() -> None:
    assert lines([graded("double", 1, 1)]) == [("✓", "double", "double", 1, 1)]


def test_a_comment_has_its_own_way() -> None:
    hers = new_code_cell("", metadata={"nbgrader": {
        "grade_id": "f1", "solution": True, "comment": "Well done"}})  # fmt: skip
    (one,) = overview([new_markdown_cell("## F1"), hers, graded("f1-test", 1, 1)])["exercises"]
    assert (one.comment, one.points) == ("comment-f1", 1)


def test_its_words_are_in_her_language() -> None:
    feedback = overview([], language="km")
    assert feedback["points"](2.0, 3.5) == "2 / 3.5 ពិន្ទុ"
    assert feedback["words"]["checks"] == "ការពិនិត្យ"
