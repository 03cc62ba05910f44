"""What an author is told before anybody is graded."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder import authoring
from autograder.engine import Engine
from tests.engine.courses import check, free, notebook, solution

SOLUTION = "class Dog:\n    pass\ndef double(x):\n    return 2 * x"


def findings(test: str, **ours: bool) -> list[tuple[str, bool]]:
    nb = notebook(solution("own", SOLUTION), check("test-own", test, **ours))
    return [(finding.text, finding.stops) for finding in authoring.read(nb)]


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("class Cat(Dog): pass", "subclass"),
        ("import pickle\npickle.load(open('x', 'rb'))", "pickle"),
        ("from unittest.mock import patch\nwith patch('__main__.double'): pass", "by its path"),
        ("assert globals()['double'](1) == 2", "globals"),
        ("import inspect\nexec(inspect.getsource(double))", "by exec"),
        ("assert eval(own) == 3", "by eval"),
        ("import runpy\nrunpy.run_path('own.py')", "by runpy.run_path"),
        ("%run own.py", "by %run"),
        ("double(3)", "that value is the mark"),
    ],
)
def test_what_stops_a_test_is_named(test: str, words: str) -> None:
    ((text, stops),) = findings(test)
    assert words in text
    assert stops


def test_notes_do_not_stop() -> None:
    ((text, stops),) = findings("x = [1]\nassert double(x) == x + x")
    assert "from a copy" in text
    assert not stops
    assert findings("assert double(2) == 4") == []
    ((text, stops),) = findings("class Cat(Dog): pass", shared=True)
    assert "can fake its result" in text
    assert not stops


def test_a_name_that_only_a_test_defines() -> None:
    nb = notebook(check("test-own", "limit = 3\nassert limit"), free("print(limit)"))
    (finding,) = authoring.read(nb)
    assert "only a test cell defines" in finding.text


def test_running_the_solution_finds_the_rest(tmp_path: Path) -> None:
    nb = notebook(
        solution("own", SOLUTION),
        check("test-right", "assert double(2) == 4"),
        check("test-compared", "Dog.__eq__ = lambda a, b: True\nassert Dog() == 5"),
    )
    nbformat.write(nb, tmp_path / "practice.ipynb")
    engine = Engine()
    try:
        found = authoring.run(tmp_path / "practice.ipynb", engine)
    finally:
        engine.close()
    assert [finding.cell for finding in found] == ["test-compared"]
