"""`say`: the message of a test, in the reader's language, from `messages.toml` beside the notebook.

Rule: `say` never raises, for it is called while a test fails. A missing file, id, language or field
gives readable text that still carries the id.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from widgets.language import language, word

MESSAGES_FILE = "messages.toml"
_LONGEST_FIELD = 300


class _Fields(string.Formatter):
    """Fills `{name}` and nothing else: no attributes, no indexes, no conversions."""

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[str, str]:
        text = kwargs[field_name] if field_name in kwargs else "{" + field_name + "}"
        return text, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        del format_spec
        return str(value)


def say(identity: str, **fields: object) -> str:
    """The message `identity`, for `assert condition, say("card.no-quotes", got=text)`.

    Three lines (what happened, why, next step) and a last line with the id and the week.
    """
    folder = Path.cwd()
    entry = _entry(folder / MESSAGES_FILE, identity)
    filled = {name: _short(value) for name, value in fields.items()}
    lines = [
        f"{word('say.' + part)} {_fill(entry[part], filled)}"
        for part in ("what", "why", "next")
        if entry.get(part)
    ]
    if not lines:
        lines = [word("say.missing"), *(f"{name} = {text}" for name, text in filled.items())]
    return "\n".join([*lines, f"[{folder.name}/{identity}]"])


def _entry(path: Path, identity: str) -> dict[str, str]:
    found = _read(path).get(identity)
    if not isinstance(found, dict):
        return {}
    for lang in (language(), "en", "km"):
        texts = found.get(lang)
        if isinstance(texts, dict) and texts:
            return {part: str(text) for part, text in texts.items()}
    return {}


def _read(path: Path) -> dict[str, Any]:
    try:
        return _parse(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


@functools.lru_cache(maxsize=4)
def _parse(path: Path, changed_ns: int) -> dict[str, Any]:
    del changed_ns  # part of the key: an edited file is read again
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _fill(template: str, fields: Mapping[str, str]) -> str:
    try:
        return _Fields().vformat(template, (), fields)
    except (ValueError, IndexError, KeyError):
        return template


def _short(value: object) -> str:
    try:
        text = str(value)
    except Exception:  # a learner's own __str__ may raise anything
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST_FIELD else text[: _LONGEST_FIELD - 1] + "…"
