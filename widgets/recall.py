"""`Recall`: five things from earlier weeks come back, so that they stay.

The published schedule: two items of last week, two of three weeks ago, one older; where a week has
none yet, the nearest earlier one steps in. A day on which she recalls counts once, whatever she
answered: credit is for coming back, and nothing is taken away.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from widgets import answers
from widgets.questions import Question, Value
from widgets.quiz import Quiz

RECALL_FILE = "recall.toml"
A_SESSION = 5


class RecallError(Exception):
    """recall.toml is missing or holds an item that can't be asked."""


class Recall(Quiz):
    """The items of one session. `answer("recall-week02")` is `{item id: value}`."""

    kind = "recall"
    parts = ("card", "questions", "quiz")

    def __init__(self, week: str, file: str | Path = RECALL_FILE) -> None:
        number = _number(week)
        self.identity = f"recall-{week}"
        self.days: tuple[str, ...] = tuple(answers.record(self.identity).get("days", ()))
        super().__init__(self.identity, choose(read_items(Path(file)), number))

    def _record(self, old: answers.Record, question: str, value: Value) -> answers.Record:
        days = sorted({*old.get("days", ()), date.today().isoformat()})
        self.days = tuple(days)
        return {**super()._record(old, question, value), "days": days}

    def view(self) -> dict[str, Any]:
        return {**super().view(), "days": len(self.days)}


def read_items(path: Path) -> list[tuple[int, Question]]:
    """The items of a recall file with the week each was learned in."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("item", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecallError(f"{path.resolve()} can't be read: {error}") from error
    return [(_week_of(entry, path), _question(entry, path)) for entry in entries]


def choose(items: Iterable[tuple[int, Question]], week: int) -> list[Question]:
    """Up to five items for `week`: two of the last, two of three weeks ago, the rest older."""
    earlier = sorted((pair for pair in items if pair[0] < week), key=lambda pair: -pair[0])
    chosen: list[Question] = []
    for wanted, count in ((week - 1, 2), (week - 3, 2), (week - 4, 1)):
        nearest = [q for w, q in earlier if w <= wanted and q not in chosen]
        chosen += nearest[:count]
    spare = [q for _, q in earlier if q not in chosen]
    return chosen + spare[: A_SESSION - len(chosen)]


def _question(entry: dict[str, Any], path: Path) -> Question:
    known: Sequence[str] = ("id", "prompt", "choices", "right", "replies", "kind", "code")
    missing = {"id", "prompt"} - set(entry)
    if missing:
        raise RecallError(f"{path}: an item lacks {', '.join(sorted(missing))}: {entry}")
    return Question(**{key: entry[key] for key in known if key in entry})


def _week_of(entry: dict[str, Any], path: Path) -> int:
    if not isinstance(entry.get("week"), int):
        raise RecallError(f"{path}: item {entry.get('id')!r} doesn't say its week (a number).")
    return int(entry["week"])


def _number(week: str) -> int:
    found = re.fullmatch(r"week0*(\d+)", week)
    if not found:
        raise RecallError(f"Recall takes a week such as 'week02', not {week!r}.")
    return int(found[1])
