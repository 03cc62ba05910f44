"""Parsons by tap, by dragging, by keys, by finger; help after two tries; kept over a reload."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.widgets.conftest import Lesson, OpenLesson

CELL = """
from widgets import Parsons
Parsons("w03-x1", ["total = 0", "for price in [1000, 2000]:", "    total = total + price", "print(total)"],
        distractors=["total = price"])
"""
RIGHT = "total = 0\nfor price in [1000, 2000]:\n    total = total + price\nprint(total)"


def _tap(opened: Lesson, code: str) -> None:
    opened.widgets.get_by_role("button", name=f"Add to your program: {code}").click()


def _line(opened: Lesson, code: str) -> Locator:
    return opened.widgets.locator("[data-bench=program] .soc-piece").filter(has_text=code)


def test_lines_are_tapped_into_order_and_tried(lesson: OpenLesson) -> None:
    opened = lesson([CELL])
    assert opened.axe() == []
    for code in ("total = 0", "for price in", "total = total + price", "print(total)"):
        _tap(opened, code)
    assert opened.axe() == []
    opened.widgets.get_by_role("button", name="To the left").click()
    assert opened.axe() == []
    opened.shot("parsons-open")
    opened.widgets.get_by_role("button", name="Try it").click()
    expect(opened.widgets.get_by_text("It works")).to_be_visible()
    assert opened.axe() == []
    opened.shot("parsons-solved")
    assert opened.answers["w03-x1"]["value"] == RIGHT
    assert opened.answers["w03-x1"]["solved"] is True
    assert opened.errors == []
