"""The autograder's own words for what it recognises in a failed cell, by id, in two languages."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

LANGUAGE_VARIABLE = "SOC_LANGUAGE"
_ID_LINE = re.compile(r"^\s*\[[\w./-]+\]\s*$")
_CHARACTER = re.compile(
    r"character(?: '.')? \(?(U\+[0-9A-F]+)|non-printable character (U\+[0-9A-F]+)"
)
# Ids of what a keyboard types in place of code, with the characters.
KEYBOARD = {
    "khmer-space": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0",
    "khmer-digit": "០១២៣៤៥៦៧៨៩",
    "khmer-stop": "។៕៖ៗ៛",
    "curly-quote": "“”„«»‘’‚",
    "khmer-keyboard": "",  # any other
}


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, str]]:
    with (Path(__file__).parent / "messages.toml").open("rb") as file:
        return tomllib.load(file)


def say(identity: str, language: str | None = None, **fields: str) -> str:
    """The text `identity` in `language` (default: the environment's), with its fields filled in."""
    texts = _table()[identity]
    wanted = language or os.environ.get(LANGUAGE_VARIABLE, "en")
    return texts.get(wanted, texts["en"]).format_map(fields)


def has_identity(message: str) -> bool:
    """Whether a message is one of the course's own: its last line is an id in brackets."""
    lines = message.strip().splitlines()
    return bool(lines) and _ID_LINE.match(lines[-1]) is not None


def recognise(name: str, text: str) -> tuple[str, dict[str, str]]:  # noqa: PLR0911 - a table
    """Id and fields of our words for the error `name` with the text `text`."""
    if name in ("CellTimeoutError", "ProgramTookTooLong", "KeyboardInterrupt"):
        return "cell-time", {}
    if name == "ProgramStopped":
        return (text if text in _table() else "program-ended"), {}
    if name == "NameError":
        found = re.search(r"name '([^']*)'", text)
        return "no-name", {"name": found.group(1) if found else "?"}
    if name == "NotImplementedError":
        return "not-yet", {}
    if name in ("SyntaxError", "IndentationError"):
        character = _CHARACTER.search(text)
        if character:
            return _keyboard(next(filter(None, character.groups())))
    if name == "StdinNotImplementedError":
        return "no-input", {}
    if name == "UnexpectedObject":
        return "unexpected-object", {}
    if "NoneType" in text or re.search(r"\bNone\b", text):
        return "returned-none", {}
    return "test-failed", {"error": name}


def _keyboard(code: str) -> tuple[str, dict[str, str]]:
    """Words for a character, given as `U+17E5`, that is no part of Python."""
    character = chr(int(code.removeprefix("U+"), 16))
    identity = next((i for i, those in KEYBOARD.items() if character in those), "khmer-keyboard")
    return identity, {"name": f"{character} {code}" if character.isprintable() else code}
