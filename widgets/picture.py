"""`Picture`: a turtle's drawing in the page: it draws itself stroke by stroke, and stays as SVG."""

from __future__ import annotations

from typing import Any

from widgets.card import Card, title
from widgets.drawing import Drawing, Fill, Line, Mark, Word
from widgets.language import Said, word, words
from widgets.sheet import Sheet


class Picture(Card):
    """Shows `drawing`. `speed` is the turtle's: 1 slow to 10 fast, 0 all at once."""

    kind = "turtle"

    def __init__(self, drawing: Drawing, speed: int = 6) -> None:
        self.drawing = drawing
        self.speed = speed
        super().__init__()

    def label(self) -> str:
        """The drawing in words, for who can't see it."""
        colours = ", ".join(sorted(self.drawing.colours))
        lines = words("turtle.lines", len(self.drawing.lines))
        return word("turtle.label", lines=lines, colours=colours or "–")

    def view(self) -> dict[str, Any]:
        left, bottom, right, top = self.drawing.box()
        return {
            "box": [round(n, 2) for n in (left, -top, right - left, top - bottom)],
            "background": self.drawing.background,
            "marks": [_compact(mark) for mark in self.drawing.marks],
            "speed": self.speed,
            "label": self.label(),
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title("turtle"))
        return sheet.say(Said(self.label(), sheet.lang))

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**options)
        del data["text/html"]  # the picture itself is the better form without script
        return {**data, "image/svg+xml": self.drawing.svg(self.label(), self.speed)}, metadata


def _compact(mark: Mark) -> list[Any]:
    if isinstance(mark, Line):
        (x, y), (x2, y2) = mark.start, mark.end
        return ["l", _r(x), _r(-y), _r(x2), _r(-y2), mark.colour, mark.width]
    if isinstance(mark, Fill):
        return ["f", [[_r(x), _r(-y)] for x, y in mark.corners], mark.colour]
    x, y = mark.at
    if isinstance(mark, Word):
        return ["w", _r(x), _r(-y), mark.colour, mark.text, mark.size, mark.align]
    return ["d", _r(x), _r(-y), mark.colour, mark.size]


def _r(number: float) -> float:
    return round(number, 2) + 0.0
