"""Words of the club edition by id, in English and Khmer, from course/club/texts.toml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from programme.course import Both, read_both
from programme.toml_table import read_toml

BOTH = "both"  # where a language is asked for: Khmer and English


@cache  # the file doesn't change while one command runs
def texts(course: Path) -> dict[str, Both]:
    """All of them, unfilled. Raises CourseError that names the file and the key."""
    top = read_toml(course / "club" / "texts.toml")
    return {name: read_both(top, name) for name in top.data}


def text(course: Path, name: str, language: str, **fields: object) -> str:
    """One of them, filled in. A field that is a Both is taken in the same language."""
    said = {
        key: value.in_language(language) if isinstance(value, Both) else value
        for key, value in fields.items()
    }
    return texts(course)[name].in_language(language).format(**said)
