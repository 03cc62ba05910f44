"""From the click on Hand in to the answer in the same open page, on a real hub."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from programme.site import Site
from soc.cohorts import grade_arrivals
from tests.hub.running import COHORT, STUDENTS, RunningHub, make_site, password

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.slow]

PATIENCE_MS = 120_000
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub whose cohort has grading on arrival. The path is short: Unix sockets lie in it."""
    site: Site = make_site(tmp_path_factory.mktemp("a") / "s")
    grade_arrivals(site.cohort(COHORT), datetime.now(UTC))
    running = RunningHub(site, {})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, hub: RunningHub) -> Iterator[Page]:
    """The page of a student with a small phone, signed in."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(hub.url)
    page.fill("input[name=username]", STUDENTS[0])
    page.fill("input[name=password]", password(STUDENTS[0]))
    page.locator("form button").first.click()
    expect(page.locator("#week01")).to_be_visible(timeout=PATIENCE_MS)
    yield page
    context.close()


def write_card(hub: RunningHub) -> None:
    """Her project's cell, as if she had typed it: an untouched one needs no reader."""
    file = hub.site.root / "homes" / STUDENTS[0] / "week01" / "project.ipynb"
    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = 'print("My name is Sophea")'
    nbformat.write(notebook, file)


def test_the_answer_comes_into_the_open_page(page: Page, hub: RunningHub) -> None:
    write_card(hub)
    sizes: list[int] = []
    loads: list[str] = []
    page.on("load", lambda _page: loads.append("a page"))
    page.on("requestfinished", lambda asked: sizes.append(asked.sizes()["responseBodySize"])
            if "/school/state/" in asked.url else None)  # fmt: skip
    answer = page.locator("#week01 .answer.answered")
    for attempt in ("cold", "warm"):
        clicked = time.monotonic()
        page.locator("#week01 form[action*=submit] button").click()
        expect(page.locator(".note")).to_contain_text("Handed in", timeout=PATIENCE_MS)
        loads.clear()
        expect(answer).to_contain_text("It has been checked", timeout=PATIENCE_MS)
        expect(answer).to_contain_text("Project: your teacher will read it.")
        expect(page.locator("#week01 .week-state li a", has_text="Practice")).to_be_visible()
        print(f"{attempt}: {time.monotonic() - clicked:.2f} s from the click to the answer")
        assert loads == []  # it came into the open page
    assert 0 < max(sizes) < 1500
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#week01 .week-state li a", has_text="Project").click()
    said = page.frame_locator("iframe").locator("body")
    expect(said).to_contain_text("Your instructor will read this part")
