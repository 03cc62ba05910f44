"""Launches from an LMS into a real hub: right ones, forged, replayed, expired and misdirected ones.

The list of what is refused is docs/lti.md's: each reason there is a line of FORGED here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub import accounts
from programme.site import Site
from tests.hub.issuer import Keyring
from tests.hub.lms import (
    DARA,
    KUNTHEA,
    OUTSIDER,
    SOPHEA,
    STAFF,
    STRANGER,
    Class,
    form,
    path,
    running,
)
from tests.hub.platform import CLIENT, DEEP, LTI, MEMBERSHIP, Platform, User
from tests.hub.running import wait_until

pytestmark = [pytest.mark.hub, pytest.mark.slow]
Claims = dict[str, Any]


@pytest.fixture(scope="module")
def school(site: Site) -> Iterator[Class]:
    """One LMS and one hub for all tests here."""
    with running(site) as both:
        yield both


@pytest.fixture(autouse=True)
def _honest(school: Class) -> Iterator[None]:
    """After each test the LMS is itself again."""
    yield
    school.platform.change = lambda claims: claims
    school.platform.sign = school.platform.keyring.sign


def test_a_launch_signs_in_and_opens_the_week(school: Class) -> None:
    browser = school.browser()
    answer = browser.launch(SOPHEA)
    assert path(answer) == "/hub/user-redirect/school/week/week01"
    assert browser.who() == "sophea"

    def arrived() -> bool:
        page = browser.session.get(f"{school.hub.url}{path(answer)}", timeout=120)
        return "/user/sophea/school/week/week01" in page.url and 'id="week01" open' in page.text

    wait_until(arrived, 60, "her week is open in her own server")


def test_a_link_without_a_week_opens_all_weeks(school: Class) -> None:
    assert path(school.browser().launch(DARA, week="")) == "/hub/spawn"


def test_an_instructor_goes_to_her_classes(school: Class) -> None:
    browser = school.browser()
    assert path(browser.launch(KUNTHEA)) == "/hub/teach"
    assert browser.who() == "kunthea"


@pytest.mark.parametrize(
    ("user", "week", "status", "said"),
    [
        (STRANGER, "week01", 403, "tell her the name below"),
        (OUTSIDER, "week01", 403, "not in the class"),
        (STAFF, "week01", 403, "Staff sign in"),
        (SOPHEA, "week99", 404, "a week that does not exist"),
        (SOPHEA, "../../etc/passwd", 404, "a week that does not exist"),
        (SOPHEA, "week02", 404, "not open yet"),
    ],
)
def test_who_or_what_is_not_known_is_told_what_to_do(
    school: Class, user: User, week: str, status: int, said: str
) -> None:
    browser = school.browser()
    answer = browser.launch(user, week=week)
    assert answer.status_code == status
    assert said in answer.text
    assert 'lang="km"' in answer.text
    assert browser.who() == ""


def test_no_account_over_there_is_tied_to_staff(school: Class) -> None:
    school.browser().launch(STAFF)
    assert STAFF.sourcedid not in accounts.outside(school.site, f"lti:{school.platform.url}")


def test_who_has_become_staff_no_longer_comes_from_there(school: Class) -> None:
    accounts.tie(school.site, f"lti:{school.platform.url}", "3001", STAFF.sourcedid)
    school.platform.users["3001"] = User("3001", "an-older-name", "Bopha Chan")
    browser = school.browser()
    assert "Staff sign in" in browser.launch(school.platform.users["3001"]).text
    assert browser.who() == ""
    accounts.untie(school.site, STAFF.sourcedid)


def with_claims(**changes: Any) -> Callable[[Platform], None]:
    """The LMS says this instead; None leaves a claim out. Names of LTI's own begin with lti_."""

    def change(claims: Claims) -> Claims:
        for name, value in changes.items():
            full = f"{LTI}{name.removeprefix('lti_')}" if name.startswith("lti_") else name
            claims[full] = value(claims) if callable(value) else value
        return claims

    return lambda platform: setattr(platform, "change", change)


def signed_by(sign: Callable[[Platform, Claims], str]) -> Callable[[Platform], None]:
    """The token is signed in another way."""

    def prepare(platform: Platform) -> None:
        platform.sign = lambda claims: sign(platform, _timed(claims))

    return prepare


def _timed(claims: Claims) -> Claims:
    now = int(time.time())
    return {"iat": now, "exp": now + 300, **claims}


