"""What a stranger's notebook could try by way of a widget."""

from __future__ import annotations

import nbformat
from playwright.sync_api import expect

from tests.browser.widgets.cells import PREDICT
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


ESM = "window.pwned = 1; export default { initialize() { window.pwned = 2 }, render() {} }"
MODEL = {
    "model_name": "AnyModel",
    "model_module": "anywidget",
    "model_module_version": "~0.11.*",
    "state": {
        "_model_module": "anywidget",
        "_model_name": "AnyModel",
        "_model_module_version": "~0.11.*",
        "_view_module": "anywidget",
        "_view_name": "AnyView",
        "_view_module_version": "~0.11.*",
        "_esm": ESM,
        "_anywidget_id": "stranger.Widget",
    },
}
VIEW = {"version_major": 2, "version_minor": 0, "model_id": "stranger"}


def test_a_stranger_s_saved_widget_state_never_runs(lesson: OpenLesson) -> None:
    opened = lesson([], run=False)
    state = {"version_major": 2, "version_minor": 0, "state": {"stranger": MODEL}}
    shown = {
        "application/vnd.jupyter.widget-view+json": VIEW,
        "text/html": "<b>paper form</b>",
    }
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "print('ran')", outputs=[nbformat.v4.new_output("display_data", data=shown)]
            )
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "widgets": {"application/vnd.jupyter.widget-state+json": state},
        },
    )
    nbformat.write(notebook, opened.folder / "lesson.ipynb")
    opened.page.reload()
    opened.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    opened.run_all()
    expect(opened.page.locator(".jp-OutputArea").get_by_text("ran", exact=True)).to_be_visible()
    assert opened.page.evaluate("() => window.pwned") is None


def test_without_a_kernel_the_paper_form_is_shown(lesson: OpenLesson) -> None:
    opened = lesson([PREDICT])
    expect(opened.widgets).to_have_count(1)
    opened.save()
    address = opened.page.url
    opened.page.goto("about:blank")
    opened.stop_kernel()
    opened.page.goto(address)
    expect(opened.page.get_by_text("Write down your prediction before")).to_be_visible()
    assert opened.widgets.count() == 0
    opened.run_all()
    expect(opened.widgets).to_have_count(1)
