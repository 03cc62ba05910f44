"""The sheet that the turtles draw on, and when it is shown: below the cell that drew on it."""

from __future__ import annotations

import sys
from typing import Any

from widgets.drawing import Drawing


class Desk:
    """The sheet that all turtles draw on, and when to show it."""

    def __init__(self) -> None:
        self.sheet = Drawing()
        self.shown = False
        self.generation = object()  # turtles of an older sheet start at home
        self.speed = 6
        self.watching: Any = None

    def open(self) -> Drawing:
        """The sheet to draw on: a new one when the last was shown."""
        self._watch_cells()
        if self.shown:
            self.clear()
        return self.sheet

    def clear(self) -> None:
        self.sheet = Drawing()
        self.shown = False
        self.generation = object()

    def show(self) -> None:
        """Display the drawing once."""
        if self.shown or not self.sheet.marks:
            return
        self.shown = True
        if self.watching is not None:
            from IPython.display import display  # noqa: PLC0415  (headless drawings need neither)

            from widgets.picture import Picture  # noqa: PLC0415

            display(Picture(self.sheet, self.speed))  # type: ignore[no-untyped-call]

    def _watch_cells(self) -> None:
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if shell is not None and shell is not self.watching:
            shell.events.register("post_run_cell", lambda *_: self.show())
            self.watching = shell


desk = Desk()
