"""The main job in a real browser on a real hub: from the instructor's release to the decision.

One story, told in order; each test is a chapter and needs the ones before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub import accounts
from programme import roster
from programme.people import Person
from programme.site import Site
from soc.cohorts import ensure_cohort, ensure_site, ensure_students_in_gradebook
from tests.hub.running import RunningHub, password, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.slow]

COHORT = "ambassador-2031"
STUDENT, OTHER, TEACHER = "sreyneang", "dara", "rachana"
PATIENCE_MS = 120_000
SignIn = Callable[[str], Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A cohort with nothing released. The path is short: Unix sockets lie in it."""
    site = ensure_site(tmp_path_factory.mktemp("l") / "s")
    first_day = datetime.now(UTC).date() - timedelta(days=3)
    cohort = ensure_cohort(site, COHORT, first_day)
    for names, role in (((STUDENT, OTHER), "student"), ((TEACHER,), "instructor")):
        people = [Person(name, f"{name.title()} Sok") for name in names]
        roster.enrol(site, people, COHORT, role, on=first_day)  # type: ignore[arg-type]
    ensure_students_in_gradebook(site, cohort)
    accounts.set_password(site, TEACHER, password(TEACHER))
    return site


@pytest.fixture(scope="module")
def hub(site: Site) -> Iterator[RunningHub]:
    running = RunningHub(site, {})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def page_of(browser: Browser, hub: RunningHub) -> Iterator[SignIn]:
    """username -> her page, signed in. The student's screen is tall: all cells are on it."""
    pages: dict[str, Page] = {}

    def page_of(username: str) -> Page:
        if username not in pages:
            size = {"width": 1200, "height": 900}
            if username == STUDENT:
                size = {"width": 1000, "height": 6000}
            page = browser.new_context(viewport=size, accept_downloads=True).new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(hub.url)
            if username == TEACHER:
                page.fill("input[name=username]", username)
                page.fill("input[name=password]", password(username))
                page.locator("form button").first.click()
            pages[username] = page
        return pages[username]

    yield page_of
    for page in pages.values():
        page.context.close()


def formgrader(page: Page, hub: RunningHub, path: str = "") -> None:
    page.goto(f"{hub.url}/services/{COHORT}/formgrader{path}")


def press(page: Page, cell: str, said: str) -> None:
    """Press a button of formgrader's table and wait for the word that it was done."""
    page.locator(f"{cell} a").first.click()
    expect(page.locator(".modal-body")).to_contain_text(said, timeout=PATIENCE_MS)
    page.locator(".modal.in .close, .modal.in [data-dismiss=modal]").first.click()
    expect(page.locator(".modal.in")).to_have_count(0)


def test_the_instructor_releases_week_1(page_of: SignIn, hub: RunningHub) -> None:
    page = page_of(TEACHER)
    expect(page).to_have_url(re.compile("/hub/teach"), timeout=PATIENCE_MS)
    formgrader(page, hub)
    row = "tr:has(td.name:has-text('week01'))"
    press(page, f"{row} td.assign", "Successfully")
    press(page, f"{row} td.release", "Successfully")


def test_a_student_makes_her_password_and_lands_on_her_week(
    page_of: SignIn, hub: RunningHub, site: Site
) -> None:
    code = accounts.invite(site, [STUDENT])[STUDENT]
    page = page_of(STUDENT)
    page.locator("a[href*=first]").click()
    page.fill("input[name=username]", STUDENT)
    page.fill("input[name=code]", code)
    for field in page.locator("input[type=password]").all():
        field.fill(password(STUDENT))
    page.locator("form button").first.click()
    expect(page.locator("#week01")).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("#week01 .links a").all_inner_texts() == ["Lesson", "Practice", "Project"]


def see(page: Page, hub: RunningHub, place: str, text: str) -> None:
    """Look at her weeks again until the text is there: the mover works every second."""

    def is_there() -> bool:
        page.goto(f"{hub.url}/user/{STUDENT}/school")
        found = page.locator(place)
        return found.count() > 0 and text in found.first.inner_text()

    wait_until(is_there, 60, f"{text!r} in {place}")


def open_notebook(page: Page, hub: RunningHub, name: str) -> None:
    page.goto(f"{hub.url}/user/{STUDENT}/notebooks/week01/{name}.ipynb")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    # Before the page has its kernel, "Run All Cells" would run nothing.
    sessions = f"{hub.url}/user/{STUDENT}/api/sessions"
    path = f"week01/{name}.ipynb"

    def is_ready() -> bool:
        kernels = [
            one["kernel"] for one in page.request.get(sessions).json() if one["path"] == path
        ]
        return any(one["connections"] and one["execution_state"] == "idle" for one in kernels)

    wait_until(is_ready, 120, f"a kernel for {path}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")


