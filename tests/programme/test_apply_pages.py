"""The public form by real HTTP, by the service alone: small, without scripts, patient."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from programme import admission, applying
from programme.pages import apply
from programme.schema import applications
from programme.site import Site
from programme.store import reading
from tests.programme.sites import make_site
from tests.programme.test_applying import CALL, FORM, GUARDIAN

PREFIX = "/services/programme/"
HOSTILE = '"><script>alert(1)</script>'
LARGEST_BYTES = 60_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("apply") / "data")
    applying.add_programme(site, CALL, "ambassador", date(2020, 1, 1), date(2099, 1, 1))
    applying.add_programme(site, "closed-2020", "ambassador", date(2020, 1, 1), date(2020, 2, 1))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    env = {
        "SOC_DATA": str(site.root), "JUPYTERHUB_SERVICE_URL": address,
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX, "JUPYTERHUB_API_TOKEN": "x",
    }  # fmt: skip
    with Path(site.root / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "programme.pages"], env={**os.environ, **env},
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _await(process, f"{address}{PREFIX}static/style.css")
            yield site, f"{address}{PREFIX}"
        finally:
            process.terminate()
            process.wait(20)


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("the pages did not start")


def _new_form(address: str) -> str:
    """The address that a fresh form is sent to."""
    page = requests.get(f"{address}apply/{CALL}", timeout=20)
    (action,) = re.findall(r'action="([^"]+)"', page.text)
    return address.removesuffix(PREFIX) + action


def _send(url: str, **fields: str) -> requests.Response:
    opened = str(int(time.time()) - 60)
    data = {**FORM, "opened": opened, apply.TRAP: "", **fields}
    return requests.post(url, data=data, timeout=20)


def _count(site: Site) -> int:
    with reading(site) as connection:
        return connection.execute(select(func.count()).select_from(applications)).scalar_one()


@pytest.mark.parametrize("language", ["en", "km"])
def test_the_form_is_small_and_runs_no_script(service: tuple[Site, str], language: str) -> None:
    page = requests.get(f"{service[1]}apply/{CALL}?lang={language}", timeout=20)
    style = requests.get(f"{service[1]}static/style.css", timeout=20)
    assert len(page.content) + len(style.content) < LARGEST_BYTES
    assert f'<html lang="{language}">' in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_sent_twice_after_a_lost_answer_it_is_one_application(service: tuple[Site, str]) -> None:
    site, address = service
    url, before = _new_form(address), _count(site)
    for _ in range(2):
        answer = _send(url, phone="012000001")
        assert answer.ok
        assert answer.url == url
        assert 'role="status"' in answer.text
        assert "Sokha" not in answer.text  # the status page shows no data
    assert _count(site) == before + 1
    double = _send(_new_form(address), phone="012000001")
    assert double.status_code == 409
    assert "already" in double.text
    assert _count(site) == before + 1


def test_a_draft_waits_under_its_link(service: tuple[Site, str]) -> None:
    url = _new_form(service[1])
    saved = _send(url, save="yes", name_latin=HOSTILE, phone="012000002")
    assert saved.ok
    assert HOSTILE not in saved.text
    assert "&lt;script&gt;" in requests.get(url, timeout=20).text
    assert _send(url, phone="012000002").ok


def test_problems_are_named_and_nothing_typed_is_lost(service: tuple[Site, str]) -> None:
    answer = _send(_new_form(service[1]), birth_date="9/3/2012", phone="12", name_latin="Sok Dalin")
    assert answer.status_code == 400
    assert 'value="Sok Dalin"' in answer.text
    for name in ("phone", *GUARDIAN):
        assert f'id="problem-{name}"' in answer.text


@pytest.mark.parametrize(
    "wrong", [{"birth_date": "9/3/1990"}, {"opened": "99999999999"}, {"phone": ""}]
)
def test_another_language_after_an_error_keeps_what_was_typed(
    service: tuple[Site, str], wrong: dict[str, str]
) -> None:
    url = _new_form(service[1])
    assert _send(url, name_latin="Sok Dalin", **wrong).status_code == 400
    page = requests.get(f"{url}?lang=km", timeout=20)
    assert page.ok
    assert '<html lang="km">' in page.text
    assert 'value="Sok Dalin"' in page.text


def test_the_ages_are_those_of_the_rules(service: tuple[Site, str]) -> None:
    rules = admission.read(service[0].course)
    answer = _send(_new_form(service[1]), birth_date="9/3/1990")
    assert f"from {rules.youngest} to {rules.oldest}" in answer.text


def test_districts_of_her_province_without_a_script(service: tuple[Site, str]) -> None:
    site, address = service
    url = _new_form(address)
    page = _send(url, save="districts", province_code="02", phone="012000005")
    assert page.ok
    assert re.findall(r'<option value="(\d{4})"', page.text)[:2] == ["0201", "0202"]
    wrong = _send(url, province_code="02", district_code="0301", phone="012000005")
    assert 'id="problem-district_code"' in wrong.text
    assert _send(url, province_code="02", district_code="0202", phone="012000005").ok
    with reading(site) as connection:
        kept = connection.execute(select(applications.c.district_code)).scalars().all()
    assert "0202" in kept


def test_she_takes_her_application_back_by_her_link(service: tuple[Site, str]) -> None:
    site, address = service
    url = _new_form(address)
    assert requests.post(url, data={"withdraw": "yes"}, timeout=20).status_code == 400
    assert _send(url, phone="012000006").ok
    for _ in range(2):
        answer = requests.post(url, data={"withdraw": "yes"}, timeout=20)
        assert answer.ok
        assert "taken back" in answer.text
    assert _send(url, phone="012000006").ok  # the form that is sent again changes nothing
    with reading(site) as connection:
        assert connection.execute(
            select(applications.c.status).where(applications.c.phone == "+85512000006")
        ).scalars().all() == ["withdrawn"]


def test_robots_are_turned_away(service: tuple[Site, str]) -> None:
    site, address = service
    before = _count(site)
    for spam in ({apply.TRAP: "http://x"}, {"opened": str(int(time.time()))}, {"opened": "x"}):
        assert _send(_new_form(address), phone="012000003", **spam).status_code == 400
    assert _count(site) == before


def test_what_is_not_there_or_closed(service: tuple[Site, str]) -> None:
    _, address = service
    assert requests.get(f"{address}apply/nothing", timeout=20).status_code == 404
    unknown = f"{address}apply/{CALL}/{applying.new_link()}"
    assert requests.get(unknown, timeout=20).status_code == 404
    closed = requests.get(f"{address}apply/closed-2020", timeout=20)
    assert "<form" not in closed.text
    link = f"{address}apply/closed-2020/{applying.new_link()}"
    assert _send(link).status_code == 400


def test_the_log_has_no_names_and_no_links(service: tuple[Site, str]) -> None:
    url = _new_form(service[1])
    _send(url, phone="012000004")
    log = (service[0].root / "log").read_text()
    assert "Application" in log
    assert "Sokha" not in log
    assert url.rsplit("/", 1)[1] not in log


def test_a_flood_is_stopped_and_others_go_on() -> None:
    limit = apply.RateLimit(3, 60)
    assert [limit.allows("a", t) for t in (0, 1, 2, 3, 59)] == [True, True, True, False, False]
    assert limit.allows("b", 3)
    assert limit.allows("a", 61)


@pytest.mark.browser
def test_on_a_phone_everybody_can_read_it(service: tuple[Site, str], browser: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": 360, "height": 740})
    for language in ("en", "km"):
        page.goto(f"{service[1]}apply/{CALL}?lang={language}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if folder := os.environ.get("SOC_PICTURES"):
            page.screenshot(path=f"{folder}/apply-{language}.png", full_page=True)
    page.close()
