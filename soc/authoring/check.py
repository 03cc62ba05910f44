"""All rules over one week, and what they find."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nbformat

from soc.authoring.findings import Finding
from soc.authoring.rules import RULES
from soc.authoring.week import NOTEBOOKS, Week


def check(week: Week) -> list[Finding]:
    """Everything that the rules find, in the order of the rules.

    When a file is missing or can't be read, only that is said: the rules need all files.
    """
    broken = unreadable(week)
    return broken or [finding for rule in RULES for finding in rule.findings(week)]


def unreadable(week: Week) -> list[Finding]:
    """Files that a week must have and that aren't there, or aren't notebooks or TOML."""
    found = []
    for name in (*(f"{one}.ipynb" for one in NOTEBOOKS), "messages.toml", "hints.toml"):
        if not (week.source / name).is_file():
            found.append(_broken(week, week.source / name, "this file is missing"))
    for notebook in sorted(week.source.glob("*.ipynb")):
        try:
            nbformat.read(notebook, as_version=4)
        except Exception as error:  # nbformat raises JSON's, its own and a validator's
            found.append(_broken(week, notebook, f"it is no notebook: {_first_line(error)}"))
    for file in sorted((*week.source.glob("*.toml"), *week.mistakes_folder.glob("*.toml"))):
        try:
            tomllib.loads(file.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            found.append(_broken(week, file, f"it can't be read: {_first_line(error)}"))
    return found


def _broken(week: Week, file: Path, what: str) -> Finding:
    return Finding(
        "readable",
        file.relative_to(week.course).as_posix(),
        None,
        "",
        what,
        "Without this file, nothing else about the week can be said.",
        "Put it right, or copy it from week 2, and check again.",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
