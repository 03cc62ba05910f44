"""Predict, used as a girl would: mouse, touch, keyboard; reload; a new kernel."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widgets.conftest import OpenLesson

CELL = """
from widgets import Predict
Predict("w01-p1", {"en": "What will it print?", "km": "តើវានឹងបោះពុម្ពអ្វី?"}, code='print("2" + "3")',
        choices={"a": "5", "b": "23", "c": {"en": "An error", "km": "កំហុស"}},
        replies={"a": "Without quotes it would be 5.", "b": {"en": "Text sticks together: `23`.", "km": "អត្ថបទភ្ជាប់គ្នា៖ `23`។"}, "c": "Both are text, so it works."})
"""


def test_a_prediction_by_mouse_is_kept_and_replied_to(lesson: OpenLesson) -> None:
    opened = lesson([CELL])
    widget = opened.widgets
    widget.get_by_label("23", exact=True).check()
    assert opened.axe() == []
    widget.get_by_role("button", name="Keep my prediction").click()
    expect(widget.get_by_text("Text sticks together")).to_be_visible()
    expect(widget.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    assert opened.answers["w01-p1"]["value"] == "b"
    assert opened.axe() == []
    opened.shot("predict-light")
    assert opened.errors == []