def unsigned(platform: Platform, claims: Claims) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": platform.keyring.kid})


def public_key_as_secret(platform: Platform, claims: Claims) -> str:
    """What fools who lets the token choose the algorithm: the public key is no secret."""
    key = platform.keyring.keys[platform.keyring.kid].public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": platform.keyring.kid}
    parts = [_b64(json.dumps(part).encode()) for part in (header, claims)]
    signature = hmac.new(pem, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _b64(signature)])


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


STRANGERS_KEYS = Keyring()


def other_key(platform: Platform, claims: Claims) -> str:
    return STRANGERS_KEYS.sign(claims, kid=platform.keyring.kid)


def key_in_the_token(platform: Platform, claims: Claims) -> str:
    """The token brings its own key along, under the LMS's name for its own."""
    (key,) = STRANGERS_KEYS.public()["keys"]
    return STRANGERS_KEYS.sign(claims, kid=platform.keyring.kid, jwk=key)


def changed_afterwards(platform: Platform, claims: Claims) -> str:
    """Signed for one, sent for another."""
    header, _, signature = platform.keyring.sign(claims).split(".")
    return f"{header}.{_b64(json.dumps(claims | {'sub': '2001'}).encode())}.{signature}"


NOW = time.time
FORGED: dict[str, tuple[Callable[[Platform], None], str]] = {
    "no signature (alg none)": (signed_by(unsigned), "algorithm"),
    "HS256 with the public key": (signed_by(public_key_as_secret), "algorithm"),
    "another's key under the LMS's key id": (signed_by(other_key), "signature"),
    "a key brought along in the header": (signed_by(key_in_the_token), "signature"),
    "claims changed after signing": (signed_by(changed_afterwards), "signature"),
    "an unknown key id": (signed_by(lambda _, claims: STRANGERS_KEYS.sign(claims)), "key-unknown"),
    "no key id": (
        signed_by(lambda platform, claims: platform.keyring.sign(claims, kid=None)),
        "key-unnamed",
    ),
    "no token at all": (signed_by(lambda *_: "x.y.z"), "no-token"),
    "another issuer": (with_claims(iss="https://evil.example"), "issuer"),
    "another audience": (with_claims(aud="another-tool"), "audience"),
    "several audiences, no azp": (with_claims(aud=[CLIENT, "another-tool"]), "audience"),
    "issued for another (azp)": (with_claims(azp="another-tool"), "audience"),
    "expired": (with_claims(exp=lambda _: int(NOW()) - 120), "expired"),
    "from the future": (with_claims(iat=lambda _: int(NOW()) + 3600), "not-yet"),
    "too old, though not expired": (with_claims(iat=lambda _: int(NOW()) - 3600), "too-old"),
    "without an end": (with_claims(exp=lambda _: None), "incomplete"),
    "another launch's nonce": (with_claims(nonce="nonce-of-yesterday"), "nonce"),
    "no nonce": (with_claims(nonce=None), "incomplete"),
    "nobody (no sub)": (with_claims(sub=None), "incomplete"),
    "another deployment": (with_claims(lti_deployment_id="deployment-2"), "deployment"),
    "another version": (with_claims(lti_version="1.1"), "version"),
    "another message type": (with_claims(lti_message_type="LtiSubmissionReview"), "message-type"),
    "a target elsewhere": (with_claims(lti_target_link_uri="https://evil.example/"), "target"),
    "a target elsewhere on the hub": (
        with_claims(lti_target_link_uri=lambda claims: claims[f"{LTI}target_link_uri"] + "/admin"),
        "target",
    ),
    "no resource link": (with_claims(lti_resource_link=None), "resource-link"),
    "a course that isn't registered": (with_claims(lti_context={"id": "course-66"}), "course"),
    "no course": (with_claims(lti_context=None), "course"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_launch_is_refused(school: Class, forged: str) -> None:
    prepare, reason = FORGED[forged]
    if reason == "key-unknown":
        assert school.browser().launch(DARA).status_code == 302  # its keys were asked for just now
    prepare(school.platform)
    browser = school.browser()
    answer = browser.launch(SOPHEA)
    assert answer.status_code == 403
    assert f"<strong>{reason}</strong>" in answer.text
    assert browser.who() == ""


def test_the_forger_would_get_in_with_the_right_key(school: Class) -> None:
    """The tests above fail for their own reason: what they share is right."""
    with_claims()(school.platform)
    signed_by(lambda platform, claims: platform.keyring.sign(claims))(school.platform)
    assert school.browser().launch(SOPHEA).status_code == 302


def test_a_launch_works_once(school: Class) -> None:
    """Replayed in the same browser, with all its cookies, and in another's."""
    browser = school.browser()
    where, fields = browser.token(SOPHEA)
    cookies = dict(browser.session.cookies)
    assert browser.send(where, fields).status_code == 302
    thief = school.browser()
    thief.session.cookies.update(cookies)
    for other in (browser, thief):
        answer = other.send(where, fields)
        assert answer.status_code == 403
        assert "open the week again" in answer.text
    assert thief.who() == ""


def test_a_token_does_not_fit_another_launch(school: Class) -> None:
    """A token that was caught, with a state of the thief's own."""
    _, caught = school.browser().token(SOPHEA)
    thief = school.browser()
    where, own = thief.token(DARA)
    answer = thief.send(where, {"state": own["state"], "id_token": caught["id_token"]})
    assert "<strong>nonce</strong>" in answer.text
    assert thief.who() == ""


def test_a_launch_ends_in_the_browser_in_which_it_began(school: Class) -> None:
    """Else a link could sign somebody in as somebody else."""
    where, fields = school.browser().token(DARA)
    victim = school.browser()
    answer = victim.send(where, fields)
    assert "<strong>cookie</strong>" in answer.text
    assert victim.who() == ""


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_that_we_never_gave(school: Class, state: str) -> None:
    browser = school.browser()
    where, fields = browser.token(SOPHEA)
    assert browser.send(where, fields | {"state": state}).status_code == 403
    assert browser.who() == ""


def test_the_lms_says_that_she_is_not_signed_in_there(school: Class) -> None:
    browser = school.browser()
    where, fields = browser.token(SOPHEA)
    answer = browser.send(where, {"state": fields["state"], "error": "login_required"})
    assert "Go back to your learning site" in answer.text


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"client_id": "another-tool"}, "issuer"),
        ({"target_link_uri": "https://evil.example/"}, "target"),
        ({"login_hint": ""}, "login-hint"),
    ],
)
def test_a_launch_that_does_not_begin(school: Class, changed: dict[str, str], reason: str) -> None:
    fields = school.platform.login(SOPHEA.subject) | changed
    for method in ("get", "post"):
        where = f"{school.hub.url}/hub/lti/login"
        sent = {"params": fields} if method == "get" else {"data": fields}
        answer = getattr(school.browser().session, method)(
            where, allow_redirects=False, timeout=60, **sent
        )
        assert f"<strong>{reason}</strong>" in answer.text


