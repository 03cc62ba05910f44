"""What a student sees of her graded notebook."""

from __future__ import annotations

import pytest
from nbformat import from_dict

from autograder import batch
from autograder.feedback import StudentView, clean_html
from autograder.wording import recognise, say
from tests.engine.courses import Course, by_id, check, notebook, solution
from tests.engine.feedback_pages import SETTINGS

MESSAGE = "What happened: it is {}.\\nNext step: look again.\\n[week01/double.half]"
PRACTICE = notebook(
    solution("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
    check(
        "test-double",
        f"assert double(1) != 0.5, '{MESSAGE}'.format(double(1))\n### BEGIN HIDDEN TESTS\n"
        f"SECRET = 21\nassert double(SECRET) != 10.5, '{MESSAGE}'.format('half')\n"
        "assert double(SECRET) == 42, 'you should get 42'\n### END HIDDEN TESTS",
        2,
    ),
    check("test-seen", "assert double(3) == 6", 1),
)


@pytest.fixture
def week(course: Course) -> Course:
    course.add_assignment("week01", {"practice": PRACTICE})
    return course


def seen(week: Course, code: str, grade_id: str = "test-double") -> tuple[str, str]:
    """Source and outputs' text of one test cell, as the student sees them."""
    week.answer("dara", double=code)
    results = batch.grade(week.config(), "week01", workers=1)
    assert results[0].status == "graded", results
    nb = week.autograded("dara", "practice")
    nb, _ = StudentView(language="en").preprocess(nb, {})
    cell = by_id(nb, grade_id)
    return cell.source, "".join(str(output) for output in cell.outputs)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def double(x): return 0.5 if x == 1 else 2 * x", "What happened: it is 0.5."),
        ("def double(x): return x / 2 if x > 1 else 2", "What happened: it is half."),
        ("def double(x): return x + 1", "One more test, whose text is kept"),
        ("def double(x): return 2 if x == 1 else [][x]", "stopped with an error inside"),
        ("pass", "The test asked for `double`"),
    ],
)
def test_a_failure_is_told_without_the_hidden_test(week: Course, code: str, expected: str) -> None:
    source, shown = seen(week, code)
    assert expected in shown
    for secret in ("SECRET", "21", "42", "HIDDEN"):
        assert secret not in source + shown


def test_a_visible_failure_keeps_what_python_said_below(week: Course) -> None:
    _, shown = seen(week, "def double(x):\n    print(2 * x)", "test-seen")
    assert "<details>" in shown
    assert "AssertionError" in shown


def test_nbgraders_own_feedback_command_uses_it(week: Course) -> None:
    week.answer("dara", double="def double(x): return x + 1")
    batch.grade(week.config(), "week01", workers=1)
    made = week.api(**SETTINGS).generate_feedback("week01", "dara")
    assert made["success"], made["log"]
    page = (week.root / "feedback" / "dara" / "week01" / "practice.html").read_text()
    assert "SECRET" not in page
    assert "One more test" in page


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize(
    ("name", "text", "identity"),
    [
        ("CellTimeoutError", "", "cell-time"),
        ("NameError", "name 'x' is not defined", "no-name"),
        ("TypeError", "unsupported operand: 'NoneType'", "returned-none"),
        ("SyntaxError", "invalid non-printable character U+200B", "khmer-space"),
        ("SyntaxError", "invalid character '៥' (U+17E5)", "khmer-digit"),
        ("SyntaxError", "invalid character '។' (U+17D4)", "khmer-stop"),
        ("SyntaxError", "invalid character '“' (U+201C)", "curly-quote"),
        ("SyntaxError", "invalid character '×' (U+00D7)", "khmer-keyboard"),
        ("ProgramStopped", "memory", "memory"),
        ("ZeroDivisionError", "division by zero", "test-failed"),
    ],
)
def test_words_for_what_is_recognised(language: str, name: str, text: str, identity: str) -> None:
    found, fields = recognise(name, text)
    assert found == identity
    said = say(found, language, **fields)
    assert "{" not in said
    for word in ("wrong", "illegal", "invalid", "simply", "obvious"):
        assert word not in said


@pytest.mark.parametrize(
    "dangerous",
    [
        "<script>x</script>",
        "<img src=x onerror=x>",
        '<a href="javascript:x">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<div style="background: url(javascript:x)">x</div>',
        "<svg onload=x></svg>",
        r"$\href{javascript:x}{y}$",
    ],
)
def test_active_content_is_taken_out(dangerous: str) -> None:
    cleaned = clean_html(f"<p>kept</p>{dangerous}")
    assert "<p>kept</p>" in cleaned
    for sign in ("<script", "<svg", "<img src=x onerror", 'href="javascript', 'href="data', "url("):
        assert sign not in cleaned
    assert r"\href" not in cleaned


def test_without_facts_from_the_checker_nothing_hidden_is_shown() -> None:
    """A notebook that stock nbgrader graded."""
    cell = by_id(PRACTICE, "test-double").copy()
    cell["outputs"] = [
        from_dict(
            {
                "output_type": "error",
                "ename": "AssertionError",
                "evalue": "you should get 42",
                "traceback": ["assert double(SECRET) == 42"],
            }
        )
    ]
    nb, _ = StudentView(language="en").preprocess(notebook(cell), {})
    assert "42" not in str(nb.cells[0].outputs)
