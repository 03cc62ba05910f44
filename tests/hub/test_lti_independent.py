"""The hub beside an LMS whose LTI we did not write: launches, choosing, marks and members.

Own tests against our own LMS could hold one misreading of the standard on both sides; here the
other side's reading is lti1p3platform's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from hub import accounts
from programme import roster
from programme.site import Site
from tests.hub.independent import COURSE, DEPLOYMENT, Independent, new_key
from tests.hub.lms import (
    DARA,
    KUNTHEA,
    OUTSIDER,
    SOPHEA,
    STRANGER,
    Class,
    form,
    path,
    running,
)
from tests.hub.marks import grade, grades, members, release_feedback
from tests.hub.platform import DEEP, LTI
from tests.hub.running import COHORT, wait_until

pytestmark = [pytest.mark.hub, pytest.mark.slow]


@pytest.fixture(scope="module")
def school(site: Site) -> Iterator[Class]:
    """The LMS and a hub for all tests here."""
    with running(site, lms=Independent) as both:
        yield both


def test_a_launch_opens_the_week(school: Class) -> None:
    browser = school.browser()
    answer = browser.launch(SOPHEA)
    assert path(answer) == "/hub/user-redirect/school/week/week01"
    assert browser.who() == "sophea"

    def arrived() -> bool:
        page = browser.session.get(f"{school.hub.url}{path(answer)}", timeout=120)
        return "/user/sophea/school/week/week01" in page.url and 'id="week01" open' in page.text

    wait_until(arrived, 60, "her week is open in her own server")


def choose(school: Class, week: str) -> str:
    """The instructor chooses a week; the name of the link that the LMS has then."""
    page = school.browser().launch(KUNTHEA, target="choose")
    assert page.ok, page.text
    where, fields = form(page.text)
    answer = school.browser().send(f"{school.hub.url}{where}", fields | {"week": week})
    assert answer.ok, answer.text
    where, fields = form(answer.text)
    assert school.browser().session.post(where, data=fields, timeout=60).ok
    return list(school.platform.links)[-1]


def test_a_chosen_week_is_a_link_that_opens_it(school: Class) -> None:
    link = choose(school, "week01")
    assert path(school.browser().launch(SOPHEA, week=link)).endswith("/school/week/week01")
    later = choose(school, "week02")
    assert "not open yet" in school.browser().launch(SOPHEA, week=later).text
    answer = school.platform.returned[-1]
    assert answer[f"{LTI}deployment_id"] == DEPLOYMENT
    assert answer["aud"] == school.platform.url


def test_what_the_lms_gave_along_comes_back_as_it_was(school: Class) -> None:
    """It must come back whatever it is; this LMS gives a table, not a text."""
    choose(school, "week03")
    assert school.platform.returned[-1][f"{DEEP}data"] == {"csrf": "of the LMS"}


def test_marks_go_into_the_column_of_the_chosen_week(school: Class) -> None:
    site, lms = school.site, school.platform
    choose(school, "week01")
    for user in (SOPHEA, DARA):
        assert school.browser().launch(user).status_code == 302
        grade(site.cohort(COHORT), user.sourcedid, 0.5)
        release_feedback(site.cohort(COHORT), user.sourcedid)
    before = dict(lms.items)
    code, rows = grades(site)
    assert (code, [row["state"] for row in rows]) == (0, ["sent", "sent"])
    assert lms.items == before  # the week's column was there: none was made
    shares = {
        (lms.items[column]["resourceId"], who): score["scoreGiven"] / score["scoreMaximum"]
        for (column, who), score in lms.scores.items()
    }
    assert shares == {("week01", SOPHEA.subject): 0.5, ("week01", DARA.subject): 0.5}
    assert grades(site) == (0, [])


def test_a_column_is_made_where_there_is_none(school: Class) -> None:
    site, lms = school.site, school.platform
    assert school.browser().launch(SOPHEA).status_code == 302
    lms.items.clear()
    lms.scores.clear()
    grade(site.cohort(COHORT), "sophea", 1.0)
    release_feedback(site.cohort(COHORT), "sophea")
    code, rows = grades(site)
    assert (code, [row["state"] for row in rows]) == (0, ["sent"])
    (item,) = lms.items.values()
    assert item["resourceId"] == "week01"


def test_marks_go_into_the_links_own_column(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """An LMS that makes one for each link itself, and lets no tool make any."""
    site, lms = school.site, school.platform
    lms.items.clear()
    lms.scores.clear()
    monkeypatch.setattr(lms, "link_column", lms.add_item({"label": "Python"})["id"])
    assert school.browser().launch(DARA).status_code == 302
    grade(site.cohort(COHORT), "dara", 0.25)
    release_feedback(site.cohort(COHORT), "dara")
    code, rows = grades(site)
    assert (code, {row["state"] for row in rows}) == (0, {"sent"})
    assert list(lms.items) == ["1"]
    score = lms.scores["1", DARA.subject]
    assert score["scoreGiven"] / score["scoreMaximum"] == 0.25


def test_its_members_are_read_page_by_page(school: Class) -> None:
    """Their roles are short names here, and nobody's status is said."""
    assert school.browser().launch(SOPHEA).status_code == 302
    found = members(school.site)[1]
    assert found["rany"] == "enrol: is enrolled as a student"
    assert found["kunthea"].startswith("look: is no student there")
    assert "rany" in {row.person.username for row in roster.enrolled(school.site, COHORT)}
    assert accounts.outside(school.site, f"lti:{school.platform.url}")["rany"] == STRANGER.subject


def test_who_is_not_in_the_class_stays_out(school: Class) -> None:
    browser = school.browser()
    assert "not in the class" in browser.launch(OUTSIDER).text
    assert "Only instructors" in school.browser().launch(SOPHEA, target="choose").text
    assert browser.who() == ""


def test_an_expired_launch_is_refused(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(school.platform, "life_s", -120)
    browser = school.browser()
    assert "<strong>expired</strong>" in browser.launch(SOPHEA).text
    assert browser.who() == ""


def test_a_replayed_launch_is_refused(school: Class) -> None:
    browser = school.browser()
    where, fields = browser.token(SOPHEA)
    cookies = dict(browser.session.cookies)
    assert browser.send(where, fields).status_code == 302
    thief = school.browser()
    thief.session.cookies.update(cookies)
    assert "open the week again" in thief.send(where, fields).text
    assert thief.who() == ""


def test_a_forged_launch_is_refused(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's subject in a signed token; and a token by a key that the LMS doesn't show."""
    browser = school.browser()
    where, fields = browser.token(SOPHEA)
    header, claims, signature = fields["id_token"].split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert said[f"{LTI}context"]["id"] == COURSE
    forged = base64.urlsafe_b64encode(json.dumps(said | {"sub": KUNTHEA.subject}).encode())
    token = ".".join([header, forged.decode().rstrip("="), signature])
    assert "<strong>signature</strong>" in browser.send(where, fields | {"id_token": token}).text
    shown = school.platform.conf.get_jwks()
    monkeypatch.setattr(school.platform, "key", new_key())
    where, fields = browser.token(SOPHEA)
    monkeypatch.setattr("tests.hub.independent._Conf.get_jwks", lambda _: shown)
    assert "<strong>key-unknown</strong>" in browser.send(where, fields).text
    assert browser.who() == ""
