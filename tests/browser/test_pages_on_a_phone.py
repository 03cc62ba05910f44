"""What is released and previewed, as HTML, 360 pixels wide: does it fit, can it be read?"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from playwright.sync_api import Browser, CDPSession, Page

from autograder.overview import Overview
from programme.site import CHECKOUT
from soc.authoring.page import notebook_page, sheet_page
from soc.authoring.released import released, settings
from soc.authoring.week import NOTEBOOKS, Week, week_names
from tests.browser.chromium import CHROMIUM, FLAGS

pytestmark = pytest.mark.browser

COURSE = CHECKOUT / "course"
WIDTH = 360
SMALLEST_PX = 14

# Elements that hold words of their own, with the size of those words.
_SMALL = """size => [...document.querySelectorAll('body *')]
  .filter(e => !['STYLE', 'SCRIPT'].includes(e.tagName))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < size)
  .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 40))"""
_NO_WORDS = "[...document.images].filter(i => !i.alt.trim()).map(i => i.outerHTML.slice(0, 80))"
_WIDE = """width => [...document.querySelectorAll('body, body > *, main > *')]
  .filter(e => e.getBoundingClientRect().right > width + 0.5).map(e => e.id || e.tagName)"""
# Behind a system font, the first page of a fresh browser draws some runs before our font is there
# and keeps them so, about every second time. That is luck, so the order itself is looked at.
_NOT_FIRST = """[...document.querySelectorAll('body, pre, code')]
  .map(e => getComputedStyle(e).fontFamily).filter(f => !f.startsWith('"Noto Sans Khmer"'))"""
# Elements that hold Khmer of their own. Their text stays as it is: a changed one is drawn anew, and
# a font that came too late for the page would then be there.
_MARK_KHMER = """() => { let count = 0;
  for (const e of document.querySelectorAll('body *'))
    if ([...e.childNodes].some(n => n.nodeType === 3 && /[\u1780-\u17ff]/.test(n.data))
        && e.checkVisibility()) { e.setAttribute('data-khmer', ''); count += 1; }
  return count; }"""


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A page of a phone that has no network, and no Khmer font unless the machine has one."""
    plain = browser.browser_type.launch(executable_path=CHROMIUM, args=list(FLAGS))
    context = plain.new_context(
        viewport={"width": WIDTH, "height": 740}, is_mobile=True, offline=True
    )
    yield context.new_page()
    plain.close()


@pytest.mark.parametrize("name", week_names(COURSE))
def test_a_release_fits_a_phone_and_can_be_read(phone: Page, name: str) -> None:
    for notebook in NOTEBOOKS:
        cells = nbformat.read(COURSE / "release" / name / f"{notebook}.ipynb", as_version=4)
        _open(phone, notebook_page(cells, notebook))
        _fits(phone, f"{name}/{notebook}")
        assert _without_our_khmer(phone) == [], (name, notebook)


@pytest.mark.parametrize("name", week_names(COURSE))
def test_a_khmer_release_is_set_in_our_font(phone: Page, name: str) -> None:
    lesson = released(Week(COURSE, name), "lesson", "km")
    _open(phone, notebook_page(lesson, "lesson", language="km"))
    assert phone.evaluate("document.documentElement.lang") == "km"
    _fits(phone, f"{name}/lesson in Khmer")
    assert _without_our_khmer(phone) == []


def test_what_an_instructor_sees_fits_too(phone: Page) -> None:
    week = Week(COURSE, "week11")
    _open(phone, notebook_page(week.notebooks["lesson"], "lesson", instructor=True))
    assert phone.evaluate("document.images.length") > 0, "charts are stored in this lesson"
    _fits(phone, "week11/lesson of the instructor")
    _open(phone, sheet_page(week.guide(), "guide"))
    _fits(phone, "week11/guide.md")


@pytest.mark.parametrize(("language", "points"), [("en", "2 / "), ("km", "ពិន្ទុ")])
def test_feedback_fits_too(
    phone: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, points: str
) -> None:
    monkeypatch.setenv("SOC_LANGUAGE", language)
    config = copy.deepcopy(settings())
    step = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
    exporter = step.exporter_class(parent=step, config=step.config)  # as the step itself makes it
    exporter.register_preprocessor(Overview, enabled=True)
    cells = nbformat.read(COURSE / "release" / "week05" / "project.ipynb", as_version=4)
    for cell in cells.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"].update(score=2, comment="ល្អណាស់ · Well done")
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="a long line of signs " * 30)]
    marks = {"notebook": "project", "score": 5, "max_score": 20, "late_penalty": 0}
    page, _ = exporter.from_notebook_node(cells, {"nbgrader": marks})
    _open(phone, page)
    phone.screenshot(path=tmp_path / "feedback.png")
    assert phone.locator("text=Well done").first.is_visible()
    assert points in phone.locator("ul.exercises li").first.inner_text()
    assert phone.get_by_text("Test cell").count() == 0
    phone.locator("ul.exercises a").first.click()
    assert phone.evaluate("scrollY") > 0
    _fits(phone, "feedback")
    assert _without_our_khmer(phone) == []


def _open(phone: Page, html: str) -> None:
    """Open the file as she does: from the phone's memory, and drawn before it is looked into."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        phone.goto(file.as_uri())


def _fits(phone: Page, what: str) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH, what
    assert phone.evaluate(_WIDE, WIDTH) == [], what
    assert phone.evaluate(_SMALL, SMALLEST_PX) == [], what
    assert phone.evaluate(_NO_WORDS) == [], what


def _without_our_khmer(phone: Page) -> list[str]:
    """Texts with Khmer that the browser draws without the font that came with the page."""
    assert phone.evaluate(_NOT_FIRST) == []
    phone.evaluate("document.fonts.ready")
    assert phone.evaluate(_MARK_KHMER) > 0
    chromium = phone.context.new_cdp_session(phone)
    chromium.send("DOM.enable")
    chromium.send("CSS.enable")
    root = chromium.send("DOM.getDocument")["root"]["nodeId"]
    marked = chromium.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-khmer]"})[
        "nodeIds"
    ]
    texts = [
        chromium.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"][:80]
        for node in marked
        if ("Noto Sans Khmer", True) not in _fonts_of(chromium, node)
    ]
    chromium.detach()
    return texts


def _fonts_of(chromium: CDPSession, node: int) -> set[tuple[str, bool]]:
    found: list[dict[str, Any]] = chromium.send("CSS.getPlatformFontsForNode", {"nodeId": node})[
        "fonts"
    ]
    return {(font["familyName"], font["isCustomFont"]) for font in found}
