"""Predict, used as a girl would: mouse, touch, keyboard; reload; a new kernel; a lost one."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widgets.cells import PREDICT, PREDICT_NUMBER
from tests.browser.widgets.conftest import Lesson, OpenLesson

SAVED = "Saved."


def _wait_until_saved(opened: Lesson) -> None:
    expect(opened.widgets.get_by_role("status").filter(has_text=SAVED)).to_be_visible()


def test_by_mouse_it_is_kept_and_replied_to_and_can_be_changed(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT])
    widget = opened.widgets
    widget.get_by_label("23", exact=True).check()
    widget.get_by_role("button", name="Keep my prediction").click()
    expect(widget.get_by_text("Text sticks together")).to_be_visible()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "b"
    assert opened.axe() == []
    widget.get_by_role("button", name="Change my prediction").click()
    widget.get_by_label("5", exact=True).check()
    widget.get_by_role("button", name="Keep my prediction").click()
    expect(widget.get_by_text("Without quotes it would be 5.")).to_be_visible()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "a"
    assert opened.answers["w01-p1"]["first"] == "b"
    assert opened.errors == []


def test_in_jupyterlab(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT], frontend="lab/tree")
    opened.widgets.get_by_label("23", exact=True).check()
    opened.widgets.get_by_role("button", name="Keep my prediction").click()
    expect(opened.widgets.get_by_text("Text sticks together")).to_be_visible()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "b"
    assert opened.axe() == []


def test_by_keyboard_alone(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT])
    keys = opened.page.keyboard
    opened.widgets.get_by_label("5", exact=True).focus()
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(opened.widgets.get_by_label("An error")).to_be_checked()
    keys.press("Tab")
    keys.press("Enter")
    expect(opened.widgets.get_by_text("Both are text, so it works.")).to_be_visible()
    expect(opened.widgets.get_by_role("button", name="Change my prediction")).to_be_focused()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "c"
    assert opened.page.locator(".jp-Cell").count() == 2  # no key was taken for a notebook command


def test_by_touch_with_khmer_digits(lesson: OpenLesson) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    opened = lesson([PREDICT_NUMBER], language="km", **phone)
    field = opened.widgets.get_by_role("textbox")
    field.tap()
    field.fill("៣")
    opened.widgets.get_by_role("button", name="រក្សាទុកការទស្សន៍ទាយរបស់ខ្ញុំ").tap()
    expect(opened.widgets.get_by_text("រាប់ print។")).to_be_visible()
    expect(opened.widgets.get_by_role("status").filter(has_text="បានរក្សាទុកហើយ។")).to_be_visible()
    assert opened.answers["w01-p2"]["value"] == 3.0
    assert opened.axe() == []


def test_a_text_that_is_no_number_is_asked_for_again(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT_NUMBER])
    opened.widgets.get_by_role("textbox").fill("three")
    opened.page.keyboard.press("Enter")
    expect(opened.widgets.get_by_text("This answer could not be read.")).to_be_visible()
    assert opened.answers == {}
    assert opened.axe() == []


def test_it_survives_a_reload_and_a_new_kernel(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT])
    opened.widgets.get_by_label("23", exact=True).check()
    opened.widgets.get_by_role("button", name="Keep my prediction").click()
    _wait_until_saved(opened)
    opened.save()
    opened.page.reload()
    expect(opened.widgets.get_by_text("Text sticks together")).to_be_visible()
    opened.restart()
    opened.run_all()
    expect(opened.widgets.get_by_text("Text sticks together")).to_be_visible()
    opened.widgets.get_by_role("button", name="Change my prediction").click()
    opened.widgets.get_by_label("5", exact=True).check()
    opened.widgets.get_by_role("button", name="Keep my prediction").click()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "a"


def test_a_lost_kernel_is_shown_and_the_answer_is_sent_to_the_next_one(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT])
    opened.widgets.get_by_label("23", exact=True).check()
    opened.restart()
    opened.widgets.get_by_role("button", name="Keep my prediction").click()
    expect(opened.widgets.get_by_text("Not saved yet").first).to_be_visible()
    assert opened.answers == {}
    assert opened.axe() == []
    opened.shot("predict-lost")
    opened.run_all()
    _wait_until_saved(opened)
    assert opened.answers["w01-p1"]["value"] == "b"


def test_two_at_once_are_both_kept(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT, PREDICT_NUMBER])
    first, second = opened.widgets.nth(0), opened.widgets.nth(1)
    first.get_by_label("23", exact=True).check()
    second.get_by_role("textbox").fill("3")
    first.get_by_role("button", name="Keep my prediction").click()
    second.get_by_role("button", name="Keep my prediction").click()
    expect(first.get_by_text("Text sticks together")).to_be_visible()
    expect(second.get_by_text("Count the prints.")).to_be_visible()
    expect(opened.widgets.get_by_role("status").filter(has_text=SAVED)).to_have_count(2)
    assert {key: one["value"] for key, one in opened.answers.items()} == {
        "w01-p1": "b",
        "w01-p2": 3.0,
    }
