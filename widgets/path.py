"""`Path`: where she is in the course, what is done, and what her effort has earned.

Rule: never a ranking. Badges are for effort (days of practice, guesses dared, help asked for,
coming back), and the streak counts weeks, forgiving one that was missed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path as Folder
from typing import Any

from widgets import answers
from widgets.card import Card, title
from widgets.language import Said, Text, pick, word
from widgets.sheet import Sheet

WEEKS = 15
_WEEK = re.compile(r"week0*(\d{1,2})")


class Path(Card):
    """The way through `weeks` (titles), read from the answers in the folders beside this one."""

    kind = "path"

    def __init__(self, weeks: Sequence[Text] | None = None, *, here: int | None = None) -> None:
        self.titles = (
            list(weeks)
            if weeks is not None
            else [word("path.week", number=n + 1) for n in range(WEEKS)]
        )
        self.here = here if here is not None else _number(Folder.cwd())
        self.kept = {
            number: answers.read(folder)
            for folder in Folder.cwd().parent.iterdir()
            if folder.is_dir() and (number := _number(folder)) is not None
        }
        super().__init__()

    def begun(self) -> set[int]:
        """Weeks in which she answered something."""
        return {number for number, kept in self.kept.items() if kept}

    def streak(self) -> int:
        """Weeks in a row up to the last begun one; a single missed week doesn't end it."""
        begun = self.begun()
        count, missed = 0, 0
        for number in range(max(begun, default=0), 0, -1):
            if number in begun:
                count, missed = count + 1, 0
            elif (missed := missed + 1) > 1:
                break
        return count

    def badges(self) -> list[tuple[str, int]]:
        """Effort, counted: `(badge, count)` for what she has at least once."""
        records = [one for kept in self.kept.values() for one in kept.values()]
        counts = {
            "days": len({str(one.get("at", ""))[:10] for one in records} - {""}),
            "guesses": sum(one.get("kind") == "predict" for one in records),
            "help": sum(one.get("kind") == "hints" for one in records),
            "back": sum(len(one.get("days", ())) for one in records if one.get("kind") == "recall"),
            "tries": sum(
                int(one.get("tries", 0)) for one in records if one.get("kind") == "parsons"
            ),
        }
        return [(badge, count) for badge, count in counts.items() if count]

    def view(self) -> dict[str, Any]:
        begun = self.begun()
        return {
            "weeks": [
                [*pick(t).pair(), self._mark(n, begun)] for n, t in enumerate(self.titles, 1)
            ],
            "here": self.here,
            "streak": word("path.streak", weeks=self.streak()),
            "badges": [[badge, word(f"path.badge.{badge}", count=n)] for badge, n in self.badges()],
        }

    def _mark(self, number: int, begun: set[int]) -> str:
        if number == self.here:
            return "here"
        return "begun" if number in begun else "ahead"

    def sheet(self) -> Sheet:
        sheet = Sheet(title("path"))
        begun = self.begun()
        marks = {"here": "▶", "begun": "✓", "ahead": "·"}
        sheet.items(
            [(f"{marks[self._mark(n, begun)]} {n}", t) for n, t in enumerate(self.titles, 1)]
        )
        for badge, count in self.badges():
            sheet.say(Said(word(f"path.badge.{badge}", count=count), sheet.lang))
        return sheet


def _number(folder: Folder) -> int | None:
    found = _WEEK.fullmatch(folder.name)
    return int(found[1]) if found else None
