"""Does the Doctor know the commonest mistakes, and keep quiet otherwise?"""

from __future__ import annotations

import re
import warnings
from typing import Any

import polib
import pytest
from IPython.core.interactiveshell import InteractiveShell

from widgets import Doctor
from widgets.language import LOCALE
from widgets.symptoms import TABLE, clean, examine

ZERO_WIDTH_SPACE = "\u200b"

PROGRAMS = {
    f"print({ZERO_WIDTH_SPACE}1)": "keyboard.space",
    "x = ១២": "keyboard.digit",
    "x = 1២": "keyboard.digit",
    'print("a")។': "keyboard.stop",
    "print(“hi”)": "keyboard.quotes",
    "print(‘hi’)": "keyboard.quotes",
    "x = 5 – 3": "keyboard.other",
    "x = 5\u00a0+ 3": "keyboard.other",
    "if True:\nprint(1)": "indent.expected",
    "if True:\n\tx = 1\n        y = 2": "indent.mixed",
    " x = 1": "indent.unexpected",
    "if True:\n    x = 1\n  y = 2": "indent.unmatched",
    'print("a': "quote.open",
    "print(\"a')": "quote.open",
    'x = """abc': "quote.triple",
    'f"{x"': "fstring.brace",
    "print((1)": "paren.open",
    "print(1))": "paren.extra",
    "print(1]": "paren.pair",
    "if x\n    print(1)": "colon.missing",
    'print "a"': "print.parens",
    "if x = 1:\n    pass": "equals.single",
    'print("a" b)': "comma.missing",
    "1 = x": "assign.left",
    "x = 007": "number.zeros",
    "x = 2abc": "number.name",
    "return 1": "return.outside",
    "break": "break.outside",
    "x = 5 \\ 2": "backslash",
    "f(a=1, 2)": "argument.order",
    ">>> x": "prompt.copied",
    "x = 1\nelse:\n    pass": "else.alone",
    "If True:\n    pass": "keyword.case",
    "class = 3": "keyword.name",
    "x = 1\nx++": "plus.plus",
    "if x =! 1:\n    pass": "compare.sign",
    "x = )": "paren.extra",
    "x = *": "syntax.other",
    "Print(1)": "name.case",
    "prnt(1)": "name.spelling",
    "print(Sophea)": "name.unknown",
    "ចេា = 1\nចោ": "name.look",
    "def f():\n    print(zz)\n    zz = 1\nf()": "name.local",
    '"a" + 1': "text.plus.number",
    '1 + "a"': "number.plus.text",
    "[1] + 1": "list.plus",
    "None + 1": "none.operand",
    "[1] - {}": "operand",
    '"a" < 1': "compare",
    "x = None\nx(2)": "call.none",
    "x = 5\nx(3)": "call.value",
    "len()": "call.extra",
    "def f(a): pass\nf()": "call.missing",
    "def f(a): pass\nf(1, 2)": "call.extra",
    "def f(a): pass\nf(b=1)": "call.keyword",
    "x = None\nx[0]": "none.index",
    "x = 5\nx[0]": "index.kind",
    'x = [1]\nx["a"]': "index.text",
    "for i in 5: pass": "loop.kind",
    'x = "abc"\nx[0] = "b"': "text.fixed",
    "range(2.5)": "whole.number",
    "len(5)": "len.kind",
    "{[1]: 2}": "key.list",
    "int([1])": "int.kind",
    'int("")': "int.empty",
    'int("3.5")': "int.point",
    'int("4,000")': "int.point",
    'int("abc")': "int.text",
    'float("a")': "float.text",
    "a, b = [1]": "unpack.few",
    "a, b = [1, 2, 3]": "unpack.many",
    "[1].remove(2)": "not.in.list",
    "range(1, 2, 0)": "range.step",
    "[1][5]": "index.range",
    "[].pop()": "empty.pop",
    '{}["a"]': "key.missing",
    "x = None\nx.foo": "none.attribute",
    "[1].appnd(2)": "attribute.spelling",
    "[1].zzzz": "attribute.unknown",
    "1 / 0": "divide.zero",
    "import nosuch": "module.missing",
    "from math import zzz": "import.name",
    'open("nofile")': "file.missing",
    "def f(): return f()\nf()": "recursion",
    "raise KeyboardInterrupt": "stopped",
    'raise RuntimeError("odd")': "other",
}


