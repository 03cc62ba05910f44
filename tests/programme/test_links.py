"""Every page and form of the programme can be reached by clicks, from where each role lands.

The crawl follows what a person could click in a real hub and a real student's server, beginning at
the page where she lands after signing in. Rule: an address that only somebody who knows it can
open is as good as missing; a link that leads to an error is a dead end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from hub import accounts
from programme import applying
from programme.admitting import admit, reading
from programme.admitting.places import set_group
from programme.site import Site
from tests.hub.client import Visitor
from tests.hub.running import RunningHub, password
from tests.programme.applied import NOW, form
from tests.programme.school import OTHER_COHORT, ROLES, open_school
from tests.programme.test_roles import ACTIONS

pytestmark = [pytest.mark.hub, pytest.mark.slow]
PROGRAMME = "/services/programme/"
# Who has no account has no page to begin at.
CRAWLED = [role for role in ROLES if role not in ("stranger", "withdrawn")]
FOLLOWED = re.compile(r"/services/programme/|/hub/(teach|condition|login|first)|/user/[^/]+/school")
FILE = re.compile(r"\.(pdf|csv|xlsx|pem|css|woff2)$")
# Not by a click, and why.
BY_OTHER_WAYS = {
    "save a draft of it": "each form has a link of its own, made when it is opened",
    "see what is under a private link": "hers alone: it is shown to her when she has saved",
    "check a certificate": "its number is typed, or scanned from the paper",
    "look for the form to hold a session again": "the way back of a form that was sent",
    "take the funder's report away": "for the days that were chosen",
}


@dataclass
class Crawl:
    """Paths that were found: pages to open, forms to send; and what was wrong."""

    pages: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)


class Clickable(HTMLParser):
    """The links and the forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag == "form":
            wanted = self.forms if given.get("method") == "post" else self.links
            wanted.append(given.get("action") or "")


@pytest.fixture(scope="module")
def school(
    empty_gradebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, dict[str, str]]:
    site, values = open_school(tmp_path_factory.mktemp("d") / "s", empty_gradebook)
    _admit(site)
    for username in ROLES.values():
        if username not in (None, "stranger", "gone"):
            accounts.set_password(site, username, password(username))
    return site, values


def _admit(site: Site) -> None:
    """One programme that is read and waits for its decision, and one that is decided."""
    for call, group in (("ambassador-2095", None), ("ambassador-2094", OTHER_COHORT)):
        applying.add_programme(site, call, "ambassador", date(2026, 11, 1), date(2099, 12, 1))
        applying.apply(site, call, applying.new_link(), form(7), "km", NOW)
        reading.name_reader(site, call, "vanna", "office", NOW)
        for reader in ("vanna", "office"):
            sheet = reading.next_sheet(site, call, reader)
            assert sheet
            points = {criterion.id: criterion.most for criterion in sheet.criteria}
            reading.give(site, call, sheet.number, reader, points, NOW)
        if group:
            set_group(site, call, group, "online", "online", 5)
            admit.confirm(site, call, admit.preview(site, call).digest, "office", NOW)


@pytest.fixture(scope="module")
def running(school: tuple[Site, dict[str, str]]) -> Iterator[RunningHub]:
    (school[0].root / "hub").mkdir(exist_ok=True)
    hub = RunningHub(school[0], {"SOC_DEMO": "1"})
    hub.start()
    yield hub
    hub.stop()


@pytest.mark.parametrize("role", CRAWLED)
def test_she_reaches_everything_that_is_hers_by_clicks(
    running: RunningHub, school: tuple[Site, dict[str, str]], role: str
) -> None:
    found = _crawl(running, ROLES[role])
    assert not found.dead
    missing = [
        name
        for name, action in ACTIONS.items()
        if role in action["may"] and name not in BY_OTHER_WAYS
        and not _reached(action, school[1], found)
    ]  # fmt: skip
    assert not missing, f"{role} has no way to: {missing}"


def _reached(action: dict[str, Any], values: dict[str, str], found: Crawl) -> bool:
    """A page is reached at the very address; a form where it has something to be about."""
    if action.get("method", "GET") == "GET":
        return PROGRAMME + action["path"].format(**values) in found.pages
    form = re.compile(PROGRAMME + re.sub(r"\{\w+\}", "[^/]+", action["path"]))
    return any(form.fullmatch(path) for path in found.forms)


def _crawl(hub: RunningHub, username: str | None) -> Crawl:
    """Open everything that can be clicked, from where she lands."""
    visitor = Visitor(hub.url, username or "nobody")
    if username is None:
        start = "/hub/login"
    else:
        assert visitor.sign_in(password(username)).ok
        start = "/hub/teach"
        if "/hub/teach" not in visitor.get(start).url:
            visitor.wait_for_server()
    found, to_open = Crawl(), [start]
    seen: set[str] = set()
    while to_open:
        path = to_open.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = visitor.get(path)
        steps = [*answer.history, answer]
        found.pages |= {urlsplit(step.url).path for step in steps}
        if not answer.ok:
            found.dead.append(f"{path}: {answer.status_code}")
        if "text/html" not in answer.headers["Content-Type"]:
            continue
        page = Clickable(answer.text)
        found.forms |= {_path(answer.url, address) for address in page.forms}
        for address in page.links:
            link = urlsplit(urljoin(answer.url, address))
            if link.netloc != urlsplit(hub.url).netloc:
                continue
            found.pages.add(link.path)
            if FOLLOWED.match(link.path) and not FILE.search(link.path):
                to_open.append(link.path)
    return found


def _path(base: str, address: str) -> str:
    return urlsplit(urljoin(base, address)).path
