"""Hints, Quiz, Recall, Tracer, Survey, Swap, Turtle and the Doctor, used one after the other."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.widgets import cells
from tests.browser.widgets.conftest import Lesson, OpenLesson


def _button(opened: Lesson, name: str) -> None:
    opened.widgets.get_by_role("button", name=name, exact=True).first.click()


def test_hints_open_rung_by_rung(lesson: OpenLesson) -> None:
    opened = lesson([cells.HINTS], beside=cells.FILES)
    assert opened.widgets.get_by_text("Which line prints first?").count() == 0
    _button(opened, "Open: A nudge")
    expect(opened.widgets.get_by_text("Which line prints first?")).to_be_visible()
    expect(opened.widgets.get_by_role("button", name="Open: An example")).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(opened.widgets.locator("code").filter(has_text="print(2)")).to_be_visible()
    opened.page.keyboard.press("Enter")
    expect(opened.widgets.get_by_text("Ask a sister")).to_be_visible()
    assert opened.axe() == []
    assert opened.answers["w01-w1.hints"]["value"] == 3


def test_a_quiz_replies_to_each_answer(lesson: OpenLesson) -> None:
    opened = lesson([cells.QUIZ, cells.RECALL], beside=cells.FILES)
    quiz, recall = opened.widgets.nth(0), opened.widgets.nth(1)
    quiz.get_by_label("print(hi)").check()
    quiz.get_by_role("button", name="Answer").first.click()
    expect(quiz.get_by_text("Not yet.")).to_be_visible()
    expect(quiz.get_by_text("Python looks for a name.")).to_be_visible()
    quiz.get_by_label("print('hi')").check()
    quiz.get_by_role("button", name="Answer again").click()
    expect(quiz.get_by_text("Quotes make text.")).to_be_visible()
    quiz.get_by_label("riel").check()
    quiz.get_by_label("price").check()
    quiz.get_by_role("button", name="Answer", exact=True).first.click()
    quiz.get_by_role("textbox").fill("៥")
    quiz.get_by_role("textbox").press("Enter")
    expect(quiz.get_by_text("3 of 3 answered")).to_be_visible()
    expect(quiz.get_by_text("✓ Yes.")).to_have_count(3)
    recall.get_by_label("Text").check()
    recall.get_by_role("button", name="Answer").click()
    expect(recall.get_by_text("Days you came back: 1")).to_be_visible()
    assert opened.axe() == []
    assert opened.answers["w01-q"]["value"] == {"q1": "b", "q2": ["x", "z"], "q3": 5.0}
    assert opened.answers["w01-q"]["first"]["q1"] == "a"


def test_a_trace_is_stepped_forward_and_back_without_a_kernel(lesson: OpenLesson) -> None:
    opened = lesson([cells.TRACER])
    opened.restart()
    widget = opened.widgets
    for _ in range(3):
        _button(opened, "One step forward")
    expect(widget.get_by_text("Step 4 of 9, line 5")).to_be_visible()
    assert opened.axe() == []
    opened.shot("tracer-boxes")
    expect(widget.locator(".soc-ref").filter(has_text="➜ 1")).to_have_count(2)
    _button(opened, "One step back")
    expect(widget.get_by_text("Step 3 of 9, line 4")).to_be_visible()
    _button(opened, "Last step")
    expect(widget.get_by_text("The program has come to its end.")).to_be_visible()
    expect(widget.get_by_text("[1000, 3000]")).to_be_visible()
    widget.get_by_role("slider").focus()
    opened.page.keyboard.press("Home")
    expect(widget.get_by_text("Step 1 of 9, line 1")).to_be_visible()
    assert opened.axe() == []


def test_a_survey_leaves_only_with_consent(lesson: OpenLesson) -> None:
    opened = lesson(["import os\nos.environ['SOC_SURVEYS'] = 'private'", cells.SURVEY])
    file = opened.folder / "private" / "week01.json"
    opened.widgets.get_by_label("Yes").check()
    opened.widgets.get_by_role("textbox").fill("មិត្តភក្តិ")
    opened.widgets.get_by_role("textbox").press("Tab")
    expect(opened.widgets.get_by_role("button", name="Send my answers")).to_be_disabled()
    opened.widgets.get_by_label("I agree").check()
    assert opened.axe() == []
    _button(opened, "Send my answers")
    expect(opened.widgets.get_by_text("Ready to be collected")).to_be_visible()
    assert opened.axe() == []
    assert _survey(file) == (True, {"s1": "2", "s2": "មិត្តភក្តិ"})
    _button(opened, "Take my answers back")
    expect(opened.widgets.get_by_role("button", name="Send my answers")).to_be_visible()
    assert _survey(file)[0] is False
    assert opened.answers == {}


def _survey(file: Path) -> tuple[bool, dict[str, str]]:
    content = json.loads(file.read_text())
    return content["consent"], content["value"]


def test_a_pair_changes_places(lesson: OpenLesson) -> None:
    opened = lesson([cells.SWAP])
    _button(opened, "Start")
    expect(opened.widgets.get_by_role("button", name="Pause")).to_be_focused()
    _button(opened, "Change places now")
    expect(opened.widgets.get_by_text("Round 2 of 2")).to_be_visible()
    _button(opened, "Change places now")
    expect(opened.widgets.get_by_text("All rounds are done.").first).to_be_visible()
    assert opened.axe() == []


def test_a_drawing_stays_and_draws_itself_again(lesson: OpenLesson) -> None:
    opened = lesson(["from widgets import turtle\nturtle.speed(10)\nturtle.circle(50)"])
    expect(opened.widgets.locator("svg line")).to_have_count(20)
    _button(opened, "Draw again")
    _button(opened, "Show all")
    expect(opened.widgets.locator("svg line")).to_have_count(20)
    opened.save()
    saved = json.loads((opened.folder / "lesson.ipynb").read_text())
    data = saved["cells"][-1]["outputs"][0]["data"]
    assert "".join(data["image/svg+xml"]).count("<line") == 20


def test_a_game_is_played_by_keys_buttons_taps_and_time(lesson: OpenLesson) -> None:
    opened = lesson([cells.GAME])
    canvas = opened.widgets.locator("canvas")
    canvas.focus()
    for _ in range(3):
        opened.page.keyboard.press("ArrowRight")
    expect(opened.widgets.get_by_text("x is 130")).to_be_visible()
    _button(opened, "Left")
    expect(opened.widgets.get_by_text("x is 120")).to_be_visible()
    canvas.click(position={"x": 40, "y": 30})
    expect(opened.widgets.get_by_text("x is 40")).to_be_visible()
    _button(opened, "Start")
    later = re.compile(r"x is (4[3-9]|[5-9]\d|\d{3})")
    expect(opened.widgets.locator(".soc-spoken")).to_have_text(later)
    _button(opened, "Pause")
    assert opened.axe() == []
    opened.shot("game")
    _button(opened, "Space")
    expect(opened.widgets.get_by_text("The game stopped.").first).to_be_visible()
    expect(opened.widgets.get_by_text("Something is divided by 0.")).to_be_visible()
    assert opened.axe() == []


def test_the_doctor_explains_and_folds_python_s_words(lesson: OpenLesson) -> None:
    opened = lesson(["%load_ext widgets", "x = ១២"], language="km")
    box = opened.page.locator(".soc-doctor")
    expect(box.get_by_text("មានលេខខ្មែរ")).to_be_visible()
    expect(box.locator("pre").filter(has_text="x = 12")).to_be_visible()
    assert box.get_by_text("invalid character").is_hidden()
    box.locator("summary").click()
    expect(box.get_by_text("invalid character")).to_be_visible()
    assert opened.axe(".soc-doctor") == []
