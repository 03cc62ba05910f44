"""The states a widget can be in beyond its first display, and how she brings it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

from playwright.sync_api import Locator

from tests.browser.widgets import cells


@dataclass(frozen=True)
class State:
    """A widget's cell (by its name in `cells.ALL`), what to call the state, how it is reached."""

    cell: str
    name: str
    reach: Callable[[Locator], object]


def _first_option(widget: Locator) -> None:
    widget.locator(".soc-option input").first.check()


def _keep(widget: Locator) -> None:
    _first_option(widget)
    widget.locator("[data-key=main]").click()
    widget.locator(".soc-kept").wait_for()


def _answer(widget: Locator) -> None:
    _first_option(widget)
    widget.locator("button").first.click()
    widget.locator(".soc-reply").first.wait_for()


def _add_line(widget: Locator) -> None:
    widget.locator("[data-bench=pool] .soc-piece").first.click()
    widget.locator("[data-bench=program] .soc-line").first.wait_for()


def _try(widget: Locator) -> None:
    widget.locator("[data-key=try]").click()
    widget.locator(".soc-reply").first.wait_for()


def _open_rung(widget: Locator) -> None:
    widget.locator("button").first.click()
    widget.locator(".soc-said").first.wait_for()


def _agree(widget: Locator) -> None:
    widget.locator("[data-key=agree]").check()


def _send(widget: Locator) -> None:
    widget.locator("[data-key=send]").click()
    widget.locator(".soc-good").wait_for()


def _press(key: str) -> Callable[[Locator], None]:
    return lambda widget: widget.locator(f"[data-key='{key}']").first.click()


STATES = (
    State("predict", "chosen", _first_option),
    State("predict", "kept", _keep),
    State("predict", "changing", _press("main")),
    State("predict-number", "can't be read", lambda w: w.get_by_role("textbox").fill("?")),
    State("hints", "a rung open", _open_rung),
    State("parsons", "a line placed", _add_line),
    State("parsons", "tried", _try),
    State("quiz", "answered", _answer),
    State("recall", "answered", _answer),
    State("tracer", "playing", _press("play")),
    State("tracer", "last step", _press("tracer.last")),
    State("survey", "agreed", _agree),
    State("survey", "sent", _send),
    State("swap", "running", lambda w: w.locator("button").first.click()),
    State("turtle", "drawing again", _press("again")),
    State("flow", "in words", lambda w: w.locator("summary").click()),
    State("game", "running", _press("start")),
    State("game", "stopped", _press("pad-space")),
)
ORDER = list(cells.ALL)


def rounds() -> list[list[State]]:
    """The first further state of every widget, then the second, and so on."""
    later: dict[str, list[State]] = {}
    for state in STATES:
        later.setdefault(state.cell, []).append(state)
    return [[one for one in row if one] for row in zip_longest(*later.values())]
