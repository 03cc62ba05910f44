"""`Hints`: the ladder of an exercise: a nudge, a worked example, nearly the answer.

Opening a rung is recorded, so that the course learns where its exercises are steep; it never costs
marks. Rule: rungs open in order, and the last one also says to ask a sister.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from widgets import answers
from widgets.card import Card, RefusedError, title
from widgets.language import Said, Text, pick, word
from widgets.sheet import Sheet

HINTS_FILE = "hints.toml"
NAMES = ("nudge", "example", "nearly")


class HintsError(Exception):
    """An exercise has no ladder, or not three rungs."""


class Hints(Card):
    """Three rungs, given here or in hints.toml: `["w01-w1"]`, `en = [a, b, c]`, `km = […]`."""

    kind = "hints"
    actions = ("open",)

    def __init__(self, id: str, rungs: Sequence[Text] | None = None) -> None:
        self.id = id
        self.rungs = list(rungs) if rungs is not None else read_rungs(Path(HINTS_FILE), id)
        if len(self.rungs) != len(NAMES):
            raise HintsError(f"{id}: a ladder has three rungs, this one {len(self.rungs)}.")
        kept = answers.answer(self.key)
        self.opened: int = kept if isinstance(kept, int) and 0 <= kept <= len(NAMES) else 0
        super().__init__()

    @property
    def key(self) -> str:
        """Where it is recorded: an exercise's hints are not its answer."""
        return f"{self.id}.hints"

    def open_next(self) -> str:
        """Open the next rung, as the page does, and return its text."""
        self.opened = min(self.opened + 1, len(NAMES))
        answers.keep(
            self.key,
            lambda old: {"kind": "hints", "value": max(self.opened, int(old.get("value", 0)))},
        )
        self.redraw()
        return pick(self.rungs[self.opened - 1]).text

    def do_open(self, rung: Any) -> None:
        """The page: she opens rung number `rung`. A report that comes twice opens it once."""
        if not isinstance(rung, int) or not 1 <= rung <= self.opened + 1:
            raise RefusedError(word("common.unreadable"))
        if rung == self.opened + 1:
            self.open_next()

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "names": [word(f"hints.{name}") for name in NAMES],
            "open": [pick(rung).pair() for rung in self.rungs[: self.opened]],
        }

    def sheet(self) -> Sheet:
        """Only what she opened: paper doesn't give the answer away."""
        sheet = Sheet(title("hints"))
        if not self.opened:
            return sheet.say(Said(word("hints.paper"), sheet.lang))
        for name, rung in zip(NAMES, self.rungs[: self.opened], strict=False):
            sheet.say(Said(word(f"hints.{name}"), sheet.lang)).say(rung)
        return sheet


def read_rungs(path: Path, identity: str) -> list[Text]:
    """The ladder of `identity` in a hints file, each rung in the languages it has."""
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8")).get(identity)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HintsError(f"{path.resolve()} can't be read: {error}") from error
    if not isinstance(entry, dict) or not entry.get("en"):
        raise HintsError(f"{path} has no ladder for {identity!r}.")
    columns = {lang: rungs for lang, rungs in entry.items() if len(rungs) == len(entry["en"])}
    return [{lang: column[i] for lang, column in columns.items()} for i in range(len(entry["en"]))]
