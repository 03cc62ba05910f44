"""All widgets in one lesson, by keyboard alone and by a finger on a phone, as far as each goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.widgets import cells
from tests.browser.widgets.conftest import Lesson, OpenLesson

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
MOST_STOPS = 40
IN_ORDER = (
    *(cells.PREDICT, cells.HINTS, cells.QUIZ, cells.RECALL, cells.TRACER, cells.SWAP),
    *(cells.FLOW, cells.TURTLE),
)
Press = Callable[[Locator], None]


def _by_keys(opened: Lesson) -> Press:
    """Tab to the control from where its widget begins, then the key that every page knows."""

    def press(target: Locator) -> None:
        box = target.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' soc ')]").last
        box.evaluate("box => { box.tabIndex = -1; box.focus(); box.removeAttribute('tabindex'); }")
        wanted = target.element_handle()
        for _ in range(MOST_STOPS):
            opened.page.keyboard.press("Tab")
            if opened.page.evaluate("wanted => document.activeElement === wanted", wanted):
                opened.page.keyboard.press("Space")
                return
            # A group of choices is one stop: the arrows go on from there.
            for _ in range(opened.page.evaluate(STEPS_TO, wanted)):
                opened.page.keyboard.press("ArrowDown")
            if opened.page.evaluate("wanted => document.activeElement === wanted", wanted):
                return
        raise AssertionError(f"{MOST_STOPS} times Tab do not lead to {target}")

    return press


STEPS_TO = """wanted => {
  const here = document.activeElement;
  if (here.type !== "radio" || wanted.type !== "radio" || here.name !== wanted.name) return 0;
  const group = [...document.getElementsByName(here.name)];
  return Math.max(0, group.indexOf(wanted) - group.indexOf(here));
}"""


def _by_finger(_: Lesson) -> Press:
    return lambda target: target.tap()


@pytest.mark.parametrize("hand", ["keys", "finger"])
def test_each_widget_is_used_without_a_mouse(lesson: OpenLesson, hand: str) -> None:
    opened = lesson(IN_ORDER, beside=cells.FILES, **(PHONE if hand == "finger" else {}))
    press = (_by_keys if hand == "keys" else _by_finger)(opened)
    expect(opened.widgets).to_have_count(len(IN_ORDER))
    predict, hints, quiz, recall, tracer, swap, flow, turtle = opened.widgets.all()

    press(predict.get_by_label("23", exact=True))
    press(predict.get_by_role("button", name="Keep my prediction"))
    expect(predict.get_by_text("Text sticks together")).to_be_visible()

    press(hints.get_by_role("button", name="Open: A nudge"))
    expect(hints.get_by_text("Which line prints first?")).to_be_visible()

    press(quiz.get_by_label("print('hi')"))
    press(quiz.get_by_role("button", name="Answer").first)
    expect(quiz.get_by_text("Quotes make text.")).to_be_visible()
    press(quiz.get_by_label("riel"))
    press(quiz.get_by_label("price"))
    press(quiz.get_by_role("button", name="Answer", exact=True).first)
    expect(quiz.get_by_text("2 of 3 answered")).to_be_visible()

    press(recall.get_by_label("Text"))
    press(recall.get_by_role("button", name="Answer"))
    expect(recall.get_by_text("Days you came back: 1")).to_be_visible()

    press(tracer.get_by_role("button", name="One step forward"))
    expect(tracer.get_by_text("Step 2 of 9")).to_be_visible()

    press(swap.get_by_role("button", name="Start"))
    press(swap.get_by_role("button", name="Change places now"))
    expect(swap.get_by_text("Round 2 of 2")).to_be_visible()

    press(flow.locator("summary"))
    expect(flow.locator("details")).to_have_attribute("open", "")

    press(turtle.get_by_role("button", name="Draw again"))
    press(turtle.get_by_role("button", name="Show all"))
    expect(turtle.get_by_role("button", name="Draw again")).to_be_visible()

    assert opened.answers["w01-p1"]["value"] == "b"
    assert opened.answers["w01-q"]["value"] == {"q1": "b", "q2": ["x", "z"]}
    assert opened.page.locator(".jp-Cell").count() == len(IN_ORDER) + 1  # no key went to Jupyter
    assert opened.errors == []
