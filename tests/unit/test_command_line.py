"""The command line starts light: importing nbgrader costs seconds, and is often not needed."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from soc.cli import VERBS, soc

HEAVY = ("nbgrader", "jupyter_server", "jupyterhub", "IPython", "pandas")
REPORT = f"""
import sys
from soc.cli import soc
try:
    soc.main(sys.argv[1:])
finally:
    print("imported:", *[name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "words", [["--help"], ["status", "--help"], ["graduate", "--help"], ["export", "--help"]]
)
def test_what_reads_only_starts_without_nbgrader(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *words], capture_output=True, text=True, check=True
    )
    assert "Usage:" in done.stdout
    assert done.stdout.splitlines()[-1].strip() == "imported:"


def test_every_verb_is_where_the_list_says() -> None:
    with click.Context(soc) as context:
        for name in VERBS:
            command = soc.get_command(context, name)
            assert command is not None
            assert command.name == name
