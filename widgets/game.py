"""`Game`: a small game on a canvas, from three functions a learner can write.

The page reports a key, a tap or a tick; Python calls her function, then `draw(sheet)`, and the page
shows the sheet. Rules: one event at a time, so a slow line makes the game slower and never wild;
nothing moves before she presses Start; an error in her function stops the game and is explained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from widgets.card import Card, RefusedError, title
from widgets.doctor import Doctor
from widgets.drawing import colour
from widgets.language import Said, word
from widgets.sheet import Sheet

KEYS = ("left", "right", "up", "down", "space")
MOST_SHAPES = 500
_LONGEST_TEXT = 200


class GameError(Exception):
    """The game was asked to draw or to be something that can't be."""


@dataclass
class Canvas:
    """What `draw` draws on: x grows to the right, y downwards, colours as the turtle's."""

    width: int
    height: int
    shapes: list[list[Any]] = field(default_factory=list)
    spoken: str = ""

    def circle(self, x: float, y: float, radius: float, fill: object = "black") -> None:
        """A filled circle around its middle."""
        self._add("circle", [x, y, radius], fill)

    def rect(self, x: float, y: float, width: float, height: float, fill: object = "black") -> None:
        """A filled rectangle from its upper left corner."""
        self._add("rect", [x, y, width, height], fill)

    def line(self, x: float, y: float, x2: float, y2: float, ink: object = "black") -> None:
        """A straight line."""
        self._add("line", [x, y, x2, y2], ink)

    def text(self, x: float, y: float, text: object, ink: object = "black", size: int = 16) -> None:
        """Words, from their lower left corner."""
        self._add("text", [x, y, size], ink, str(text)[:_LONGEST_TEXT])

    def say(self, text: object) -> None:
        """A line below the canvas, read aloud for who can't see it: the score, what happened."""
        self.spoken = str(text)[:_LONGEST_TEXT]

    def _add(self, kind: str, numbers: list[float], ink: object, *more: str) -> None:
        if len(self.shapes) >= MOST_SHAPES:
            raise GameError(f"One picture has at most {MOST_SHAPES} shapes. Is a loop too long?")
        if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers):
            raise GameError(f"A {kind} needs numbers, and got {numbers}.")
        self.shapes.append([kind, *(round(n, 2) for n in numbers), colour(ink), *more])


class Game(Card):
    """`draw(sheet)` draws; `on_key(key)`, `on_tap(x, y)` and `on_tick()` change her variables.

    Keys are left, right, up, down and space. `per_second` is how often `on_tick` is called. Without
    a page, `press`, `tap` and `tick` play it, and `sheet_now` is the picture.
    """

    kind = "game"
    actions = ("key", "tap", "tick")

    def __init__(
        self,
        draw: Callable[[Canvas], None],
        *,
        on_key: Callable[[str], None] | None = None,
        on_tap: Callable[[float, float], None] | None = None,
        on_tick: Callable[[], None] | None = None,
        per_second: float = 8,
        width: int = 320,
        height: int = 240,
    ) -> None:
        if not (40 <= width <= 800 and 40 <= height <= 800 and 0 < per_second <= 20):
            raise GameError("A game is 40 to 800 wide and high and ticks up to 20 times a second.")
        self.draw = draw
        self.handlers = {"key": on_key, "tap": on_tap, "tick": on_tick}
        self.per_second = per_second
        self.size = (width, height)
        self.problem: str | None = None
        self.sheet_now = Canvas(width, height)
        self._play(None)
        super().__init__()

    def press(self, key: str) -> Canvas:
        """She presses a key. Raises what her own function raises."""
        return self._event("key", key)

    def tap(self, x: float, y: float) -> Canvas:
        """She taps or clicks at a place."""
        return self._event("tap", x, y)

    def tick(self) -> Canvas:
        """Time passes."""
        return self._event("tick")

    def _event(self, kind: str, *values: Any) -> Canvas:
        handler = self.handlers[kind]
        self._play(None if handler is None else lambda: handler(*values))
        self.redraw()
        return self.sheet_now

    def _play(self, act: Callable[[], None] | None) -> None:
        if act is not None:
            act()
        sheet = Canvas(*self.size)
        self.draw(sheet)
        self.sheet_now = sheet

    def do_key(self, key: Any) -> None:
        """The page: a key or its button was pressed."""
        if key not in KEYS:
            raise RefusedError(word("common.unreadable"))
        self._guarded("key", key)

    def do_tap(self, place: Any) -> None:
        """The page: the canvas was tapped."""
        width, height = self.size
        if not (
            isinstance(place, list)
            and len(place) == 2
            and all(isinstance(n, (int, float)) for n in place)
        ):
            raise RefusedError(word("common.unreadable"))
        self._guarded("tap", min(max(place[0], 0), width), min(max(place[1], 0), height))

    def do_tick(self, _: Any) -> None:
        """The page: time has passed."""
        self._guarded("tick")

    def _guarded(self, kind: str, *values: Any) -> None:
        try:
            self._event(kind, *values)
        except Exception as error:  # her function may raise anything; the page must hear of it
            self.problem = str(Doctor.explain(error))
            self.redraw()

    def view(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "shapes": self.sheet_now.shapes,
            "spoken": self.sheet_now.spoken,
            "handles": [kind for kind, handler in self.handlers.items() if handler is not None],
            "perSecond": self.per_second,
            "problem": self.problem,
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title("game"))
        sheet.say(Said(word("game.paper", shapes=len(self.sheet_now.shapes)), sheet.lang))
        if self.sheet_now.spoken:
            sheet.say(Said(self.sheet_now.spoken, sheet.lang))
        return sheet
