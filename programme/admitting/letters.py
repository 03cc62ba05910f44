"""Letters of invitation: her group, her name and code for the hub, and what to do first.

The code stands here and nowhere else: the hub keeps no form of it that can be read back. Khmer and
English are on one page, so that her family and her school can read it too.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import segno

from programme.admitting.enrolling import Placed
from programme.course import Both
from programme.messages import message
from programme.typesetting import typeset

TEMPLATE = Path(__file__).with_name("letter.typ")
LABELS = ("address", "username", "code")
STEPS = 3
CODE_DAYS = 30


@dataclass(frozen=True)
class Letter:
    """What one letter is about. `code` lets her choose her password, once."""

    placed: Placed
    code: str


def letters_pdf(letters: Sequence[Letter], address: str, made_at: datetime) -> bytes:
    """A page a letter. `address` is the hub's, without a slash at the end."""
    data = {
        "labels": [{"id": name, **_both(message(f"letter.{name}"))} for name in LABELS],
        "letters": [_letter(letter, address) for letter in letters],
    }
    return typeset(
        TEMPLATE, json.dumps(data, ensure_ascii=False), "pdf", made_at.replace(microsecond=0)
    )


def first_address(letter: Letter, address: str) -> str:
    """Where she chooses her password, with her name and code filled in."""
    return f"{address}/hub/first?" + urlencode(
        {"username": letter.placed.username, "code": letter.code}
    )


def _letter(letter: Letter, address: str) -> dict[str, object]:
    placed = letter.placed
    picture = io.BytesIO()
    segno.make(first_address(letter, address), error="m").save(
        picture, kind="svg", border=2, xmldecl=False
    )
    facts = {"address": f"{address}/hub/first", "username": placed.username, "code": letter.code}
    return {
        "en": _words(placed, "en"),
        "km": _words(placed, "km"),
        "facts": facts,
        "qr": picture.getvalue().decode(),
    }


def _words(placed: Placed, language: str) -> dict[str, object]:
    """The letter's sentences in one language."""
    name = placed.name_km if language == "km" else placed.name_latin
    group = placed.group
    fields = {
        "name": name or placed.name_latin or placed.name_km,
        "cohort": group.cohort,
        "group": group.name,
        "place": group.place,
        "starts": placed.starts_on.strftime("%d/%m/%Y"),
        "days": CODE_DAYS,
    }

    def say(what: str) -> str:
        return message(f"letter.{what}", **fields).in_language(language)

    return {
        "title": say("title"),
        "greeting": say("greeting"),
        "place": say(group.mode),
        "first": say("first"),
        "steps": [say(f"step{number}") for number in range(1, STEPS + 1)],
    }


def _both(text: Both) -> dict[str, str]:
    return {"en": text.en, "km": text.km}
