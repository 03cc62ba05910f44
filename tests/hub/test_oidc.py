"""Signing in by an OpenID provider into a real hub: right accounts, strangers, forged answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from hub import accounts
from programme.site import Site
from tests.hub.client import as_utf8
from tests.hub.issuer import Keyring
from tests.hub.provider import CLIENT, SECRET, Provider
from tests.hub.running import STAFF, RunningHub, free_ports, set_public_url

pytestmark = [pytest.mark.hub, pytest.mark.slow]
STRANGERS_KEYS = Keyring()


class School:
    """The provider, the hub, and browsers without cookies."""

    def __init__(self, provider: Provider, hub: RunningHub) -> None:
        self.provider, self.hub = provider, hub

    def browser(self) -> requests.Session:
        session = requests.Session()
        session.headers["Sec-Fetch-Mode"] = "navigate"
        session.hooks["response"].append(as_utf8)
        return session

    def begin(self, browser: requests.Session, follow: bool = True) -> requests.Response:
        """Press the button; with `follow`, all the way."""
        where = f"{self.hub.url}/hub/oauth_login?next=%2Fhub%2Fhome"
        return browser.get(where, allow_redirects=follow, timeout=60)

    def callback(self, browser: requests.Session) -> str:
        """The address to which the provider sends the browser back."""
        asked = self.begin(browser, follow=False)
        return browser.get(asked.headers["Location"], allow_redirects=False).headers["Location"]

    def who(self, browser: requests.Session) -> str:
        answer = browser.get(f"{self.hub.url}/hub/home", allow_redirects=False, timeout=60)
        return answer.text.split('user: "')[1].split('"')[0] if answer.status_code == 200 else ""


@pytest.fixture(scope="module")
def school(site: Site) -> Iterator[School]:
    """One of each for all tests here."""
    secret = site.root / "oidc-secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    with Provider() as provider:
        hub = RunningHub(site, {"SOC_SIGN_IN": "oidc", "SOC_OIDC_ISSUER": provider.url,
                                "SOC_OIDC_CLIENT_ID": CLIENT, "SOC_OIDC_NAME": "ក្រសួងអប់រំ",
                                "SOC_OIDC_SECRET_FILE": str(secret)})  # fmt: skip
        hub.port, hub.inner_port = free_ports()
        set_public_url(site, hub.url)
        provider.callback = f"{hub.url}/hub/oauth_callback"
        hub.start()
        try:
            yield School(provider, hub)
        finally:
            hub.stop()


@pytest.fixture(autouse=True)
def _honest(school: School) -> Iterator[None]:
    school.provider.user = {"sub": "501", "preferred_username": "Sophea", "name": "ចាន់ សុភា"}
    yield
    school.provider.change = lambda claims: claims
    school.provider.sign = school.provider.keyring.sign


def test_a_provider_that_is_not_there_or_not_itself(school: School) -> None:
    """The first test here: a provider that was found is remembered for an hour."""
    school.provider.away = True
    assert "does not answer now" in school.begin(school.browser()).text
    school.provider.away = False
    school.provider.discovered_issuer = "https://evil.example"
    assert school.begin(school.browser()).status_code == 503
    school.provider.discovered_issuer = ""
    assert school.begin(school.browser()).ok


def test_she_signs_in_with_pkce_state_and_nonce(school: School) -> None:
    page = school.browser().get(f"{school.hub.url}/hub/login", timeout=60).text
    assert "ក្រសួងអប់រំ" in page
    assert "password_input" not in page
    browser = school.browser()
    assert school.begin(browser).url == f"{school.hub.url}/hub/home"
    assert school.who(browser) == "sophea"
    first = school.provider.questions[-1]
    school.begin(school.browser())
    second = school.provider.questions[-1]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 32
        assert first[name] != second[name]


def test_staff_is_staff_and_she_is_not(school: School) -> None:
    school.provider.user = {"sub": "700", "preferred_username": STAFF}
    browser = school.browser()
    school.begin(browser)
    assert browser.get(f"{school.hub.url}/hub/admin", timeout=60).ok
    school.provider.user = {"sub": "501", "preferred_username": "sophea", "groups": ["admin"]}
    browser = school.browser()
    school.begin(browser)
    assert browser.get(f"{school.hub.url}/hub/admin", timeout=60).status_code == 403


def test_who_is_not_in_the_roster_is_told_what_to_do(school: School) -> None:
    school.provider.user = {"sub": "999", "preferred_username": "rany", "name": "កែវ រ៉ានី"}
    browser = school.browser()
    answer = school.begin(browser)
    assert answer.status_code == 403
    assert "Ask your teacher to add you" in answer.text
    assert "<strong>rany</strong>" in answer.text
    assert school.who(browser) == ""


def test_an_account_is_tied_to_the_first_who_came_with_it(school: School) -> None:
    school.provider.user = {"sub": "502", "preferred_username": "dara"}
    school.begin(school.browser())
    school.provider.user = {"sub": "666", "preferred_username": "dara"}
    thief = school.browser()
    assert school.begin(thief).status_code == 403
    assert school.who(thief) == ""
    assert accounts.untie(school.hub.site, "dara") == 1
    assert school.begin(thief).ok


def test_she_has_no_password_here(school: School) -> None:
    browser = school.browser()
    school.begin(browser)
    page = browser.get(f"{school.hub.url}/hub/auth/change-password", timeout=60)
    assert "kept where your account is" in page.text
    assert browser.get(f"{school.hub.url}/hub/first", timeout=60).status_code == 404


FORGED: dict[str, dict[str, Any]] = {
    "issuer": {"iss": "https://evil.example"},
    "audience": {"aud": "another"},
    "expired": {"exp": 1_000_000_000},
    "too-old": {"iat": 1_000_000_000},
    "not-yet": {"iat": 4_000_000_000},
    "nonce": {"nonce": "nonce-of-another-sign-in"},
    "incomplete": {"nonce": None},
    "subject": {"sub": ""},
}


@pytest.mark.parametrize("reason", FORGED)
def test_a_wrong_token_is_refused(school: School, reason: str) -> None:
    school.provider.change = lambda claims: {**claims, **FORGED[reason]}
    browser = school.browser()
    answer = school.begin(browser)
    assert answer.status_code == 403
    assert "Please begin again" in answer.text
    assert school.who(browser) == ""
    assert _last_words(school) == f"OpenID sign-in refused: {reason}"


def _last_words(school: School) -> str:
    lines = [line for line in school.hub.log.read_text().splitlines() if "sign-in refused" in line]
    return lines[-1].partition("] ")[2]


def test_a_token_that_another_signed_is_refused(school: School) -> None:
    kid = school.provider.keyring.kid
    school.provider.sign = lambda claims: STRANGERS_KEYS.sign(claims, kid=kid)
    browser = school.browser()
    assert school.begin(browser).status_code == 403
    assert _last_words(school).endswith("signature")
    assert school.who(browser) == ""


def test_an_answer_works_once(school: School) -> None:
    browser = school.browser()
    back = school.callback(browser)
    cookies = dict(browser.cookies)
    assert browser.get(back, timeout=60).ok
    thief = school.browser()
    thief.cookies.update(cookies)
    assert not thief.get(back, timeout=60).ok
    assert school.who(thief) == ""


def test_an_answer_ends_in_the_browser_in_which_it_began(school: School) -> None:
    back = school.callback(school.browser())
    victim = school.browser()
    assert victim.get(back, timeout=60).status_code == 403
    school.begin(victim, follow=False)  # with a state of her own, it still isn't hers
    assert victim.get(back, timeout=60).status_code == 403
    assert school.who(victim) == ""


@pytest.mark.parametrize(
    "changed", [{"state": "e30="}, {"code": "made-up"}, {"iss": "https://evil.example"}]
)
def test_a_changed_answer_is_refused(school: School, changed: dict[str, str]) -> None:
    browser = school.browser()
    back = urlsplit(school.callback(browser))
    query = urlencode({**dict(parse_qsl(back.query)), **changed})
    answer = browser.get(back._replace(query=query).geturl(), timeout=60)
    assert answer.status_code == 403
    assert school.who(browser) == ""


def test_it_leads_nowhere_else(school: School) -> None:
    browser = school.browser()
    where = f"{school.hub.url}/hub/oauth_login"
    answer = browser.get(where, params={"next": "https://evil.example/hub/home"}, timeout=60)
    assert answer.url.startswith(school.hub.url)


def test_the_log_holds_no_secret(school: School) -> None:
    said = school.hub.log.read_text(errors="replace")
    assert SECRET not in said
    assert "ចាន់" not in said
    assert school.provider.issued
    assert [token for token in school.provider.issued if token in said] == []


def test_too_many_failures_close_the_way_for_a_while(school: School) -> None:
    """The last test here: the address is every other test's too."""
    where = f"{school.hub.url}/hub/oauth_callback?code=made-up&state=e30="
    browser = school.browser()
    started = time.monotonic()
    answers = [browser.get(where, timeout=60).status_code for _ in range(61)]
    assert answers[-1] == 429, f"after {time.monotonic() - started:.0f} s"
    assert school.begin(school.browser()).status_code == 429
