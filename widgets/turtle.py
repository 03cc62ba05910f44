"""`turtle` for a notebook, with the field's names: write `from widgets import turtle`.

The drawing appears below the cell that made it, and stays in the saved notebook. Rule: each cell
begins with an empty sheet, and the turtles at home; `drawing()` is the latest one, for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widgets.desk import desk
from widgets.drawing import Drawing, TurtleError
from widgets.pen import Turtle

__all__ = ["Pen", "Screen", "Turtle", "TurtleError", "draw", "drawing", "keep"]


class _Screen:
    """What books ask of the window; there is only the sheet."""

    def bgcolor(self, *colours: Any) -> str:
        """The colour of the sheet."""
        return _default().bgcolor(*colours)

    def colormode(self, most: float | None = None) -> float:
        """Whether red, green and blue go up to 1.0 or to 255."""
        return _default().colormode(most)

    def _nothing(self, *_: Any, **__: Any) -> None:
        """A window has sizes, titles and a clock; a sheet grows with its drawing."""

    setup = screensize = title = tracer = update = _nothing

    def show(self) -> None:
        """Show the drawing now."""
        desk.show()

    mainloop = exitonclick = done = show


Pen = Turtle
_first: list[Turtle] = []


def _default() -> Turtle:
    if not _first:
        _first.append(Turtle())
    return _first[0]


def Screen() -> _Screen:  # noqa: N802  (the field's name)
    """The window of a school book."""
    return _Screen()


def drawing() -> Drawing:
    """The latest drawing: `drawing().is_closed()`, `.sides()`, `.colours`, …"""
    return desk.sheet


def draw(steps: Callable[..., Any], *arguments: Any) -> Drawing:
    """The drawing that `steps(*arguments)` makes on an empty sheet. Nothing is shown.

    For tests of a learner's function. What was drawn before, and the turtles, come back after it.
    """
    before = desk.sheet, desk.shown, desk.generation
    first = _first[:]
    _first.clear()
    desk.clear()
    try:
        steps(*arguments)
        return desk.sheet
    finally:
        desk.sheet, desk.shown, desk.generation = before
        _first[:] = first


def keep() -> Drawing:
    """The drawing so far, to compare or test later; what is drawn from now on isn't in it."""
    return Drawing(list(desk.sheet.marks), desk.sheet.background)


def __getattr__(name: str) -> Callable[..., Any]:
    """`forward(100)` without a turtle of one's own moves the first one, as the field's does."""
    for owner in (Turtle, _Screen):
        if not name.startswith("_") and hasattr(owner, name):
            bound: Callable[..., Any] = getattr(_default() if owner is Turtle else _Screen(), name)
            return bound
    raise AttributeError(f"the turtle knows no {name!r}")


__all__ += [name for name in (*vars(Turtle), *vars(_Screen)) if not name.startswith("_")]
