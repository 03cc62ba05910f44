"""What a check says: used, short, in three parts and two languages."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from programme.written import KHMER
from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week

LONGEST = 60  # words
PARTS = {"what", "why", "next"}
_SAID = re.compile(r'say\(\s*"([^"]+)"((?:,\s*\w+=)?[^\n]*)\)')


@rule(
    why="A check without its message shows a girl Python's words; an unused one is never seen.",
    do="Write the message in messages.toml, or take it out where no check says it.",
)
def messages_used(week: Week) -> Iterator[Spot]:
    """Messages that are said and not written, or written and never said."""
    said = {identity for _, identity, _ in _said(week)}
    for notebook, identity, cell in _said(week):
        if identity not in week.messages:
            yield at(week, notebook, cell, f"the message “{identity}” is not written")
    for identity in week.messages.keys() - said:
        yield Spot(week.source / "messages.toml", "no check says it", identity)


@rule(
    why="What happened, why, one next step, in her language: less leaves her alone, more is noise.",
    do="Write what, why and next in en and km. {fields} must be given where the check says it.",
)
def message_parts(week: Week) -> Iterator[Spot]:
    """Messages without their parts or languages, and fields that no check fills in."""
    file = week.source / "messages.toml"
    given: dict[str, set[str]] = {}
    for notebook, identity, cell in _said(week):
        fields = _fields_given(week, notebook, cell, identity)
        given[identity] = given.get(identity, fields) | fields
    for identity, languages in week.messages.items():
        for language in ("en", "km"):
            parts = languages.get(language, {})
            if set(parts) != PARTS:
                yield Spot(file, f"in {language} it has not the parts what, why, next", identity)
                continue
            for name in sorted(_fields(parts) - given.get(identity, set())):
                yield Spot(file, f"in {language}, no check gives {{{name}}}", identity)
            if language == "km" and not all(KHMER.search(part) for part in parts.values()):
                yield Spot(file, "a part in km is not Khmer", identity)


@rule(
    why="Who is stuck reads a few lines, and then asks somebody.",
    do="60 words at most. Leave out what the next step already says.",
)
def message_length(week: Week) -> Iterator[Spot]:
    """Messages of more than 60 words."""
    for identity, languages in week.messages.items():
        count = sum(len(part.split()) for part in languages.get("en", {}).values())
        if count > LONGEST:
            yield Spot(week.source / "messages.toml", f"it has {count} words", identity)


def _said(week: Week) -> Iterator[tuple[str, str, str]]:
    """Notebook, message and test cell of every `say`."""
    for notebook in NOTEBOOKS:
        for name, cell in week.checks(notebook).items():
            for match in _SAID.finditer(cell.source):
                yield notebook, match[1], name


def _fields_given(week: Week, notebook: str, cell: str, identity: str) -> set[str]:
    source = week.checks(notebook)[cell].source
    calls = [match[2] for match in _SAID.finditer(source) if match[1] == identity]
    return {name for call in calls for name in re.findall(r"(\w+)=", call)}


def _fields(parts: dict[str, str]) -> set[str]:
    formatter = string.Formatter()
    return {name for part in parts.values() for _, name, _, _ in formatter.parse(part) if name}


RULES = (messages_used, message_parts, message_length)
