"""From an LMS of another origin into a hub behind TLS, in a real browser with its cookie rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from programme.site import Site
from tests.hub.lms import KUNTHEA, SOPHEA, STRANGER, Class, running
from tests.hub.platform import DEEP
from tests.hub.running import free_ports, make_site
from tests.hub.tls import tls_door

pytestmark = [pytest.mark.hub, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """The LMS is http://localhost:…, the hub https://127.0.0.1:…: two sites to a browser."""
    folder = tmp_path_factory.mktemp("d")
    site: Site = make_site(folder / "s")
    port = free_ports()[0]
    with (
        running(site, f"https://127.0.0.1:{port}", host="localhost") as school,
        tls_door(port, school.hub.port, folder),
    ):
        yield school


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A new one, without cookies; it takes any certificate."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, ignore_https_errors=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


def test_the_state_crosses_sites_by_https_alone(school: Class) -> None:
    answer = school.browser().session.get(
        school.platform.login_url(SOPHEA.subject).replace(
            school.platform.tool_url, f"{school.hub.url}/hub"
        ),
        allow_redirects=False,
        timeout=60,
    )
    (cookie,) = [c for c in answer.raw.headers.getlist("Set-Cookie") if c.startswith("lti-")]
    for attribute in ("HttpOnly", "Secure", "SameSite=None", "Path=/hub/lti/", "Max-Age=600"):
        assert attribute.lower() in cookie.lower()


def test_a_lesson_in_a_frame_opens_in_a_window(
    school: Class, phone: BrowserContext, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(f"{school.platform.url}/course?user={SOPHEA.subject}")
    button = page.frame_locator("#tool").get_by_role("link", name="Open the lesson")
    expect(button).to_be_visible()
    page.screenshot(path=tmp_path / "frame.png")
    with page.expect_popup() as opened:
        button.click()
    week = opened.value
    week.wait_for_url("**/user/sophea/school/week/week01")
    expect(week.locator("details#week01")).to_have_attribute("open", "")
    week.screenshot(path=tmp_path / "week.png")
    assert week.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_link_into_a_window_goes_straight_to_the_week(
    school: Class, phone: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto(f"{school.platform.url}/course?user={SOPHEA.subject}")
    with page.expect_popup() as opened:
        page.click("#window")
    opened.value.wait_for_url("**/user/sophea/school/week/week01")


@pytest.mark.parametrize("cookies", ["allowed", "blocked"])
def test_an_instructor_chooses_within_the_frame(
    school: Class, phone: BrowserContext, tmp_path: Path, cookies: str
) -> None:
    """Also where the browser keeps no cookie of a page in a frame."""
    page = phone.new_page()
    if cookies == "blocked":
        page.route(
            f"{school.platform.tool_url}/lti/**",
            lambda route: route.continue_(
                headers={k: v for k, v in route.request.headers.items() if k != "cookie"}
            ),
        )
    page.goto(f"{school.platform.url}/course?user={KUNTHEA.subject}&target=choose")
    frame = page.frame_locator("#tool")
    button = frame.locator("button[value=week03]")
    expect(button).to_be_visible()
    page.screenshot(path=tmp_path / "choose.png")
    button.click()
    expect(frame.locator("#done")).to_be_visible()
    (item,) = school.platform.returned[-1][f"{DEEP}content_items"]
    assert item["custom"] == {"week": "week03"}
    names = {cookie["name"] for cookie in phone.cookies(school.platform.tool_url)}
    assert not [name for name in names if name.startswith("jupyterhub-hub-login")]


def test_a_stranger_can_read_what_to_do(
    school: Class, phone: BrowserContext, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(school.platform.login_url(STRANGER.subject))
    expect(page.get_by_role("alert")).to_contain_text("Ask your teacher to add you")
    expect(page.locator("strong")).to_have_text("rany")
    expect(page.get_by_role("link")).to_have_count(0)  # she came from the LMS, and goes back there
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=tmp_path / "stranger.png")


def test_no_other_site_may_show_it_in_a_frame(school: Class, phone: BrowserContext) -> None:
    """A page of an unregistered origin: the LMS's own, by its other name."""
    page = phone.new_page()
    stranger = school.platform.url.replace("localhost", "127.0.0.1")
    page.goto(f"{stranger}/course?user={SOPHEA.subject}")
    page.wait_for_load_state("networkidle")
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
