"""The pictures of the documents, from a demo of their own: `make screenshots`.

Everything shown is real: the demo's hub, its fictional people, a headless Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from soc.demo.build import COHORT, INSTRUCTOR, LAST_YEAR, PASSWORD, STAFF, ensure_demo
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.hub.running import RunningHub

PICTURES = Path(__file__).parent / "pictures"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 800}
PATIENCE_MS = 120_000


def main() -> None:
    """Take all pictures, over the ones that are there."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = ensure_demo(Path(folder) / "demo", datetime.now().astimezone().date(), say=print)
        students = sorted(path.name for path in (site.root / "homes").iterdir())
        hub = RunningHub(site, {"SOC_DEMO": "1"})
        hub.start()
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                of_a_student(chromium, hub.url, students[2])
                of_the_instructor(chromium, hub.url)
                of_staff(chromium, hub.url)
        finally:
            hub.stop()


def of_a_student(browser: Browser, url: str, student: str) -> None:
    """Her way on a phone."""
    with signed_in(browser, url, student, PHONE, first=True) as page:
        page.locator("details.card").first.wait_for()
        page.locator("details.card", has_text="Hello, coder").locator("summary").click()
        take(page, "student-week", whole=True)
        page.locator("#week01 li a", has_text="Practice").click()
        page.frame_locator("iframe").locator("body").wait_for()
        take(page, "feedback")
        page.goto(f"{url}/user/{student}/notebooks/week02/lesson.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells").first.click()
        page.locator(".soc").first.wait_for()
        page.locator(".soc").first.scroll_into_view_if_needed()
        take(page, "lesson")


def of_the_instructor(browser: Browser, url: str) -> None:
    """Classes, a project to read, the board."""
    with signed_in(browser, url, INSTRUCTOR.username, DESK) as page:
        page.locator("a", has_text="formgrader").first.wait_for()
        take(page, "teach")
        page.goto(f"{url}/services/{COHORT}/formgrader/gradebook/week02/project")
        page.locator("table a[href*=submissions]").first.click()
        page.locator("input.score").first.scroll_into_view_if_needed()
        take(page, "formgrader")
        page.goto(f"{url}/services/programme/cohort/{COHORT}")
        take(page, "board")


def of_staff(browser: Browser, url: str) -> None:
    """Last year's graduation, and one student with her reasons."""
    with signed_in(browser, url, STAFF.username, DESK) as page:
        page.goto(f"{url}/services/programme/cohort/{LAST_YEAR}")
        take(page, "graduation")
        page.locator("table a[href*=student]").first.click()
        page.locator("h1").first.wait_for()
        take(page, "reasons", whole=True)


@contextmanager
def signed_in(
    browser: Browser, url: str, username: str, size: dict[str, int], *, first: bool = False
) -> Iterator[Page]:
    """A page of her own, signed in; with `first`, the sign-in page is taken too."""
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    if first:
        take(page, "sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form button").first.click()
    yield page
    context.close()


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """Save a picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    print(PICTURES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