def test_a_launch_may_begin_with_a_post(school: Class) -> None:
    fields = school.platform.login(SOPHEA.subject)
    answer = school.browser().session.post(
        f"{school.hub.url}/hub/lti/login", data=fields, allow_redirects=False, timeout=60
    )
    assert answer.headers["Location"].startswith(f"{school.platform.url}/authorize?")


def test_a_role_that_the_lms_claims_gives_no_right(school: Class) -> None:
    """A learner's token says instructor and administrator: she is what the roster says."""
    roles = [f"{MEMBERSHIP}Instructor", f"{MEMBERSHIP}Administrator",
             "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"]  # fmt: skip
    with_claims(lti_roles=roles)(school.platform)
    browser = school.browser()
    assert path(browser.launch(SOPHEA)) == "/hub/user-redirect/school/week/week01"
    assert browser.session.get(f"{school.hub.url}/hub/admin", timeout=60).status_code == 403
    grader = f"{school.hub.url}/services/ambassador-2026/formgrader"
    assert browser.session.get(grader, timeout=60).status_code == 403
    assert "Only instructors" in school.browser().launch(SOPHEA, target="choose").text


def test_an_account_is_tied_to_the_first_who_came_with_it(school: Class) -> None:
    """An account over there that takes her name stays out; renamed over there, she stays in."""
    assert school.browser().launch(DARA).status_code == 302
    with_claims(sub="6666")(school.platform)
    thief = school.browser()
    assert "tell her the name below" in thief.launch(DARA).text
    assert thief.who() == ""
    with_claims(lti_lis={"person_sourcedid": "kunthea"})(school.platform)
    browser = school.browser()
    assert browser.launch(DARA).status_code == 302
    assert browser.who() == "dara"


