"""Marks to an LMS's gradebook and members from its course, over real HTTP: `soc lti`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from hub import accounts
from hub.lti import keys, platforms
from hub.lti.store import Course, Store
from programme import roster
from programme.site import Site
from soc.errors import SocError
from tests.hub.marks import grade, grades, members, release_feedback
from tests.hub.platform import AGS, CLIENT, COURSE, LINEITEM, MEMBERS, SCORE, Platform, User
from tests.hub.running import COHORT, STUDENTS, make_site

SOPHEA = User("1001", "sophea", "ចាន់ សុភា", given="សុភា", family="ចាន់")
DARA = User("1002", "dara", "Dara Chan", given="Dara", family="Chan")
RANY = User("1003", "rany", "កែវ រ៉ានី", given="រ៉ានី", family="កែវ")
SREY = User("1004", "Srey-Mom", "Srey Mom", given="Mom", family="Srey")
NAMELESS = User("1005", "", "Nobody")
KUNTHEA = User("2001", "kunthea", "Kunthea Chan", "Instructor")
GONE = User("1009", "thida", "Thida", status="Inactive")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with week01 graded for sophea and dara; its databases are restored for each test."""
    site = make_site(tmp_path_factory.mktemp("d") / "s")
    cohort = site.cohort(COHORT)
    for student in ("sophea", "dara"):
        grade(cohort, student)
    return site


@pytest.fixture
def site(template: Site) -> Iterator[Site]:
    """The same for each test."""
    files = [template.root / "programme.sqlite", template.root / "hub/accounts.sqlite",
             template.root / f"cohorts/{COHORT}/gradebook.db"]  # fmt: skip
    kept = {file: file.read_bytes() for file in files}
    yield template
    for file, data in kept.items():
        for beside in file.parent.glob(f"{file.name}-*"):  # SQLite's log of what is undone here
            beside.unlink()
        file.write_bytes(data)
    (template.root / "hub/lti.sqlite").unlink(missing_ok=True)


@pytest.fixture
def platform(site: Site) -> Iterator[Platform]:
    """The LMS, whose course has been opened once."""
    with Platform([SOPHEA, DARA, RANY, SREY, NAMELESS, KUNTHEA, GONE]) as lms:
        platforms.file(site).write_text(lms.registration(COHORT))
        lms.tool_keys = lambda: keys.key_set(site)
        open_course(site, lms)
        for user in (SOPHEA, DARA):
            accounts.tie(site, f"lti:{lms.url}", user.subject, user.sourcedid)
            release_feedback(site.cohort(COHORT), user.sourcedid)
        yield lms


def open_course(site: Site, lms: Platform, scopes: tuple[str, ...] = (LINEITEM, SCORE)) -> Course:
    """What a launch leaves."""
    course = Course(
        COHORT,
        lms.url,
        CLIENT,
        f"{lms.url}/lineitems?course={COURSE}",
        f"{lms.url}/members?course={COURSE}",
        scopes,
    )
    Store(site).note_course(course)
    return course


def scores(lms: Platform) -> dict[str, float]:
    """Subject → share of the points, in the one column."""
    (item,) = lms.items.values()
    return {who: s["scoreGiven"] / s["scoreMaximum"] for who, s in item.scores.items()}


def test_marks_go_there_once(site: Site, platform: Platform) -> None:
    code, rows = grades(site)
    assert (code, [(row["username"], row["state"]) for row in rows]) == (
        0,
        [("dara", "sent"), ("sophea", "sent")],
    )
    (item,) = platform.items.values()
    assert item.body["resourceId"] == "week01"
    assert item.body["scoreMaximum"] == 100
    assert item.body["label"].startswith("1 · ")
    assert scores(platform) == {"1001": 1.0, "1002": 1.0}
    assert item.scores["1001"]["gradingProgress"] == "FullyGraded"
    assert platform.token_requests == 2  # one for columns, one for scores: they are kept
    assert grades(site) == (0, [])
    assert platform.scores_posted == 2


def test_a_dry_run_sends_nothing(site: Site, platform: Platform) -> None:
    code, rows = grades(site, "--dry-run")
    assert (code, {row["state"] for row in rows}) == (0, {"to-send"})
    assert (platform.token_requests, platform.items) == (0, {})


def test_a_new_mark_goes_there_after_its_feedback(site: Site, platform: Platform) -> None:
    cohort = site.cohort(COHORT)
    grades(site)
    grade(cohort, "sophea", 0.5)
    (row,) = grades(site)[1]
    assert (row["username"], row["state"]) == ("sophea", "not-yet")
    assert "soc feedback week01" in row["reason"]
    assert scores(platform)["1001"] == 1.0
    release_feedback(cohort, "sophea")
    assert [row["state"] for row in grades(site)[1]] == ["sent"]
    assert scores(platform)["1001"] == 0.5


