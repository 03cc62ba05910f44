"""The fast check of metadata says what nbgrader's says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.preprocessors import CheckCellMetadata

from autograder.metadata import CheckMetadata
from tests.engine.courses import check, free, manual, notebook, solution, task

BROKEN: dict[str, Callable[[Any], object]] = {
    "no points": lambda nb: nb.cells[2].metadata.nbgrader.pop("points"),
    "no id": lambda nb: nb.cells[1].metadata.nbgrader.pop("grade_id"),
    "a strange key": lambda nb: nb.cells[1].metadata.nbgrader.update(extra=1),
    "points are text": lambda nb: nb.cells[2].metadata.nbgrader.update(points="many"),
    "an old schema": lambda nb: nb.cells[1].metadata.nbgrader.update(schema_version=2),
    "a new schema": lambda nb: nb.cells[1].metadata.nbgrader.update(schema_version=9),
    "no schema": lambda nb: nb.cells[1].metadata.nbgrader.pop("schema_version"),
    "one id twice": lambda nb: nb.cells[2].metadata.nbgrader.update(grade_id="double"),
    "not a mapping": lambda nb: nb.cells[1].metadata.update(nbgrader=[]),
}


def make() -> Any:
    return notebook(
        free("1"),
        solution("double", "def double(x): ..."),
        check("test-double", "assert double(2) == 4", 2),
        manual("why", "Why?"),
        task("do", "Do it."),
    )


def said_by(step: Any, nb: Any) -> tuple[str, str] | None:
    try:
        step.preprocess(nb, {})
    except Exception as error:
        return type(error).__name__, str(error)
    return None


def test_what_nbgrader_accepts() -> None:
    assert said_by(CheckCellMetadata(), make()) is None
    assert said_by(CheckMetadata(), make()) is None


@pytest.mark.parametrize("name", BROKEN)
def test_what_nbgrader_refuses(name: str) -> None:
    nb = make()
    BROKEN[name](nb)
    theirs = said_by(CheckCellMetadata(), nb)
    assert theirs is not None
    assert said_by(CheckMetadata(), nb) == theirs
