"""The pictures of the documents, from a demo of their own: `make screenshots`.

Everything shown is real: the demo's hub, its fictional people, a headless Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from programme import reported
from programme.fictional_years import fill_survey, fill_years
from programme.report import document, figures, render
from soc.cohorts import ensure_site
from soc.demo.around import CALL
from soc.demo.build import COHORT, INSTRUCTOR, LAST_YEAR, PASSWORD, STAFF, ensure_demo
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.hub.running import RunningHub

PICTURES = Path(__file__).parent / "pictures"
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 800}
PATIENCE_MS = 120_000
COLOURS = 96
PROGRAMME = "/services/programme"


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
                of_an_applicant(chromium, hub.url)
                of_a_student(chromium, hub.url, students[2])
                of_the_instructor(chromium, hub.url)
                of_staff(chromium, hub.url)
        finally:
            hub.stop()
        of_the_report(Path(folder) / "reported")


def of_an_applicant(browser: Browser, url: str) -> None:
    """The form to apply, on a small phone in Khmer."""
    page = browser.new_context(viewport=SMALL_PHONE).new_page()  # type: ignore[arg-type]
    page.goto(f"{url}{PROGRAMME}/apply/{CALL}?lang=km")
    take(page, "phone-apply")
    page.context.close()


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
        page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
        page.goto(f"{url}{PROGRAMME}/surveys?lang=km")
        take(page, "phone-survey")
        page.goto(f"{url}{PROGRAMME}/me/{COHORT}?lang=km")
        take(page, "phone-progress")


def of_the_instructor(browser: Browser, url: str) -> None:
    """Classes, a project to read, the board."""
    with signed_in(browser, url, INSTRUCTOR.username, DESK) as page:
        page.locator("a", has_text="formgrader").first.wait_for()
        take(page, "teach")
        page.goto(f"{url}/services/{COHORT}/formgrader/gradebook/week02/project")
        page.locator("table a[href*=submissions]").first.click()
        page.locator("input.score").first.scroll_into_view_if_needed()
        take(page, "formgrader")
        page.goto(f"{url}{PROGRAMME}/cohort/{COHORT}")
        take(page, "board")
        page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
        page.goto(f"{url}{PROGRAMME}/cohort/{COHORT}/session/3?lang=km")
        take(page, "phone-attendance")


def of_staff(browser: Browser, url: str) -> None:
    """Last year's graduation, and one student with her reasons."""
    with signed_in(browser, url, STAFF.username, DESK) as page:
        page.goto(f"{url}{PROGRAMME}/cohort/{LAST_YEAR}")
        take(page, "graduation")
        page.locator("table a[href*=student]").first.click()
        page.locator("h1").first.wait_for()
        take(page, "reasons", whole=True)


def of_the_report(folder: Path) -> None:
    """Two pages of the funder's report over the years that the programme has published."""
    site = ensure_site(folder)
    fill_years(site, reported.REPORTED, 1)
    fill_survey(site, "club-2023", 1)
    period = figures.Period(date(2022, 1, 1), date(2023, 12, 31))
    found = figures.read(site, period)
    made = document.write(found, "en")
    for name, page in (("report", 1), ("report-map", 2)):
        file = PICTURES / f"{name}.png"
        file.write_bytes(render.as_pdf(made, found, "png", page))
        make_small(file)


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
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file, full_page=whole)
    make_small(file)


def make_small(file: Path) -> None:
    """The same picture in few colours: a third of the bytes, and nobody sees it."""
    with Image.open(file) as full:
        few = full.convert("RGB").quantize(COLOURS)
    few.save(file, optimize=True)
    print(file)


if __name__ == "__main__":
    sys.exit(main())
