"""A browser that comes from the LMS, without the browser; and a hub that expects it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from hub.lti import keys, platforms
from programme import roster
from programme.people import Person
from programme.site import Site
from tests.hub.client import as_utf8
from tests.hub.independent import Independent
from tests.hub.platform import Platform, User
from tests.hub.running import COHORT, FIRST_DAY, RunningHub, free_ports, set_public_url

_FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
_ACTION = re.compile(r'action="([^"]*)"')
OTHER_COHORT = "club-2026"

# sourcedid is the roster's username; chenda isn't used, so that her name can be taken wrongly.
SOPHEA = User("1001", "sophea", "ចាន់ សុភា", given="សុភា", family="ចាន់")
DARA = User("1002", "dara", "ចាន់ ដារ៉ា", given="ដារ៉ា", family="ចាន់")
STRANGER = User("1003", "rany", "កែវ រ៉ានី", given="រ៉ានី", family="កែវ")
KUNTHEA = User("2001", "kunthea", "Kunthea Chan", "Instructor", "Kunthea", "Chan")
STAFF = User("2002", "bopha", "Bopha Chan", "Instructor", "Bopha", "Chan")
OUTSIDER = User("1005", "malis", "កែវ ម៉ាលីស", "Instructor", "ម៉ាលីស", "កែវ")
USERS = [SOPHEA, DARA, STRANGER, KUNTHEA, STAFF, OUTSIDER]


@dataclass
class Class:
    """An LMS and a hub that know each other."""

    site: Site
    hub: RunningHub
    platform: Any  # a Platform, or an Independent

    def browser(self) -> LmsBrowser:
        """A new one, without cookies."""
        return LmsBrowser(self.platform, self.hub)


class LmsBrowser:
    """Follows a launch step by step, so that each step may be left out or changed."""

    def __init__(self, platform: Platform | Independent, hub: RunningHub) -> None:
        self.platform = platform
        self.hub = hub
        self.session = requests.Session()
        self.session.headers["Sec-Fetch-Mode"] = "navigate"
        self.session.hooks["response"].append(as_utf8)

    def begin(self, user: User, target: str = "launch", week: str = "week01") -> requests.Response:
        """The hub's answer to the beginning: a redirect to the LMS."""
        where = self.platform.login_url(user.subject, target, week)
        return self.session.get(where, allow_redirects=False, timeout=60)

    def token(
        self, user: User, target: str = "launch", week: str = "week01"
    ) -> tuple[str, dict[str, str]]:
        """What the LMS's page would post: where, and which fields."""
        begun = self.begin(user, target, week)
        assert begun.status_code == 302, begun.text
        page = self.session.get(begun.headers["Location"], timeout=60)
        assert page.ok, page.text
        return form(page.text)

    def launch(self, user: User, target: str = "launch", week: str = "week01") -> requests.Response:
        """The hub's answer to the whole."""
        return self.send(*self.token(user, target, week))

    def send(self, where: str, fields: dict[str, str]) -> requests.Response:
        """Post the fields."""
        return self.session.post(where, data=fields, allow_redirects=False, timeout=60)

    def who(self) -> str:
        """Whom the hub takes this browser for; '' for nobody."""
        answer = self.session.get(f"{self.hub.url}/hub/home", allow_redirects=False, timeout=60)
        if answer.status_code != 200:
            return ""
        found = re.search(r'user: "([^"]*)"', answer.text)
        assert found, answer.text
        return found[1]


def form(page: str) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and its fields."""
    action = _ACTION.search(page)
    assert action, page
    return html.unescape(action[1]), {n: html.unescape(v) for n, v in _FIELD.findall(page)}


def path(answer: requests.Response) -> str:
    """Where it sends the browser, without the host."""
    assert answer.status_code == 302, answer.text
    return urlsplit(answer.headers["Location"]).path


@contextmanager
def running(
    site: Site,
    public_url: str = "",
    host: str = "127.0.0.1",
    lms: Callable[[list[User]], Platform | Independent] = Platform,
) -> Iterator[Class]:
    """The LMS and the hub of the site, with malis in another cohort."""
    platform = lms(USERS)
    platform.host = host
    with platform:
        join(site, platform)
        hub = RunningHub(site, {"SOC_DEMO": "1", "SOC_SIGN_IN": "passwords+lti"})
        hub.port, hub.inner_port = free_ports()
        set_public_url(site, public_url or hub.url)
        platform.tool_url = f"{public_url or hub.url}/hub"
        hub.start()
        try:
            yield Class(site, hub, platform)
        finally:
            hub.stop()


def join(site: Site, platform: Platform | Independent) -> None:
    """Register the LMS at the site, and the site's keys at the LMS; enrol malis elsewhere."""
    registration = platform.registration(COHORT)
    platforms.file(site).write_text(registration, encoding="utf-8")
    if isinstance(platform, Platform):  # the other reads them from the hub
        platform.tool_keys = lambda: keys.key_set(site)
    roster.add_cohort(site, OTHER_COHORT, FIRST_DAY, kind="club")
    roster.enrol(site, [Person("malis", "Malis Keo", "កែវ ម៉ាលីស")], OTHER_COHORT, on=FIRST_DAY)
