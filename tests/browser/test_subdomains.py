"""Each student's server under a host name of its own (SOC_SUBDOMAINS), in a real browser with its
rules of origins and cookies.

What a student's server sends may be hostile: a notebook that somebody persuaded her to open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.hub.running import (
    COHORT,
    INSTRUCTOR,
    RunningHub,
    free_ports,
    make_site,
    set_public_url,
)
from tests.hub.tls import tls_door

pytestmark = [pytest.mark.hub, pytest.mark.browser, pytest.mark.slow]

HOST = "school.localhost"  # a browser knows that all names below localhost are this machine
SignIn = Callable[[str], Page]

READ = """url => fetch(url, {credentials: "include"}).then(
    answer => answer.text().then(text => `${answer.status} ${text}`), error => String(error))"""
KERNEL = """async () => {
    const token = document.cookie.match(/_xsrf=([^;]+)/)[1];
    const answer = await fetch("/user/sophea/api/kernels", {method: "POST",
        headers: {"X-XSRFToken": token, "Content-Type": "application/json"}, body: "{}"});
    const {id} = await answer.json();
    const socket = new WebSocket(`wss://${location.host}/user/sophea/api/kernels/${id}/channels`);
    return await new Promise(done => {
        socket.onopen = () => done("open"); socket.onerror = () => done("refused");
    });
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hub behind TLS whose servers have subdomains."""
    folder = tmp_path_factory.mktemp("d")
    site = make_site(folder / "s")
    port = free_ports()[0]
    address = f"https://{HOST}:{port}"
    set_public_url(site, address)
    hub = RunningHub(site, {"SOC_DEMO": "1", "SOC_SUBDOMAINS": "1"})
    hub.start()
    with tls_door(port, hub.port, folder):
        yield address
    hub.stop()


@pytest.fixture(scope="module")
def sign_in(browser: Browser, address: str) -> Iterator[SignIn]:
    """username -> her page, signed in; a browser for each."""
    pages: dict[str, Page] = {}

    def sign_in(username: str) -> Page:
        if username not in pages:
            page = browser.new_context(ignore_https_errors=True).new_page()
            page.set_default_timeout(60_000)
            chromium.sign_in(page, address, username)
            pages[username] = page
        return pages[username]

    yield sign_in
    for page in pages.values():
        page.context.close()


@pytest.fixture(scope="module")
def sophea(sign_in: SignIn) -> Page:
    """Her weeks, at her own host."""
    page = sign_in("sophea")
    page.wait_for_url(f"https://sophea.{HOST}:*/user/sophea/school")
    return page


def test_her_lessons_work_at_her_own_host(sophea: Page) -> None:
    assert sophea.locator("details#week01").is_visible()
    assert sophea.evaluate(KERNEL) == "open"


def test_a_page_of_her_server_reads_nothing_of_the_hub(sophea: Page, address: str) -> None:
    for path in ("/hub/home", "/hub/api/user", "/services/programme/"):
        assert sophea.evaluate(READ, address + path) == "TypeError: Failed to fetch"


def test_the_hubs_own_pages_do(sign_in: SignIn, sophea: Page, address: str) -> None:
    """What is refused above is there, and hers."""
    page = sophea.context.new_page()
    page.goto(f"{address}/hub/home")
    assert page.evaluate(READ, f"{address}/hub/home").startswith("200 ")
    page.close()


def test_the_hubs_cookie_goes_to_no_server_of_a_student(sophea: Page, address: str) -> None:
    """The one that signs her in; its name forbids that a subdomain sets another."""
    (hubs,) = [c for c in sophea.context.cookies() if "hub-login" in c["name"]]
    assert hubs["name"].startswith("__Host-")
    assert (hubs["domain"], hubs["httpOnly"], hubs["secure"]) == (HOST, True, True)
    names = {cookie["name"] for cookie in sophea.context.cookies(sophea.url)}
    assert hubs["name"] not in names


def test_another_student_is_refused(sign_in: SignIn, sophea: Page) -> None:
    page = sign_in("dara")
    page.wait_for_url(f"https://dara.{HOST}:*/user/dara/school")
    answer = page.goto(sophea.url)
    assert answer
    assert answer.status == 403


def test_the_hubs_services_stay_with_it(sign_in: SignIn, address: str, tmp_path: Path) -> None:
    page = sign_in(INSTRUCTOR)
    page.wait_for_load_state()
    page.goto(f"{address}/services/{COHORT}/formgrader")
    assert page.get_by_text("Manage Assignments").first.is_visible()
    page.screenshot(path=tmp_path / "formgrader.png")


def test_the_way_out_leads_to_the_hub(sophea: Page, address: str) -> None:
    """Last: she is signed out."""
    sophea.locator("nav a").last.click()
    sophea.wait_for_url(f"{address}/hub/login*")
