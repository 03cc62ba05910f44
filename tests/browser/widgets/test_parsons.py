"""Parsons by tap, by keys, by dragging with mouse and finger; help after two tries."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.widgets.cells import PARSONS
from tests.browser.widgets.conftest import Lesson, OpenLesson

RIGHT = "total = 0\nfor price in [1000, 2000]:\n    total = total + price\nprint(total)"
LINES = ("total = 0", "for price in", "total = total + price", "print(total)")


def _tap(opened: Lesson, code: str) -> None:
    opened.widgets.get_by_role("button", name=f"Add to your program: {code}").click()


def _line(opened: Lesson, code: str) -> Locator:
    return opened.widgets.locator(".soc-line").filter(has_text=code)


def _try(opened: Lesson) -> None:
    opened.widgets.get_by_role("button", name="Try it").click()


def test_lines_are_tapped_into_order_and_tried(lesson: OpenLesson) -> None:
    opened = lesson([PARSONS])
    for code in LINES:
        _tap(opened, code)
    _try(opened)
    expect(opened.widgets.get_by_text("the result is another one")).to_be_visible()
    assert opened.axe() == []
    _line(opened, "print(total)").get_by_role("button", name="Line 4").click()
    tool = opened.widgets.get_by_role("button", name="To the left")
    if not tool.is_visible():  # the line added last has its tools open already
        _line(opened, "print(total)").get_by_role("button", name="Line 4").click()
    tool.click()
    opened.shot("parsons-open")
    assert opened.axe() == []
    _try(opened)
    expect(opened.widgets.get_by_text("It works")).to_be_visible()
    assert opened.axe() == []
    assert opened.answers["w03-x1"]["value"] == RIGHT
    assert opened.answers["w03-x1"]["solved"] is True
    assert opened.errors == []


def test_by_keyboard_alone_and_kept_in_a_new_kernel(lesson: OpenLesson) -> None:
    opened = lesson([PARSONS])
    keys = opened.page.keyboard
    for code in ("print(total)", "total = 0", "for price in", "total = total + price"):
        opened.widgets.get_by_role("button", name=f"Add to your program: {code}").focus()
        keys.press("Enter")
    _line(opened, "print(total)").get_by_role("button", name="Line 1").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        keys.press(key)
    _line(opened, "total = total + price").get_by_role("button", name="Line 3").focus()
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    opened.widgets.get_by_role("button", name="Try it").focus()
    keys.press("Enter")
    expect(opened.widgets.get_by_text("It works")).to_be_visible()
    opened.restart()
    opened.run_all()
    expect(_line(opened, "print(total)").get_by_role("button", name="Line 4")).to_be_visible()
    assert opened.answers["w03-x1"]["value"] == RIGHT


def _drag(opened: Lesson, code: str, to: Locator, below: float, right: float = 0) -> None:
    mouse = opened.page.mouse
    grip = _line(opened, code).locator(".soc-grip")
    grip.hover()
    mouse.down()
    start, aim = grip.bounding_box(), to.bounding_box()
    assert start is not None
    assert aim is not None
    target = start["x"] + start["width"] / 2 + right if right else aim["x"] + 60
    mouse.move(target, aim["y"] + below, steps=4)
    mouse.up()


def test_lines_are_dragged_into_place(lesson: OpenLesson) -> None:
    opened = lesson([PARSONS])
    program = opened.widgets.locator("[data-bench=program]")
    _drag(opened, "print(total)", program, 20)
    _drag(opened, "total = 0", program, 8)
    expect(_line(opened, "total = 0").get_by_role("button", name="Line 1")).to_be_visible()
    _drag(opened, "for price in", _line(opened, "print(total)"), 4)
    _drag(opened, "total = total + price", _line(opened, "print(total)"), 4)
    indented = _line(opened, "total = total + price").get_by_role("button", name="Line 3, 1 steps")
    expect(indented).to_be_visible()
    _try(opened)
    expect(opened.widgets.get_by_text("It works")).to_be_visible()
    _drag(opened, "total = total + price", _line(opened, "total = total + price"), 20, right=-40)
    expect(
        _line(opened, "total = total + price").get_by_role("button", name="Line 3, 0 steps")
    ).to_be_visible()
    pool = opened.widgets.locator("[data-bench=pool]")
    _drag(opened, "print(total)", pool, 10)
    expect(pool.get_by_text("print(total)")).to_be_visible()


def test_a_finger_drags_a_line(lesson: OpenLesson) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    opened = lesson([PARSONS], **phone)
    program = opened.widgets.locator("[data-bench=program]")
    program.scroll_into_view_if_needed()
    grip = _line(opened, "total = price").locator(".soc-grip")
    start, aim = grip.bounding_box(), program.bounding_box()
    assert start is not None
    assert aim is not None
    touch = opened.page.context.new_cdp_session(opened.page)
    x, y = start["x"] + 20, start["y"] + 20
    steps = [(x, y), (x, y + 15), (aim["x"] + 60, aim["y"] + 15)]
    for kind, points in zip(("touchStart", "touchMove", "touchMove"), steps, strict=True):
        point = {"x": points[0], "y": points[1]}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(program.get_by_role("button", name="Line 1")).to_be_visible()
    assert opened.axe() == []


def test_after_two_failures_two_lines_are_joined(lesson: OpenLesson) -> None:
    opened = lesson([PARSONS])
    _tap(opened, "print(total)")
    for _ in range(2):
        _try(opened)
        expect(opened.widgets.get_by_text("It stopped with NameError")).to_be_visible()
        expect(opened.widgets.get_by_role("status").filter(has_text="Running")).to_have_count(0)
    expect(opened.widgets.get_by_text("two lines that belong together")).to_be_visible()
    expect(opened.widgets.locator(".soc-line")).to_have_count(4)
    assert opened.axe() == []