def write_cell(page: Page, has: str, program: str) -> None:
    """Replace the program of the cell that has this text."""
    page.locator(".jp-CodeCell", has_text=has).first.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(program)


def run_all_and_save(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
    # The star stands beside every cell that waits for its turn.
    expect(page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0, timeout=PATIENCE_MS)
    with page.expect_response(
        lambda answer: "/api/contents/" in answer.url and answer.request.method == "PUT"
    ):
        page.keyboard.press("Control+S")


def test_she_predicts_in_the_lesson(page_of: SignIn, hub: RunningHub, site: Site) -> None:
    page = page_of(STUDENT)
    open_notebook(page, hub, "lesson")
    run_all_and_save(page)
    page.get_by_label("Hello, Cambodia!", exact=True).first.check()
    page.get_by_role("button", name="Keep my prediction").first.click()
    kept = site.root / "homes" / STUDENT / "week01" / "answers.json"
    wait_until(
        lambda: kept.exists() and "w01-p1-one-line" in kept.read_text(), 60, "her answer is kept"
    )


def test_she_works_checks_and_hands_in(page_of: SignIn, hub: RunningHub) -> None:
    page = page_of(STUDENT)
    open_notebook(page, hub, "practice")
    write_cell(page, "My name is ____", '%%keep hello\nprint("Hello!")\nprint("My name is Neang.")')
    run_all_and_save(page)
    open_notebook(page, hub, "project")
    card = '%%keep card\nprint("ខ្ញុំឈ្មោះ នាង")\nprint("My name is Neang")\n'
    card += 'print("ខ្ញុំរស់នៅតាកែវ")\nprint("I live in Takeo")'
    write_cell(page, "Make your card here", card)
    run_all_and_save(page)
    page.goto(f"{hub.url}/user/{STUDENT}/school")
    page.locator("#week01 form[action*=check] button").click()
    expect(page.locator(".result")).to_contain_text("Next step")
    page.locator("#week01 form[action*=submit] button").click()
    see(page, hub, "#week01 .state.received", "Your teacher has it")


def test_the_instructor_collects_and_grades(page_of: SignIn, hub: RunningHub) -> None:
    page = page_of(TEACHER)
    formgrader(page, hub)
    press(page, "tr:has(td.name:has-text('week01')) td.collect", "Successfully")
    formgrader(page, hub, "/manage_submissions/week01")
    row = f"tr:has(td.student-id:text-is('{STUDENT}'))"
    press(page, f"{row} td.autograde", "Successfully")
    expect(page.locator(f"{row} td.status")).to_contain_text("manual grading")


def write_down(page: Page, field: str, text: str, api: str) -> None:
    """Fill a field of formgrader, which keeps it when the field is left, and wait until it has."""
    with page.expect_response(lambda answer: api in answer.url and answer.request.method == "PUT"):
        page.locator(field).press_sequentially(text)
        page.locator(field).press("Tab")


def test_the_instructor_reads_the_project_and_gives_feedback(
    page_of: SignIn, hub: RunningHub
) -> None:
    page = page_of(TEACHER)
    formgrader(page, hub, "/gradebook/week01/project")
    with page.expect_response(lambda answer: "/api/grades" in answer.url):  # then it listens
        page.locator("table a[href*=submissions]").first.click()
    page.wait_for_load_state("networkidle")
    write_down(page, "input#w01-project-card", "9", "/api/grade/")
    comment = "Your card made me smile."
    write_down(page, "textarea#w01-project-card-comment", comment, "/api/comment/")
    formgrader(page, hub, "/manage_submissions/week01")
    row = f"tr:has(td.student-id:text-is('{STUDENT}'))"
    press(page, f"{row} td.generate-feedback", "Successfully")
    press(page, f"{row} td.release-feedback", "Successfully")


def test_the_student_reads_it(page_of: SignIn, hub: RunningHub) -> None:
    page = page_of(STUDENT)
    see(page, hub, "#week01", "17 / 20")
    page.locator("#week01 li a", has_text="Project").click()
    feedback = page.frame_locator("iframe")
    expect(feedback.locator("body")).to_contain_text("Your card made me smile.")


def test_the_board_shows_it_and_gives_it_away(page_of: SignIn, hub: RunningHub) -> None:
    page = page_of(TEACHER)
    page.goto(f"{hub.url}/services/programme/cohort/{COHORT}")
    expect(page.locator("tr", has_text="Sreyneang")).to_contain_text("On the way")
    with page.expect_download() as download:
        page.locator("a[href*=graduation][href*=csv]").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    outcomes = {row["username"]: row["outcome"] for row in csv.DictReader(io.StringIO(text))}
    assert outcomes == {STUDENT: "On the way", OTHER: "On the way"}
