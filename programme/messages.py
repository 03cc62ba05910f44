"""Texts by id, in English and Khmer, from messages.toml and messages-<topic>.toml."""

from __future__ import annotations

import functools
import tomllib
from datetime import date
from pathlib import Path

from programme.course import Both

FOLDER = Path(__file__).parent


def message(message_id: str, **fields: object) -> Both:
    """The text with its fields filled in. A field may be a Both: each language gets its own. A
    date is written as people write it: 8 December 2026.

    Raises KeyError for an unknown id or a field that is not given: ids are written by us only.
    """
    text = catalogue()[message_id]
    return Both(
        en=text.en.format(**{name: _in(value, "en") for name, value in fields.items()}),
        km=text.km.format(**{name: _in(value, "km") for name, value in fields.items()}),
    )


@functools.cache
def catalogue() -> dict[str, Both]:
    """All texts, unfilled."""
    files = sorted(FOLDER.glob("messages*.toml"))
    texts = (tomllib.loads(file.read_text(encoding="utf-8")) for file in files)
    return {message_id: Both(**both) for one in texts for message_id, both in one.items()}


def _in(value: object, language: str) -> object:
    if isinstance(value, date):
        month = catalogue()[f"month.{value.month}"].in_language(language)
        return f"{value.day} {month} {value.year}"
    return value.in_language(language) if isinstance(value, Both) else value
