"""Every widget that keeps something: reload, a new kernel, a lost kernel, and all at once."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.widgets import cells
from tests.browser.widgets.conftest import Lesson, OpenLesson

PRIVATE = "os.environ['SOC_SURVEYS'] = 'private'"
KEEPING = [cells.QUIZ, cells.RECALL, cells.HINTS, cells.PARSONS, cells.SURVEY]
QUIZ, RECALL, HINTS, PARSONS, SURVEY = range(len(KEEPING))


def _answer_all(opened: Lesson) -> None:
    """One act in each widget, none waiting for another."""
    at = opened.widgets.nth
    at(QUIZ).get_by_label("print('hi')").check()
    at(RECALL).get_by_label("Text").check()
    at(SURVEY).get_by_label("Yes").check()
    for widget in (at(QUIZ), at(RECALL)):
        widget.get_by_role("button", name="Answer", exact=True).first.click()
    at(HINTS).get_by_role("button", name="Open: A nudge").click()
    at(PARSONS).get_by_role("button", name="Add to your program: total = 0").click()


def _are_kept(opened: Lesson) -> None:
    at = opened.widgets.nth
    expect(at(QUIZ).get_by_text("Quotes make text.")).to_be_visible()
    expect(at(RECALL).get_by_text("Days you came back: 1")).to_be_visible()
    expect(at(HINTS).get_by_text("Which line prints first?")).to_be_visible()
    expect(_program(at(PARSONS)).get_by_text("total = 0")).to_be_visible()
    expect(at(SURVEY).get_by_label("Yes")).to_be_checked()


def _program(widget: Locator) -> Locator:
    return widget.locator("[data-bench=program]")


def test_all_at_once_are_kept_over_a_reload_and_a_new_kernel(lesson: OpenLesson) -> None:
    opened = lesson([PRIVATE, *KEEPING], beside=cells.FILES)
    _answer_all(opened)
    _are_kept(opened)
    opened.save()
    opened.page.reload()
    _are_kept(opened)
    opened.restart()
    opened.run_all()
    _are_kept(opened)
    assert set(opened.answers) == {"w01-q", "recall-week02", "w01-w1.hints", "w03-x1"}
    assert opened.errors == []


def test_a_lost_kernel_is_shown_by_each_and_the_next_one_gets_it_all(lesson: OpenLesson) -> None:
    opened = lesson([PRIVATE, *KEEPING], beside=cells.FILES)
    opened.restart()
    _answer_all(opened)
    for number in range(len(KEEPING)):
        lost = opened.widgets.nth(number).get_by_text("Not saved yet")
        expect(lost.first).to_be_visible()
    assert opened.answers == {}
    assert opened.axe() == []
    opened.run_all()
    _are_kept(opened)
    assert opened.errors == []