def test_passwords_go_on_working_beside_it(school: Class) -> None:
    page = school.browser().session.get(f"{school.hub.url}/hub/login", timeout=60)
    assert "password_input" in page.text
    assert "Open the week there" in page.text


def test_who_came_from_the_lms_alone_has_no_password_to_change(school: Class) -> None:
    accounts.forget(school.site, "dara")
    browser = school.browser()
    browser.launch(DARA)
    page = browser.session.get(f"{school.hub.url}/hub/auth/change-password", timeout=60)
    assert "kept where your account is" in page.text


def choose(school: Class, week: str) -> tuple[int, str]:
    """An instructor chooses a week; the last page's status and text."""
    browser = school.browser()
    page = browser.launch(KUNTHEA, target="choose")
    assert page.ok, page.text
    assert browser.who() == ""  # choosing signs nobody in
    where, fields = form(page.text)
    answer = browser.send(f"{school.hub.url}{where}", fields | {"week": week})
    again = browser.send(f"{school.hub.url}{where}", fields | {"week": week})
    assert again.status_code == 403  # a ticket is good once
    return answer.status_code, answer.text


def test_an_instructor_chooses_a_week(school: Class) -> None:
    status, page = choose(school, "week03")
    assert status == 200
    where, fields = form(page)
    assert where == f"{school.platform.url}/returned"
    assert school.browser().session.post(where, data=fields, timeout=60).ok
    claims = school.platform.returned[-1]  # its signature was checked there
    assert claims[f"{LTI}message_type"] == "LtiDeepLinkingResponse"
    assert claims[f"{DEEP}data"] == "csrf-of-the-lms"
    (item,) = claims[f"{DEEP}content_items"]
    assert item["custom"] == {"week": "week03"}
    assert item["url"] == f"{school.hub.url}/hub/lti/launch"
    assert item["lineItem"]["scoreMaximum"] == 100


def test_a_week_that_is_not_there_is_not_chosen(school: Class) -> None:
    assert choose(school, "week99")[0] == 404


def test_only_the_cohorts_instructors_choose(school: Class) -> None:
    for user in (SOPHEA, OUTSIDER, STAFF):
        answer = school.browser().launch(user, target="choose")
        assert answer.status_code == 403
        assert 'name="ticket"' not in answer.text


def test_a_roster_instructor_without_the_lms_s_word_does_not_choose(school: Class) -> None:
    with_claims(lti_roles=[f"{MEMBERSHIP}Learner"])(school.platform)
    assert "Only instructors" in school.browser().launch(KUNTHEA, target="choose").text


def test_an_instructor_may_be_called_so_in_short(school: Class) -> None:
    with_claims(lti_roles=["Instructor"])(school.platform)
    assert 'name="ticket"' in school.browser().launch(KUNTHEA, target="choose").text


@pytest.mark.parametrize(
    "settings",
    [
        {"deep_link_return_url": "javascript:alert(1)", "accept_types": ["ltiResourceLink"]},
        {"deep_link_return_url": "http://evil.example/", "accept_types": ["ltiResourceLink"]},
        {"deep_link_return_url": "https://lms.example/", "accept_types": ["file"]},
        None,
    ],
)
def test_a_choice_that_cannot_be_given_back(school: Class, settings: Claims | None) -> None:
    def change(claims: Claims) -> Claims:
        return claims | {f"{DEEP}deep_linking_settings": settings}

    school.platform.change = change
    assert school.browser().launch(KUNTHEA, target="choose").status_code == 403


def test_the_log_names_the_reason_and_no_secret(school: Class) -> None:
    with_claims(aud="another-tool")(school.platform)
    where, fields = (browser := school.browser()).token(SOPHEA)
    browser.send(where, fields)
    said = school.hub.log.read_text(errors="replace")
    assert "LTI launch refused: audience" in said
    assert fields["id_token"] not in said
    assert fields["state"] not in said
    assert SOPHEA.name not in said


def test_too_many_failures_close_the_way_for_a_while(school: Class) -> None:
    """The last test here: the address is every other test's too."""
    fields = school.platform.login(SOPHEA.subject) | {"iss": "https://evil.example"}
    session, where = school.browser().session, f"{school.hub.url}/hub/lti/login"
    answers = [session.get(where, params=fields, timeout=60).status_code for _ in range(101)]
    assert answers[-1] == 429
    assert school.browser().begin(SOPHEA).status_code == 429