def test_without_released_feedback_nothing_goes(site: Site, platform: Platform) -> None:
    for page in (site.exchange / COHORT / "feedback").iterdir():
        page.unlink()
    code, rows = grades(site)
    assert code == 0
    assert all("feedback isn't released" in row["reason"] for row in rows)
    assert platform.items == {}


def test_what_somebody_has_to_read_waits(site: Site, platform: Platform) -> None:
    with Gradebook(site.cohort(COHORT).gradebook_url, COHORT) as gradebook:
        notebooks = gradebook.find_submission("week01", "dara").notebooks
        cell = next(cell for notebook in notebooks for cell in notebook.grades)
        cell.needs_manual_grade, cell.manual_score = True, None
        gradebook.db.commit()
    states = {row["username"]: row["state"] for row in grades(site)[1]}
    assert states == {"dara": "not-yet", "sophea": "sent"}


def test_an_lms_that_breaks_down_is_gone_on_with(site: Site, platform: Platform) -> None:
    """After one score: what was taken isn't sent again, the column isn't made again."""
    platform.broken_after = 1
    code, rows = grades(site)
    assert code == 1
    assert [row["state"] for row in rows] == ["sent", "failed"]
    assert "Try again later" in rows[1]["reason"]
    platform.broken_after = None
    code, rows = grades(site)
    assert (code, [row["username"] for row in rows]) == (0, ["sophea"])
    assert platform.scores_posted == 2
    assert len(platform.items) == 1


def test_a_column_is_found_on_a_later_page(site: Site, platform: Platform) -> None:
    for week in ("week05", "week04", "week03", "week02", "week01"):
        platform._add_item({"label": week, "scoreMaximum": 100, "resourceId": week})
    grades(site)
    assert len(platform.items) == 5
    assert set(platform.items["5"].scores) == {"1001", "1002"}


@pytest.mark.parametrize("scopes", [(SCORE,), (LINEITEM, SCORE)])
def test_the_column_of_the_weeks_link_is_used(
    site: Site, platform: Platform, scopes: tuple[str, ...]
) -> None:
    """Where no column is named by the week: the LMS made it for its link, in its own words."""
    body = json.loads(platform._add_item({"label": "Python", "scoreMaximum": 10}).body)
    platform.scopes -= {LINEITEM, SCORE} - set(scopes)
    open_course(site, platform, scopes)
    Store(site).note_column(COHORT, "week01", body["id"])
    assert {row["state"] for row in grades(site)[1]} == {"sent"}
    assert scores(platform) == {"1001": 1.0, "1002": 1.0}


def test_another_lms_gets_all_marks_into_its_own_column(site: Site, platform: Platform) -> None:
    """The cohort has moved there from one whose columns and marks are known here."""
    store, before = Store(site), "https://the-one-before.example"
    due = grades(site, "--dry-run")[1]
    store.note_course(replace(open_course(site, platform), issuer=before))
    store.note_column(COHORT, "week01", f"{before}/columns/1")
    for row in due:
        store.note_sent(COHORT, row["username"], "week01", row["points"])
    open_course(site, platform)
    assert [row["state"] for row in grades(site)[1]] == ["sent", "sent"]
    assert scores(platform) == {"1001": 1.0, "1002": 1.0}


def test_one_whom_the_lms_does_not_know_stops_nobody(site: Site, platform: Platform) -> None:
    del platform.users["1002"]
    code, rows = grades(site)
    assert (code, [row["state"] for row in rows]) == (1, ["failed", "sent"])
    assert "no such user" in rows[0]["reason"]


def test_who_never_came_from_there_waits(site: Site, platform: Platform) -> None:
    accounts.untie(site, "dara")
    row = grades(site)[1][0]
    assert (row["username"], row["state"]) == ("dara", "not-yet")
    assert "soc lti roster" in row["reason"]


def test_a_forgotten_token_is_asked_for_again(site: Site, platform: Platform) -> None:
    taken = platform._score

    def forgetful(request: object, item: object) -> object:
        if platform.token_requests == 2:
            platform.tokens.clear()
        return taken(request, item)  # type: ignore[arg-type]

    platform._score = forgetful  # type: ignore[method-assign,assignment]
    assert [row["state"] for row in grades(site)[1]] == ["sent", "sent"]
    assert platform.token_requests == 3


def test_missing_rights_are_named(site: Site, platform: Platform) -> None:
    platform.scopes -= {SCORE}
    with pytest.raises(SocError, match=f"not given us the right to give scores .{SCORE}"):
        _raise_first_reason(grades(site)[1])
    platform.scopes -= {LINEITEM}
    with pytest.raises(SocError, match="the right to make columns"):
        grades(site)
    open_course(site, platform, scopes=(SCORE,))
    with pytest.raises(SocError, match="open the week's link there once"):
        _raise_first_reason(grades(site)[1])
    open_course(site, platform, scopes=(f"{AGS}scope/result.readonly",))
    with pytest.raises(SocError, match="Assignment and Grade Services"):
        grades(site)
    platform.scopes -= {MEMBERS}
    with pytest.raises(SocError, match="the right to read the members"):
        members(site)