def _fail(program: str) -> tuple[BaseException, dict[str, Any]]:
    names: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # some programs are odd on purpose
            exec(compile(program, "<cell>", "exec"), names)  # noqa: S102
    except BaseException as error:
        return error, names
    raise AssertionError(f"{program!r} did not fail")


@pytest.mark.parametrize(("program", "symptom"), PROGRAMS.items())
def test_each_common_mistake_has_its_own_words(program: str, symptom: str) -> None:
    error, names = _fail(program)
    diagnosis = Doctor.explain(error, names)
    assert diagnosis.finding.id == symptom
    assert not re.search(r"\{\w+\}", "".join(diagnosis.lines()).replace("{number}", ""))


def test_no_symptom_of_the_table_is_left_untried() -> None:
    tried = {*PROGRAMS.values(), "fstring.other"}  # only from Python 3.12 on
    assert {row.id for row in TABLE} - tried == set()


@pytest.mark.parametrize("language", ["en", "km"])
def test_every_symptom_has_three_lines_of_few_words(language: str) -> None:
    texts = {
        e.msgid: e.msgstr
        for e in polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "widgets.po"))
    }
    for symptom in {row.id for row in TABLE} | set(PROGRAMS.values()):
        lines = [texts[f"doctor.{symptom}.{part}"] for part in ("what", "why", "next")]
        assert len(" ".join(lines).split()) <= 60, symptom


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"for{ZERO_WIDTH_SPACE}i{ZERO_WIDTH_SPACE}in x:", "for i in x:"),
        (f"print({ZERO_WIDTH_SPACE}1)", "print(1)"),
        ("x = ១២", "x = 12"),
        ('print("១២។")', 'print("១២។")'),
        ("print(“១២។”)", 'print("១២។")'),
        ("print(‘it’) # “x", "print('it') # \"x"),
        ("x = 6 ÷ 2", "x = 6 / 2"),
    ],
)
def test_a_line_is_repaired_outside_its_quotes_only(typed: str, meant: str) -> None:
    assert clean(typed) == meant


def test_the_repaired_line_runs() -> None:
    names: dict[str, Any] = {}
    error, _ = _fail("x = ១២ × ៣")
    repaired = examine(error, {}, "x = ១២ × ៣").repaired
    assert repaired is not None
    exec(repaired, names)  # noqa: S102
    assert names["x"] == 36


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> InteractiveShell:
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(colors="nocolor")
    made.run_line_magic("load_ext", "widgets")
    capsys.readouterr()
    return made


def test_it_is_quiet_while_the_code_is_right(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell("x = 1\nprint(x)").success
    assert capsys.readouterr().out == "1\n"


def test_a_cell_that_fails_still_counts_as_failed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("print(Sophea)")
    assert isinstance(result.error_in_exec, NameError)
    shown = capsys.readouterr().out
    assert "Python does not know the name `Sophea`" in shown
    assert "NameError: name 'Sophea' is not defined" in shown
    assert "Traceback" not in shown


def test_a_test_s_own_message_is_shown_as_it_is(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("assert 1 == 2, 'What happened: one is not two.\\n[week01/one]'")
    assert capsys.readouterr().out.strip() == "What happened: one is not two.\n[week01/one]"


def test_syntax_errors_are_explained_inside_keep_too(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%%keep card\nprint('a)")
    shown = capsys.readouterr().out
    assert "has no closing quote" in shown
    assert "1: print('a)" in shown


def test_nothing_of_the_learner_s_becomes_markup() -> None:
    error, names = _fail('{}["<img src=x onerror=alert(1)>"]')
    page = Doctor.explain(error, names)._repr_html_()
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_broken_exception_still_shows_python_s_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(
        "class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Odd()"
    )
    assert "Odd" in capsys.readouterr().out
    assert shell.run_cell("print(Sophea)").error_in_exec is not None
    assert "Python does not know" in capsys.readouterr().out
