"""`Swap`: two at one computer: who drives, who navigates, and when they change."""

from __future__ import annotations

from typing import Any

from widgets.card import Card, title
from widgets.language import Said, word
from widgets.sheet import Sheet


class Swap(Card):
    """A timer for a pair. It runs in the page; nothing is kept."""

    kind = "swap"

    def __init__(self, minutes: float = 7, *, rounds: int = 4) -> None:
        if not 0 < minutes <= 60 or not 1 <= rounds <= 20:
            raise ValueError("Swap takes 0 to 60 minutes and 1 to 20 rounds.")
        self.minutes = minutes
        self.rounds = rounds
        super().__init__()

    def view(self) -> dict[str, Any]:
        return {"seconds": round(self.minutes * 60), "rounds": self.rounds}

    def sheet(self) -> Sheet:
        sheet = Sheet(title("swap"))
        text = word("swap.paper", minutes=f"{self.minutes:g}", rounds=self.rounds)
        return sheet.say(Said(text, sheet.lang))
