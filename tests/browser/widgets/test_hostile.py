"""What a stranger's notebook could try by way of a widget."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widgets.conftest import OpenLesson

EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'

CELL = f"""
from widgets import Clusters, Hints, Memory, Parsons, Predict, Question, Quiz, Survey, Tracer
from IPython.display import display
evil = {EVIL!r}
question = Question("q", evil, {{"a": evil}}, replies={{"a": evil}})
predict = Predict("p", evil, choices={{"a": evil}}, replies={{"a": evil}}, code=evil)
predict.answer("a")
quiz = Quiz("z", [question])
quiz.answer("q", "a")
hints = Hints("h", [evil] * 3)
hints.open_next()
display(predict, quiz, hints, Parsons("x", [f"a = {{evil!r}}", "print(a)"], prompt=evil),
        Tracer(f"a = {{evil!r}}\\nprint(a)", captions={{1: evil}}),
        Memory(a=[evil], b={{evil: evil}}),
        Survey("s", [question], about=evil), Clusters(evil[:20]))
"""


def test_texts_and_values_stay_text(lesson: OpenLesson) -> None:
    opened = lesson(["import os\nos.environ['SOC_SURVEYS'] = 'private'", CELL])
    expect(opened.widgets).to_have_count(8)
    assert opened.page.locator(".soc img, .soc script").count() == 0
    assert opened.page.evaluate("() => window.pwned") is None
    expect(opened.widgets.first.get_by_text(EVIL).first).to_be_visible()
