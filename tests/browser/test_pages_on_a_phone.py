"""What is released and previewed, as HTML, 360 pixels wide: does it fit, can it be read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, CDPSession, Page

from programme.site import CHECKOUT
from soc.authoring.page import notebook_page, sheet_page
from soc.authoring.released import released
from soc.authoring.week import NOTEBOOKS, Week, week_names

pytestmark = pytest.mark.browser

COURSE = CHECKOUT / "course"
WIDTH = 360
SMALLEST_PX = 14

# Elements that hold words of their own, with the size of those words.
_SMALL = """size => [...document.querySelectorAll('main *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < size)
  .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 40))"""
_NO_WORDS = "[...document.images].filter(i => !i.alt.trim()).map(i => i.outerHTML.slice(0, 80))"
_WIDE = """width => [...document.querySelectorAll('main, main > *')]
  .filter(e => e.getBoundingClientRect().right > width + 0.5).map(e => e.id || e.tagName)"""
# Each run of Khmer letters gets an element of its own, so that its font can be asked for.
_MARK_KHMER = """() => { let count = 0;
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const texts = []; while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts)
    for (const run of [...text.data.matchAll(/[\u1780-\u17ff]+/g)].reverse()) {
    const range = document.createRange();
    range.setStart(text, run.index); range.setEnd(text, run.index + run[0].length);
    const mark = document.createElement('span'); mark.setAttribute('data-khmer', '');
    range.surroundContents(mark); count += 1; }
  return count; }"""


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A page of a phone that has no network."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 740}, is_mobile=True, offline=True
    )
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize("name", week_names(COURSE))
def test_a_release_fits_a_phone_and_can_be_read(phone: Page, name: str) -> None:
    for notebook in NOTEBOOKS:
        cells = nbformat.read(COURSE / "release" / name / f"{notebook}.ipynb", as_version=4)
        phone.set_content(notebook_page(cells, notebook))
        _fits(phone, f"{name}/{notebook}")
        assert _khmer_fonts(phone) == {("Noto Sans Khmer", True)}, (name, notebook)


def test_a_khmer_release_is_set_in_our_font(phone: Page) -> None:
    page = notebook_page(released(Week(COURSE, "week09"), "lesson", "km"), "lesson", language="km")
    phone.set_content(page)
    assert phone.evaluate("document.documentElement.lang") == "km"
    _fits(phone, "week09/lesson in Khmer")
    assert _khmer_fonts(phone) == {("Noto Sans Khmer", True)}


def test_what_an_instructor_sees_fits_too(phone: Page) -> None:
    week = Week(COURSE, "week11")
    phone.set_content(notebook_page(week.notebooks["lesson"], "lesson", instructor=True))
    assert phone.evaluate("document.images.length") > 0, "charts are stored in this lesson"
    _fits(phone, "week11/lesson of the instructor")
    phone.set_content(sheet_page(week.guide(), "guide"))
    _fits(phone, "week11/guide.md")


def _fits(phone: Page, what: str) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH, what
    assert phone.evaluate(_WIDE, WIDTH) == [], what
    assert phone.evaluate(_SMALL, SMALLEST_PX) == [], what
    assert phone.evaluate(_NO_WORDS) == [], what


def _khmer_fonts(phone: Page) -> set[tuple[str, bool]]:
    """Fonts that draw Khmer in this page, and whether each came with it."""
    assert phone.evaluate(_MARK_KHMER) > 0
    phone.evaluate("document.fonts.ready")
    chromium = phone.context.new_cdp_session(phone)
    chromium.send("DOM.enable")
    chromium.send("CSS.enable")
    root = chromium.send("DOM.getDocument")["root"]["nodeId"]
    marked = chromium.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-khmer]"})[
        "nodeIds"
    ]
    fonts = {font for node in marked for font in _fonts_of(chromium, node)}
    chromium.detach()
    return fonts


def _fonts_of(chromium: CDPSession, node: int) -> set[tuple[str, bool]]:
    found: list[dict[str, Any]] = chromium.send("CSS.getPlatformFontsForNode", {"nodeId": node})[
        "fonts"
    ]
    return {(font["familyName"], font["isCustomFont"]) for font in found}
