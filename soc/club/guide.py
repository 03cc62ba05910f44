"""A leader guide: what to bring, say and draw in one session (course/club/guides)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from programme.club_plan import ClubPlan
from programme.toml_table import Table, read_toml

BOARD_COLUMNS = 84  # of the book's letters for code, between its margins
TEXTS = ("goal", "before", "board", "board_say", "laptops", "short", "close")


@dataclass(frozen=True)
class Step:
    """A part of the session: how long, what the leader does, what she says."""

    minutes: int
    title: str
    do: str
    say: str


@dataclass(frozen=True)
class Confusion:
    """What a leader sees, what the girl may think, and what helps."""

    see: str
    thinks: str
    helps: str


@dataclass(frozen=True)
class Guide:
    """One guide. `words` are (English, Khmer, meaning); texts may have **bold** and `code`."""

    goal: str
    before: str
    board: str
    board_say: str
    laptops: str
    short: str
    close: str
    bring: tuple[str, ...]
    no_power: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    confusions: tuple[Confusion, ...]


def read_guide(course: Path, club: ClubPlan, number: int) -> Guide:
    """The guide of session `number`. Raises CourseError that names file and key."""
    name = club.session(number).assignment
    top = read_toml(course / "club" / "guides" / f"{name}.toml")
    guide = Guide(
        **{key: top.text(key) for key in TEXTS},
        bring=top.texts("bring"),
        no_power=top.texts("no_power"),
        words=_words(top),
        steps=tuple(_step(table) for table in top.tables("step")),
        confusions=tuple(_confusion(table) for table in top.tables("confusion")),
    )
    top.done()
    widest = max(len(line) for line in guide.board.splitlines())
    if widest > BOARD_COLUMNS:
        raise top.error("board", f"is {widest} letters wide: a page has room for {BOARD_COLUMNS}")
    total = sum(step.minutes for step in guide.steps)
    if total != club.minutes:
        raise top.error("step", f"minutes add up to {total}: club.minutes asks for {club.minutes}")
    return guide


def _words(top: Table) -> tuple[tuple[str, ...], ...]:
    found = top.data.get("words")
    top.asked.add("words")
    rows = found if isinstance(found, list) else []
    good = [row for row in rows if isinstance(row, list) and len(row) == 3]
    if not rows or len(good) != len(rows) or not all(isinstance(t, str) for r in good for t in r):
        raise top.error("words", "must be rows of three texts: English, Khmer, meaning")
    return tuple(tuple(row) for row in good)


def _step(table: Table) -> Step:
    step = Step(
        table.whole("minutes", 1, 120), table.text("title"), table.text("do"), table.text("say")
    )
    table.done()
    return step


def _confusion(table: Table) -> Confusion:
    one = Confusion(table.text("see"), table.text("thinks"), table.text("helps"))
    table.done()
    return one
