"""Staff and readers admit a programme in the browser's way: from a list to letters in the hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from hub import accounts
from programme import applying, roster
from programme.admitting import admit, reading
from programme.people import Person
from programme.site import Site
from soc.cohorts import ensure_cohort, ensure_site
from tests.programme.applied import LIST, NOW, form
from tests.programme.sites import START
from tests.programme.small_hub import SERVICE, Visitor, small_hub

pytestmark = pytest.mark.hub
CALL, HOME = "ambassador-2027", "admission/ambassador-2027"
HOSTILE = '<script>alert("x")</script>'
LARGEST_PAGE_BYTES = 60_000


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = ensure_site(tmp_path_factory.mktemp("admission") / "data")
    ensure_cohort(site, "ambassador-2027-a", START, language="km")
    roster.enrol(site, [Person("office", "The Office")], None, "staff", on=START)
    readers = [Person("maly", "Keo Maly"), Person("vanna", "Ly Vanna")]
    roster.enrol(site, readers, "ambassador-2027-a", "instructor", on=START)
    applying.add_programme(site, CALL, "ambassador", date(2026, 11, 1), date(2099, 1, 1))
    for n in range(1, 5):
        words = {"answer-why": HOSTILE} if n == 1 else {}
        applying.apply(site, CALL, applying.new_link(), form(n, **words), "km", NOW)
    with small_hub(site.root, tmp_path_factory.mktemp("hub")) as address:
        yield site, address


@pytest.fixture(scope="module")
def visitors(school: tuple[Site, str]) -> Iterator[dict[str, Visitor]]:
    found = {name: Visitor(school[1], name) for name in ("office", "maly", "vanna")}
    yield found
    for visitor in found.values():
        visitor.close()


def send(visitor: Visitor, path: str, content: bytes) -> requests.Response:
    return visitor.session.post(
        f"{visitor.hub}{SERVICE}{path}", data={"_xsrf": visitor.token()},
        files={"list": ("list.csv", content)}, timeout=60,
    )  # fmt: skip


def read_all(visitor: Visitor) -> int:
    """Read until nothing is left, by the form as it is on the page."""
    for count in range(20):
        page = visitor.get(f"read/{CALL}")
        assert "<script" not in page.text
        assert "Sokha" not in page.text
        number = re.search(r'name="number" value="(\d+)"', page.text)
        if not number:
            return count
        asked = re.findall(r'name="(points-[a-z]+)"', page.text)
        points = dict.fromkeys(asked, "7")
        done = visitor.post(f"read/{CALL}", number=number[1], **points)
        assert f"Number {number[1]} is kept" in done.text
    raise AssertionError("there is always one more")


def test_a_programme_is_admitted(visitors: dict[str, Visitor]) -> None:
    office = visitors["office"]
    group = {"cohort": "ambassador-2027-a", "name": "Online A", "mode": "online", "places": "4"}
    assert "0 of 4 places" in office.post(f"{HOME}/group", **group).text
    assert office.post(f"{HOME}/group", **group | {"places": "x"}).status_code == 400
    assert visitors["maly"].get(f"read/{CALL}").status_code == 403
    for reader in ("maly", "vanna"):
        assert reader in office.post(f"{HOME}/reader", username=reader).text

    bad = send(office, f"{HOME}/import", LIST.replace("Kandal", "Kandel").encode())
    assert bad.status_code == 400
    assert "Row 2, D (province)" in bad.text
    assert "Is it Kandal?" in bad.text
    done = send(office, f"{HOME}/import", LIST.encode("utf-8-sig"))
    assert "1 applications are new; 0 were here before" in done.text
    assert "no row" in send(office, f"{HOME}/import", b"\xef\xbb\xbf\n").text

    selection = office.get(f"{HOME}/selection")
    assert "5 applications are not read" in selection.text
    assert 'name="digest"' not in selection.text
    assert [read_all(visitors[name]) for name in ("maly", "vanna")] == [5, 5]
    selection = office.get(f"{HOME}/selection")
    assert "Sokha" not in selection.text
    assert "drawn by lot" in selection.text
    (digest,) = re.findall(r'name="digest" value="([0-9a-f]+)"', selection.text)
    stale = office.post(f"{HOME}/selection", digest="0" * 16)
    assert (stale.status_code, "look again" in stale.text) == (400, True)
    decided = office.post(f"{HOME}/selection", digest=digest)
    assert "4 more have a place" in decided.text
    assert "waiting 1" in decided.text
    assert "Sokha" in decided.text


def test_accounts_and_letters_are_made_once(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    site, _ = school
    office = visitors["office"]
    letters = office.post(f"{HOME}/accounts")
    assert letters.headers["Content-Type"] == "application/pdf"
    assert "attachment" in letters.headers["Content-Disposition"]
    assert letters.headers["Cache-Control"] == "no-store"
    names = [one.username or "" for one in admit.decided(site, CALL) if one.status == "accepted"]
    assert accounts.invited(site, names) == names
    again = office.post(f"{HOME}/accounts")
    assert "no new letter was needed" in again.text
    assert office.post(f"{HOME}/accounts", again="yes").content.startswith(b"%PDF")
    students = [e.person.username for e in roster.enrolled(site, "ambassador-2027-a")]
    assert students == sorted(names)


def test_the_list_moves_up(school: tuple[Site, str], visitors: dict[str, Visitor]) -> None:
    site, _ = school
    office = visitors["office"]
    first = admit.decided(site, CALL)[0]
    answer = office.post(f"{HOME}/withdraw", number=str(first.number), reason="She moves away.")
    assert "Taken back by office: She moves away." in answer.text
    page = office.get(f"{HOME}/selection").text
    (digest,) = re.findall(r'name="digest" value="([0-9a-f]+)"', page)
    assert "1 more have a place" in office.post(f"{HOME}/selection", digest=digest).text


def test_pages_are_small(visitors: dict[str, Visitor]) -> None:
    for path in ("admission", HOME, f"{HOME}/selection", f"{HOME}/list", "read", f"read/{CALL}"):
        for language in ("en", "km"):
            page = visitors["office"].get(path, params={"lang": language})
            assert page.ok
            assert len(page.content) < LARGEST_PAGE_BYTES
            assert "<script" not in page.text
    visitors["office"].get("", params={"lang": "en"})


@pytest.mark.browser
def test_on_a_phone_everybody_can_use_it(school: tuple[Site, str], browser: Any) -> None:
    """Readable by everybody (axe), nothing wider than the phone, points given by the keyboard."""
    from axe_playwright_python.sync_playwright import Axe

    site, address = school
    applying.apply(site, CALL, applying.new_link(), form(9), "km", NOW)
    folder = os.environ.get("SOC_PICTURES")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{address}/hub/login")
    page.fill("#username_input", "office")
    page.fill("#password_input", "x")
    page.click("#login_submit")
    for path in ("admission", HOME, f"{HOME}/selection", f"{HOME}/list", "read", f"read/{CALL}"):
        for language, scheme in (("en", "dark"), ("km", "light")):
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{address}{SERVICE}{path}?lang={language}")
            for closed in page.query_selector_all("details:not([open]) > summary")[:3]:
                closed.click()
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            if folder:
                name = f"{path.replace('/', '-')}-{language}.png"
                page.screenshot(path=f"{folder}/{name}", full_page=True)
    page.focus("input[name=points-motivation]")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    state = reading.reading_state(site, CALL)
    assert state.states["read_once"] == 1
    page.close()
