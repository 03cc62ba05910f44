"""The plain account of a failed test: the call, what came back, what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from nbformat import from_dict

from autograder import wording
from autograder.cells import Cell, TeacherCell, teacher_names
from autograder.engine import Engine
from autograder.feedback import StudentView
from autograder.limits import Limits
from autograder.sandbox import Plan
from tests.engine.courses import check, notebook

PROGRAM = """
price = 500
def total(a, b): return a + b
def shout(text): print(text.upper())
def nothing(x): pass
def text(x): return str(x)
def broken(x): return 1 / 0
def forever(x):
    while True: pass
def grow(items):
    items.append(9)
    return items
def careful(x): raise ValueError("the test gave me " + str(x))
"""
NAMES = teacher_names([TeacherCell("solution", PROGRAM)])
# test → the account's id and what its words must hold
TOLD = {
    "assert total(3, 500) == 1500": ("account-differs", "`total(3, 500)`", "`503`", "`1500`"),
    "assert 1500 == total(3, b=500)": ("account-differs", "`total(3, b=500)`", "`503`"),
    "x = 4\ngot = total(x, 1)\nassert got == 4": ("account-differs", "`total(4, 1)`", "`5`"),
    "assert total(1, total(2, 3)) == 7": ("account-differs", "`total(1, 5)`", "`6`"),
    "for a, b in ((1, 2), (3, 4)):\n    assert total(a, b) == 3": (
        "account-differs", "`total(3, 4)`", "`7`"),
    "assert total(1, 1) == 3, 'Count again.'": ("account-differs", "`total(1, 1)`", "`2`"),
    "before = [1]\nassert grow(before) == [1]": ("account-differs", "`grow(before)`", "`[1, 9]`"),
    "assert price == 600": ("account-holds", "`price`", "`500`", "`600`"),
    "assert text(15) == 15": ("account-kind", "`text(15)`", "`&#x27;15&#x27;`", "`15`"),
    "assert shout('a') == 'A'": ("account-printed", "printed something but returned nothing"),
    "assert nothing(3) == 9": ("account-nothing", "`nothing(3)`"),
    "assert nothing(3) + 1 == 9": ("account-nothing", "`nothing(3)`"),
    "assert abs(total(1, 2) - 4) < 0.1": ("account-claim", "total(1, 2) → 3"),
    "assert broken(4) == 2": ("account-raised", "`broken(4)`", "ZeroDivisionError"),
    "assert total(1) == 3": ("account-raised", "`total(1)`", "missing 1 required"),
    "assert forever(3) == 2": ("account-time", "`forever(3)`", "did not come to an end"),
}  # fmt: skip
# Nothing is told when it could not be told right, or could tell of a hidden test.
UNTOLD = [
    "assert total(1, 2) == SECRET",
    "wanted = SECRET + 1\nassert total(1, 2) == wanted",
    "SECRET += 1\nassert total(1, 2) == SECRET",
    "assert compare(total, 1)",
    "assert total(1, 2) == 4 and total(2, 2) == 4",
    "assert [total(n, 1) for n in (1, 2)] == [1, 2]",
]
EARLIER = "SECRET = 41\ndef compare(function, n):\n    return function(n, SECRET) == 0"

Failures = Mapping[str, tuple[Any, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def failures() -> Failures:
    """Each test → its error output and the checker's facts, all run in one notebook."""
    tests = [*TOLD, *UNTOLD]
    engine = Engine(replace(Plan(), limits=Limits(cell_timeout_s=1.5)))
    cells = [Cell("student", PROGRAM), Cell("test", EARLIER), *(Cell("test", t) for t in tests)]
    try:
        ran = engine.run(cells, names=NAMES)
    finally:
        engine.close()
    return {
        test: (outcome.outputs[-1], outcome.failure or {})
        for test, outcome in zip(tests, ran.outcomes[2:], strict=True)
    }


def seen(failures: Failures, test: str, language: str = "en", source: str = "") -> str:
    """What she sees of the test; `source` takes the place of the cell's text."""
    output, facts = failures[test]
    cell = check("t", source or test, 1)
    cell["outputs"], cell.metadata["autograder"] = [from_dict(output)], from_dict(dict(facts))
    nb, _ = StudentView(language=language).preprocess(notebook(cell), {})
    return str(nb.cells[0].outputs[0].data["text/html"])


@pytest.mark.parametrize("test", TOLD)
def test_a_failure_is_told_by_its_call(failures: Failures, test: str) -> None:
    identity, *words = TOLD[test]
    assert failures[test][1]["account"]["id"] == identity
    shown = seen(failures, test)
    for word in words:
        assert word in shown
    assert "Next step" in shown
    assert "<details>" in shown  # what Python said, folded
    assert "{" not in seen(failures, test, "km").partition("<details>")[0]


@pytest.mark.parametrize("test", UNTOLD)
def test_what_may_be_hidden_or_unclear_is_not_told(failures: Failures, test: str) -> None:
    assert "account" not in failures[test][1]
    assert "41" not in seen(failures, test)


@pytest.mark.parametrize("test", TOLD)
def test_of_a_hidden_line_no_value_is_shown(failures: Failures, test: str) -> None:
    hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
    shown = seen(failures, test, source=hidden)
    assert "One more test, whose text is kept" in shown
    for part in ("`", "500", "1500", "total", "price", "division", "<details>"):
        assert part not in shown
    assert ("did not come to an end" in shown) == ("forever" in test)


@pytest.mark.parametrize(
    ("code", "identity"),
    [
        ("total =\u200b 5", "khmer-space"),
        ("total = ៥", "khmer-digit"),
        ("print(5)។", "khmer-stop"),
        ("print(“hi”)", "curly-quote"),
    ],
)
@pytest.mark.parametrize("language", ["en", "km"])
def test_a_khmer_keyboard_in_her_own_cell_has_words(
    code: str, identity: str, language: str
) -> None:
    with pytest.raises(SyntaxError) as error:
        compile(code, "<cell>", "exec")
    cell = notebook({"cell_type": "code", "source": code, "metadata": {}, "outputs": [
        {"output_type": "error", "ename": "SyntaxError", "evalue": str(error.value),
         "traceback": ["the original"]}], "execution_count": 1})  # fmt: skip
    nb, _ = StudentView(language=language).preprocess(from_dict(cell), {})
    shown = str(nb.cells[0].outputs[0].data["text/html"])
    found, fields = wording.recognise("SyntaxError", str(error.value))
    assert found == identity
    assert wording.say(identity, language, **fields) in shown.replace("&#x27;", "'")
    assert "the original" in shown.partition("<details>")[2]
