"""All widgets in one notebook: light, dark, on a phone, in Khmer: axe-core, sizes, language.

`pytest tests/browser/widgets/test_everybody.py -s` prints the table of axe-core's findings.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.widgets.cells import ALL, FILES
from tests.browser.widgets.conftest import Lesson, OpenLesson
from tests.browser.widgets.states import ORDER, rounds

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "light": ({}, {}),
    "dark-khmer": ({"dark": True, "language": "km"}, {}),
    "phone-khmer": ({"language": "km"}, PHONE),
}
TOO_SMALL = """() => [...document.querySelectorAll(".soc")].flatMap((card) =>
  [...card.querySelectorAll("button, input, textarea, summary, .soc-option")].filter((node) => {
    const target = node.closest("label") ?? node;
    const box = target.getBoundingClientRect();
    return box.width > 0 && (box.height < 43.5 || box.width < 43.5);
  }).map((node) => node.outerHTML.slice(0, 90)))"""
TOO_WIDE = """() => [...document.querySelectorAll(".jp-OutputArea .soc")].filter((card) => {
    const box = card.getBoundingClientRect();
    return card.scrollWidth > card.clientWidth + 1 || box.right > innerWidth + 1;
  }).map((card) => card.className)"""
KHMER_LINES = """() => [...document.querySelectorAll(".soc :lang(km)")].filter((node) => {
    const style = getComputedStyle(node);
    const khmer = (child) => child.nodeType === 3 && /[\\u1780-\\u17b3]/.test(child.data);
    if (![...node.childNodes].some(khmer) || !node.getClientRects().length) return false;
    const height = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
    return height < 1.8 || !["normal", "0px"].includes(style.letterSpacing);
  }).map((node) => node.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("look", LOOKS)
def test_all_widgets_suit_everybody(lesson: OpenLesson, look: str) -> None:
    how, context = LOOKS[look]
    private = "os.environ['SOC_SURVEYS'] = 'private'"  # none has answered this survey yet
    opened = lesson([private, *ALL.values()], beside=FILES, **how, **context)
    expect(opened.widgets).to_have_count(len(ALL))
    assert opened.axe() == []
    assert opened.page.evaluate(TOO_SMALL) == []
    assert opened.page.evaluate(TOO_WIDE) == []
    if how.get("language") == "km":
        assert opened.page.evaluate(KHMER_LINES) == []
        assert opened.widgets.first.get_attribute("lang") == "km"
    opened.shot(f"all-{look}")
    found = _axe_in_each_state(opened, look)
    assert {state: rules for state, rules in found.items() if rules} == {}
    assert opened.page.evaluate(TOO_SMALL) == []
    assert opened.page.evaluate(TOO_WIDE) == []
    opened.shot(f"used-{look}")
    assert opened.errors == []


def _axe_in_each_state(opened: Lesson, look: str) -> dict[str, list[str]]:
    """axe-core's findings, widget by widget, state by state. `pytest -s` shows the table.

    In each round every widget goes one state further; then axe-core looks at all of them at once.
    """
    found: dict[str, list[str]] = {}
    for states in rounds():
        for state in states:
            state.reach(opened.widgets.nth(ORDER.index(state.cell)))
        findings = opened.axe()
        for state in states:
            found[f"{state.cell}: {state.name}"] = findings
            print(f"{look:<12} {state.cell:<16} {state.name:<16} {len(findings)} violations")
    return found
