"""The pages as the hub serves them: who may do what, what the forms do, and how big they are."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import openpyxl
import pytest

from programme import applying, decisions, roster
from programme.board import read_board
from programme.people import Person
from programme.site import Site
from tests.programme.sites import COHORT, START
from tests.programme.small_hub import SERVICE, Visitor, path_of, small_hub

pytestmark = pytest.mark.hub
OTHER = "club-kandal"
HOSTILE = '<script>alert("x")</script>'
LARGEST_PAGE_BYTES = 60_000


@pytest.fixture(scope="module")
def school(
    _past_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, str]]:
    """A finished cohort, a second one, people of every kind, and the hub in front of them."""
    root = shutil.copytree(_past_root, tmp_path_factory.mktemp("pages") / "data")
    (root / "cohorts" / OTHER).mkdir()
    (root / "cohorts" / OTHER / "cohort.toml").write_text('language = "km"\n')
    site = Site.open(root)
    roster.enrol(site, [Person("sokha", "Sok Sokha", "សុខ សុខា")], COHORT, on=START)
    roster.enrol(site, [Person("mallory", HOSTILE, HOSTILE)], COHORT, on=START)
    roster.enrol(site, [Person("gone", "Chea Gone")], COHORT, on=START)
    roster.withdraw(site, "gone", COHORT, "moved", on=START)
    roster.add_cohort(site, OTHER, START, kind="club")
    roster.enrol(site, [Person("nary", "Heng Nary")], OTHER, on=START)
    roster.enrol(site, [Person("vanna", "Ly Vanna")], OTHER, "instructor", on=START)
    with small_hub(root, tmp_path_factory.mktemp("hub")) as address:
        yield site, address


@pytest.fixture(scope="module")
def visitors(school: tuple[Site, str]) -> Iterator[dict[str, Visitor]]:
    """Everybody, signed in; `nobody` is not."""
    names = ("office", "maly", "vanna", "sokha", "nary", "gone", "stranger")
    found = {name: Visitor(school[1], name) for name in names}
    found["nobody"] = Visitor(school[1], None)
    yield found
    for visitor in found.values():
        visitor.close()


BOARD = f"cohort/{COHORT}"
SOKHA = f"{BOARD}/student/sokha"


def test_a_form_is_refused_for_who_asks_and_not_for_its_token(
    visitors: dict[str, Visitor],
) -> None:
    """The same visitor with the same kind of token may do it in her own cohort."""
    token = visitors["vanna"].token()
    assert visitors["vanna"].post(f"cohort/{OTHER}/decide", xsrf=token).status_code == 200
    assert visitors["vanna"].post(f"cohort/{COHORT}/decide", xsrf=token).status_code == 403


def test_everybody_may_apply_without_an_account(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    applying.add_programme(school[0], "clubs-2099", "club", date(2020, 1, 1), date(2099, 1, 1))
    for name in ("nobody", "stranger", "sokha", "office"):
        answer = visitors[name].get("apply/clubs-2099")
        assert answer.status_code == 200
        assert path_of(answer) == "apply/clubs-2099"
        assert "<form" in answer.text


def test_everybody_starts_where_she_belongs(visitors: dict[str, Visitor]) -> None:
    assert path_of(visitors["maly"].get("")) == BOARD
    assert path_of(visitors["vanna"].get("")) == f"cohort/{OTHER}"
    assert path_of(visitors["sokha"].get("")) == f"me/{COHORT}"
    office = visitors["office"].get("")
    assert path_of(office) == ""
    assert f"cohort/{COHORT}" in office.text
    assert f"cohort/{OTHER}" in office.text
    assert "Ask the office" in visitors["stranger"].get("").text


def test_a_form_without_its_token_does_nothing(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    site, _ = school
    before = len(decisions.history(site, COHORT, "sokha"))
    stolen = visitors["nary"].token()
    fields = {"outcome": "withdrawn", "reason": "forged"}
    for token in (None, "made-up", stolen):
        answer = visitors["maly"].post(f"{SOKHA}/override", xsrf=token, **fields)
        assert answer.status_code == 403
        assert "Nothing was changed" in answer.text
    assert len(decisions.history(site, COHORT, "sokha")) == before


def test_no_page_runs_a_script(visitors: dict[str, Visitor]) -> None:
    visitors["maly"].post(f"{BOARD}/student/mallory/call", note=HOSTILE)
    for path in (BOARD, f"{BOARD}/student/mallory", f"{BOARD}/session/1"):
        answer = visitors["maly"].get(path)
        assert answer.ok
        assert "&lt;script&gt;" in answer.text
        assert "<script" not in answer.text
        assert not re.search(r"\son\w+=|style=|javascript:", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_pages_are_small_and_ask_no_other_server(visitors: dict[str, Visitor]) -> None:
    style = visitors["maly"].get("static/style.css")
    for name, path in (
        ("maly", BOARD),
        ("maly", f"{BOARD}/student/sokha"),
        ("maly", f"{BOARD}/session/30"),
        ("sokha", f"me/{COHORT}"),
        ("office", ""),
    ):
        for language in ("en", "km"):
            answer = visitors[name].get(path, params={"lang": language})
            size = len(answer.content) + len(style.content)
            assert size < LARGEST_PAGE_BYTES, (path, size)
            assert f'<html lang="{language}">' in answer.text
            assert "http://" not in answer.text.replace("http://127.0.0.1", "")
            assert "https://" not in answer.text
    visitors["maly"].get("", params={"lang": "en"})
    visitors["sokha"].get("", params={"lang": "en"})


def test_a_language_is_remembered(school: tuple[Site, str]) -> None:
    visitor = Visitor(school[1], "sokha")
    assert "My progress" in visitor.get("").text
    assert "ដំណើររបស់ខ្ញុំ" in visitor.get(f"me/{COHORT}", params={"lang": "km"}).text
    assert "ដំណើររបស់ខ្ញុំ" in visitor.get("").text
    visitor.close()


def test_the_board_shows_who_needs_somebody(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    site, _ = school
    text = visitors["maly"].get(BOARD).text
    for row in read_board(site, COHORT, datetime.now(UTC).date()).rows:
        assert f"student/{row.progress.person.username}" in text
    assert "At risk: " in text
    assert "call her" in text


def test_a_student_sees_her_own_page_only(visitors: dict[str, Visitor]) -> None:
    visitors["maly"].post(f"{SOKHA}/call", note="A private note about her family.")
    text = visitors["sokha"].get(f"me/{COHORT}").text
    assert "Attendance" not in text
    assert "private note" not in text
    assert "call her" not in text
    assert "Hello, coder" in text


def test_attendance_is_marked_on_one_page(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    site, _ = school
    form = visitors["maly"].get(f"{BOARD}/session/3").text
    assert 'name="mark-sokha"' in form
    assert 'name="mark-gone"' not in form
    answer = visitors["maly"].post(
        f"{BOARD}/session/3", **{"mark-sokha": "absent", "mark-mallory": "excused"}
    )
    assert "Session 3 is saved: 2 marks." in answer.text
    rows = {
        row.progress.person.username: row.progress.sessions[2].mark
        for row in read_board(site, COHORT, datetime.now(UTC).date()).rows
    }
    assert (rows["sokha"], rows["mallory"]) == ("absent", "excused")
    checked = 'name="mark-sokha" value="absent" checked'
    assert checked in visitors["maly"].get(f"{BOARD}/session/3").text


def test_khmer_has_its_font_from_the_hub(school: tuple[Site, str]) -> None:
    visitor = Visitor(school[1], None)
    style = visitor.get("static/style.css")
    (font,) = re.findall(r'url\("([^"]+)"\)', style.text)
    answer = visitor.session.get(urljoin(style.url, font), timeout=60)
    assert answer.content.startswith(b"wOF2")
    visitor.close()


@pytest.mark.parametrize("with_districts", [False, True])
def test_all_that_a_phone_fetches_to_apply_is_small(
    school: tuple[Site, str], with_districts: bool
) -> None:
    """Page, style and the Khmer font together, before compression: 60 KB."""
    call = "ambassador-2098"
    applying.add_programme(school[0], call, "ambassador", date(2020, 1, 1), date(2099, 1, 1))
    visitor = Visitor(school[1], None)
    page = visitor.get(f"apply/{call}", params={"lang": "km"})
    if with_districts:
        (here,) = re.findall(r'<form[^>]*action="([^"]+)"', page.text)
        data = {"save": "districts", "province_code": "08"}
        page = visitor.session.post(urljoin(page.url, here), data=data, timeout=60)
        assert 'name="district_code"' in page.text
    linked = re.findall(r'<(?:link|script|img)[^>]*?(?:href|src)="(?!data:)([^"]+)"', page.text)
    fetched = {urljoin(page.url, url) for url in linked}
    for sheet in [url for url in fetched if url.endswith(".css")]:
        style = visitor.session.get(sheet, timeout=60).text
        fetched |= {urljoin(sheet, url) for url in re.findall(r'url\("([^"]+)"\)', style)}
    assert len(fetched) == 2
    answers = [visitor.session.get(url, timeout=60) for url in fetched]
    assert all(answer.ok for answer in answers)
    total = sum(len(answer.content) for answer in [page, *answers])
    assert total < LARGEST_PAGE_BYTES, total
    visitor.close()


def test_a_decision_by_hand_keeps_its_reason_and_author(
    school: tuple[Site, str], visitors: dict[str, Visitor]
) -> None:
    site, _ = school
    reason = "Led a club of twelve girls."
    answer = visitors["maly"].post(
        f"{BOARD}/student/mallory/override", outcome="graduated", reason=reason
    )
    today = datetime.now(UTC).date()
    assert f"Decided by maly on {today:%-d %B %Y}: {reason}" in answer.text
    kept = decisions.history(site, COHORT, "mallory")[-1]
    assert (kept.author, kept.override_reason, kept.outcome) == ("maly", reason, "graduated")
    visitors["office"].post(f"{BOARD}/student/mallory/lift", reason="Not yet, after all.")
    assert decisions.standing(site, COHORT)["mallory"].override is None


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (f"{SOKHA}/override", {"outcome": "graduated", "reason": " "}, "needs a reason"),
        (f"{SOKHA}/override", {"outcome": "queen", "reason": "because"}, "no outcome"),
        (f"{SOKHA}/override", {}, "no outcome"),
        (f"{SOKHA}/call", {"note": ""}, "a few words"),
        (f"{SOKHA}/lesson", {"number": "1", "score": "11"}, "0 to 10 items"),
        (f"{SOKHA}/lesson", {"number": "x", "score": "1"}, "not a whole number"),
        (f"{BOARD}/session/1", {"mark-nobody": "present"}, "not enrolled"),
        (f"{BOARD}/session/1", {"mark-sokha": "asleep"}, "no mark"),
        (f"{BOARD}/session/99", {"mark-sokha": "present"}, "no session 99"),
        (f"{BOARD}/student/nobody/call", {"note": "hello"}, "not enrolled"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    visitors: dict[str, Visitor], path: str, fields: dict[str, str], words: str
) -> None:
    answer = visitors["maly"].post(path, **fields)
    assert answer.status_code == 400
    assert words in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "cohort/no-such-club",
        f"{BOARD}/student/nobody",
        f"{BOARD}/session/99",
        f"{BOARD}/export/people.csv",
        f"{BOARD}/export/gradebook.xlsx",
        "../../etc/passwd",
        "static/../app.py",
        "nowhere",
    ],
)
def test_what_is_not_there(visitors: dict[str, Visitor], path: str) -> None:
    assert visitors["office"].get(path).status_code in (403, 404)


def test_exports_are_the_tables(visitors: dict[str, Visitor]) -> None:
    answer = visitors["maly"].get(f"{BOARD}/export/graduation.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert f'filename="{COHORT}-graduation.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 34
    book = openpyxl.load_workbook(
        io.BytesIO(visitors["maly"].get(f"{BOARD}/export/{COHORT}.xlsx").content)
    )
    assert book.sheetnames == ["graduation", "gradebook", "attendance"]


def test_a_huge_form_is_not_read(visitors: dict[str, Visitor]) -> None:
    answer = visitors["maly"].post(f"{SOKHA}/call", note="x" * 1_000_000)
    assert answer.status_code in (400, 413, 503)
    assert visitors["maly"].get(BOARD).ok


def test_cookies_are_closed_to_scripts_and_other_sites(visitors: dict[str, Visitor]) -> None:
    visitors["maly"].get(BOARD, params={"lang": "en"})
    ours = [c for c in visitors["maly"].session.cookies if c.path == SERVICE]
    assert {c.name for c in ours} >= {"soc-language", "_xsrf"}
    (language,) = [c for c in ours if c.name == "soc-language"]
    assert language.has_nonstandard_attr("HttpOnly")
    assert language.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.browser
def test_pages_on_a_phone_in_a_real_browser(school: tuple[Site, str], browser: Any) -> None:
    """Readable by everybody (axe), nothing wider than the phone, nothing from other servers."""
    from axe_playwright_python.sync_playwright import Axe

    address = school[1]
    page = browser.new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/hub/login")
    page.fill("#username_input", "maly")
    page.fill("#password_input", "x")
    page.click("#login_submit")
    looks = (
        (BOARD, "en", "dark"),
        (SOKHA, "km", "light"),
        (f"{BOARD}/session/2", "km", "light"),
    )
    for path, language, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}{SERVICE}{path}?lang={language}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert len(found.response["passes"]) > 10
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.check("input[name=mark-sokha][value=excused]")
    page.click("button:not(.quiet)")
    assert page.get_by_role("status").is_visible()
    assert all(url.startswith((address, "data:")) for url in asked)
    assert errors == []
    page.close()
