"""Does `%%keep` run a cell as usual and keep what it printed?"""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from widgets.keep import register


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> InteractiveShell:
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(colors="nocolor")
    register(made)  # as importing widgets does in a running notebook
    capsys.readouterr()
    return made


def test_it_shows_and_keeps(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run_cell("%%keep card\nname = 'ស្រី'\nprint(name)\nprint(2, end='')").success
    assert capsys.readouterr().out == "ស្រី\n2"
    assert shell.user_ns["card"] == "ស្រី\n2"
    assert type(shell.user_ns["card"]) is str
    assert shell.user_ns["name"] == "ស្រី"


def test_a_last_value_is_displayed_and_not_kept(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%%keep card\nprint('a')\n1 + 1")
    assert "2" in capsys.readouterr().out
    assert shell.user_ns["card"] == "a\n"
    assert shell.user_ns["_"] == 2


def test_an_error_is_shown_and_leaves_the_text_so_far(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%keep card\nprint('so far')\nprint(nothing)")
    assert isinstance(result.error_in_exec, NameError)
    assert shell.user_ns["card"] == "so far\n"
    shown = capsys.readouterr().out
    assert "----> 2 print(nothing)" in shown
    assert "keep.py" not in shown


def test_a_cell_that_can_t_be_read_leaves_empty_text(shell: InteractiveShell) -> None:
    shell.user_ns["card"] = "old"
    assert not shell.run_cell("%%keep card\nprint('a").success
    assert shell.user_ns["card"] == ""


def test_magics_and_multi_line_text_work_inside(shell: InteractiveShell) -> None:
    assert shell.run_cell('%%keep card\n%precision 2\nprint("""a\n b""")').success
    assert shell.user_ns["card"] == "a\n b\n"


@pytest.mark.parametrize("line", ["", "two names", "1a", "a.b"])
def test_it_needs_one_name(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert not shell.run_cell(f"%%keep {line}\nprint(1)").success
    assert "needs the name of one variable" in capsys.readouterr().out
