"""Other teachers' notebooks: old formats, odd names, many cells, magics that beginners use."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import batch
from autograder.cells import Cell, TeacherCell, teacher_names
from autograder.engine import Engine
from autograder.folder import Files
from autograder.limits import Limits
from autograder.sandbox import Plan
from tests.engine.courses import Course, by_id, check, errors_of, fill, free, notebook, solution

DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
RIGHT = {"double": "def double(x):\n    return x + x"}
PRACTICE = (solution("double", DOUBLE), check("test-double", "assert double(4) == 8", 2))
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(Plan(Limits(cell_timeout_s=20), warm=("matplotlib.pyplot",)))
    yield made
    made.close()


def rewrite(path: Path, minor: int, schema: int) -> None:
    """Make a submitted notebook one of nbformat 4.`minor`, its cells of an older `schema`."""
    nb = json.loads(path.read_text())
    nb["nbformat_minor"] = minor
    for cell in nb["cells"]:
        if minor < 5:
            cell.pop("id", None)
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = schema
            if schema < 3:
                del cell["metadata"]["nbgrader"]["task"]
    path.write_text(json.dumps(nb))


def test_every_nbformat_4_and_every_schema(course: Course) -> None:
    course.add_assignment("week01", {"practice": notebook(*PRACTICE)})
    kinds = [(minor, 3) for minor in range(6)] + [(5, 1), (5, 2), (0, 1)]
    for minor, schema in kinds:
        folder = course.answer(f"s{minor}{schema}", **RIGHT)
        rewrite(folder / "practice.ipynb", minor, schema)
    results = batch.grade(course.config(), "week01", workers=1)
    assert {r.student: (r.score, r.reason) for r in results} == {
        f"s{minor}{schema}": (2, "") for minor, schema in kinds
    }


@pytest.mark.parametrize("kernel", ["xpython", "Python 3.9 (base)", "conda-env-py", "python2"])
def test_other_kernels_that_mean_python(course: Course, kernel: str) -> None:
    made = notebook(*PRACTICE)
    made.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    course.add_assignment("week01", {"practice": made})
    course.answer("dara", **RIGHT)
    assert batch.grade(course.config(), "week01", workers=1)[0].score == 2


def test_names_with_spaces_and_in_khmer(course: Course) -> None:
    names = {"my first notebook": notebook(*PRACTICE), "លំហាត់ ១": notebook(*PRACTICE)}
    course.add_assignment("week 1 សប្តាហ៍", names, {"my data/ទិន្នន័យ.csv": b"1,2"})
    course.submit("sok dara", "week 1 សប្តាហ៍", edit=lambda _, nb: fill(nb, RIGHT))
    (result,) = batch.grade(course.config(), "week 1 សប្តាហ៍", workers=1)
    assert (result.student, result.score, result.reason) == ("sok dara", 4, "")
    graded = course.root / "autograded" / "sok dara" / "week 1 សប្តាហ៍"
    assert (graded / "my data" / "ទិន្នន័យ.csv").read_bytes() == b"1,2"
    assert (graded / "លំហាត់ ១.ipynb").is_file()


def test_five_hundred_cells(course: Course) -> None:
    cells = [free(f"x{number} = {number}") for number in range(248)]
    tests = [check(f"test-{number}", f"assert x{number} == {number}", 1) for number in range(248)]
    mixed = [cell for both in zip(cells, tests, strict=True) for cell in both]
    made = notebook(*PRACTICE, *mixed, free("x"), free("y"))
    course.add_assignment("week01", {"practice": made})
    course.answer("dara", **RIGHT)
    (result,) = batch.grade(course.config(), "week01", workers=1)
    assert (result.score, result.max_score, result.reason) == (250, 250, "")


def shown(engine: Engine, source: str, files: Files | None = None) -> tuple[str, str]:
    """How a cell ended, and all that it showed."""
    ran = engine.run([Cell("student", source)], files)
    return ran.outcomes[0].status, json.dumps(ran.outcomes[0].outputs)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])", "image/png"),
        ("%time sum([1, 2])", "CPU times"),
        ("%%time\nx = 5\nprint(x)", "CPU times"),
        ("%timeit -n 1 -r 1 pass", "per loop"),
        ("%pwd", "/work"),
        ("pwd", "/work"),
        ("%whos", "Interactive namespace is empty"),
        ("len?", "[]"),  # a pager opens, in nbgrader too
        ("!echo one two", "one two"),
        ("found = !echo three\nfound", "three"),
        ("%%writefile note.txt\nhello", "Writing note.txt"),
        ("await __import__('asyncio').sleep(0)\n'awake'", "awake"),
        ("In [1]: 3 + 4", "7"),
        (">>> 3 + 5", "8"),
        ("\n\n  \n3 + 6", "9"),
        ("print('é', 'ក')", "\\u1780"),
    ],
)
def test_what_beginners_type(engine: Engine, source: str, words: str) -> None:
    status, text = shown(engine, source)
    assert status == "ok", text
    assert words in text


def test_a_picture_beside_the_notebook_is_shown(engine: Engine) -> None:
    source = "from IPython.display import Image\nImage('img/dot.png')"
    status, text = shown(engine, source, Files(teacher=(("img/dot.png", DOT),)))
    assert status == "ok"
    assert base64.b64encode(DOT).decode()[:40] in text


def test_helper_modules_and_packages_of_hers_and_of_the_teachers(engine: Engine) -> None:
    files = Files(
        (("mine.py", b"WORD = 'hers'"),),
        (("tools/__init__.py", b""), ("tools/shapes.py", b"def area(a, b): return a * b")),
    )
    program = "import mine\nfrom tools.shapes import area\nword, size = mine.WORD, area(2, 3)"
    cells = [Cell("student", program), Cell("test", "assert word == 'hers' and size == area(2, 3)")]
    ran = engine.run(cells, files, teacher_names([TeacherCell("locked", program)]))
    assert [outcome.status for outcome in ran.outcomes] == ["ok"] * 2, ran.outcomes[1].outputs


def test_input_is_scripted_by_the_source(course: Course) -> None:
    asks = solution("name", "### BEGIN SOLUTION\nname = input('Name? ')\n### END SOLUTION")
    asks.metadata["autograder"] = {"input": ["Dara"]}
    made = notebook(asks, check("test-name", "assert name == 'Dara'", 1))
    course.add_assignment("week01", {"practice": made})
    course.answer("dara", name="name = input('Your name: ')")
    course.answer("sok", name="name = input()\nmore = input()")
    results = batch.grade(course.config(), "week01", workers=1)
    assert [r.score for r in results] == [1, 1]
    cell = by_id(course.autograded("sok", "practice"), "name")
    assert errors_of(cell) == ["EOFError"]
    assert (
        by_id(course.autograded("dara", "practice"), "name").outputs[0].text == "Your name: Dara\n"
    )


def test_the_graded_notebook_is_valid(course: Course) -> None:
    course.add_assignment("week01", {"practice": notebook(*PRACTICE)})
    rewrite(course.answer("dara", **RIGHT) / "practice.ipynb", 4, 3)
    batch.grade(course.config(), "week01", workers=1)
    graded: Any = course.autograded("dara", "practice")
    nbformat.validate(graded)


def test_graded_twice_it_shows_the_same() -> None:
    """Also where a set's order, or the number of a process, would show."""
    source = "print({'riel', 'dollar', 'baht', 'dong', 'kip'})\nx = 5\nx is 5"
    seen = []
    for before in (0, 1):
        made = Engine()
        try:
            for _ in range(before):
                made.run([Cell("student", "1")])
            seen.append(shown(made, source))
        finally:
            made.close()
    assert "SyntaxWarning" in seen[0][1]
    assert seen[0] == seen[1]
