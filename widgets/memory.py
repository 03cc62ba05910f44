"""`Memory`: names and boxes, as they are now: which names hold the same list."""

from __future__ import annotations

from typing import Any

from widgets.boxes import Boxes, Shown
from widgets.card import Card, title
from widgets.language import Said, word
from widgets.sheet import Sheet


class Memory(Card):
    """A picture of the given names: `Memory(a=a, b=b)`."""

    kind = "memory"
    parts = ("card", "boxes", "memory")

    def __init__(self, **names: Any) -> None:
        boxes = Boxes()
        self.shown: dict[str, Shown] = {name: boxes.show(value) for name, value in names.items()}
        self.boxes = boxes.boxes
        super().__init__()

    def shared(self) -> list[list[str]]:
        """Groups of names that hold the very same box."""
        groups: dict[int, list[str]] = {}
        for name, shown in self.shown.items():
            if "box" in shown:
                groups.setdefault(shown["box"], []).append(name)
        return [names for names in groups.values() if len(names) > 1]

    def view(self) -> dict[str, Any]:
        return {
            "names": self.shown,
            "boxes": {str(number): box for number, box in self.boxes.items()},
            "shared": [word("memory.shared", names=", ".join(names)) for names in self.shared()],
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title("memory"))
        rows = [[name, "→", _text(shown)] for name, shown in self.shown.items()]
        for number, box in self.boxes.items():
            inner = ", ".join(
                _text(value)
                if key is None or box["type"] in ("list", "tuple")
                else f"{_text(key)}: {_text(value)}"
                for key, value in box["items"]
            )
            rows.append([f"({number})", box["type"], inner + (", …" if box["more"] else "")])
        sheet.table([word("memory.name"), "", word("memory.value")], rows)
        for names in self.shared():
            sheet.say(Said(word("memory.shared", names=", ".join(names)), sheet.lang))
        return sheet


def _text(shown: Shown) -> str:
    return f"({shown['box']})" if "box" in shown else str(shown["text"])