def _raise_first_reason(rows: list[dict[str, str]]) -> None:
    raise SocError(rows[0]["reason"])


def test_a_course_that_nobody_came_from(site: Site) -> None:
    with pytest.raises(SocError, match="open one link from there"):
        grades(site)


def test_an_lms_that_is_away(site: Site, platform: Platform) -> None:
    lms = platform.url
    platform.__exit__()
    try:
        with pytest.raises(SocError, match=f"does not answer: {lms}.*Try again later"):
            grades(site)
    finally:
        platform.__enter__()


@pytest.mark.parametrize("path", ["lineitems", "members"])
def test_an_lms_elsewhere_sends_us_to_nothing_on_this_machine(
    site: Site, platform: Platform, path: str
) -> None:
    """Its messages name where its services are, and services of ours listen on this machine."""
    registration = platform.registration(COHORT)
    elsewhere = registration.replace(f"{platform.url}/token", "https://lms.example/token")
    platforms.file(site).write_text(elsewhere)
    ask = {"lineitems": grades, "members": members}[path]
    with pytest.raises(SocError, match=f"{platform.url}/{path}.* is an address of this machine"):
        ask(site)
    assert platform.token_requests == 0


def test_members_are_compared_before_anything_is_written(site: Site, platform: Platform) -> None:
    before = roster.members(site)
    code, found = members(site, "--dry-run")
    assert code == 1  # somebody has to look at some of them
    assert found == {
        "": "look: has no name that lti.toml's rule makes a username of (1005)",
        "chenda": "look: is not in the LMS's course: `soc withdraw`?",
        "kunthea": "look: is no student there: `soc enrol --role instructor`?",
        "rany": "enrol: is enrolled as a student",
        "srey-mom": "enrol: is enrolled as a student",
    }
    assert roster.members(site) == before


def test_members_become_students_with_their_names(site: Site, platform: Platform) -> None:
    accounts.untie(site, "dara")
    assert members(site)[1]["dara"].startswith("tie:")
    enrolled = {row.person.username: row for row in roster.enrolled(site, COHORT)}
    assert set(enrolled) == {*STUDENTS, "rany", "srey-mom"}
    assert enrolled["rany"].person.name_km == "កែវ រ៉ានី"
    assert enrolled["srey-mom"].person.name_latin == "Srey Mom"
    assert accounts.outside(site, f"lti:{platform.url}")["rany"] == "1003"
    assert set(members(site)[1]) == {"", "chenda", "kunthea"}  # the same again changes nothing


def test_names_are_made_where_the_lms_has_none(site: Site, platform: Platform) -> None:
    platforms.file(site).write_text(platform.registration(COHORT, username_from="made"))
    found = members(site)[1]
    made = [name for name in found if name.startswith("lms-")]
    assert len(made) == 3 + 1  # rany, srey-mom and nobody; the instructor, who is only named
    people = {row.person.name_km for row in roster.enrolled(site, COHORT)}
    assert "កែវ រ៉ានី" in people


def test_a_name_of_somebody_else_is_not_taken(site: Site, platform: Platform) -> None:
    """A learner whose id there is that of our staff, or of another's account."""
    platform.users = {
        "66": User("66", "bopha", "Somebody"),
        "67": User("67", "sophea", "Somebody else"),
    }
    found = members(site)[1]
    assert found["bopha"].startswith("look: is in the roster")
    assert found["sophea"].startswith("look: is tied to another account")
    assert "66" not in accounts.outside(site, f"lti:{platform.url}").values()


def test_keys_are_rotated_without_a_gap(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    day = 24 * 3600
    now = [1_800_000_000.0]
    monkeypatch.setattr("hub.lti.keys.time.time", lambda: now[0])
    for path in Path(site.root / "hub/lti-keys").glob("*"):
        path.unlink()
    first = keys.signing_key(site)
    now[0] += 90 * day
    second = keys.rotate(site)
    assert keys.signing_key(site) == first  # the new one is shown for a day before it signs
    assert {key["kid"] for key in keys.key_set(site)["keys"]} == {first.kid, second.kid}
    now[0] += day
    assert keys.signing_key(site) == second
    now[0] += 29 * day
    third = keys.rotate(site)
    assert {key.kid for key in keys.all_keys(site)} == {first.kid, second.kid, third.kid}
    now[0] += 2 * day
    fourth = keys.rotate(site)
    assert first.kid not in {key.kid for key in keys.all_keys(site)}
    assert keys.rotate(site, now=True) == keys.signing_key(site)
    assert fourth.kid not in {key.kid for key in keys.all_keys(site)}
    assert all("d" not in key for key in keys.key_set(site)["keys"])  # no private half
    for key in keys.all_keys(site):
        assert key.path.stat().st_mode & 0o077 == 0
