"""Clubs from the proposal on, their kit, mentors by consent, the chain, and the search."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from programme import applying, chain, clubs, decisions, kit, mentors, roster
from programme.applying import FormError
from programme.fictional_years import fill_years
from programme.matching import LANGUAGES, MEETS, SIDES, Wish, fits, match
from programme.pages.access import viewer
from programme.people import Person
from programme.reported import REPORTED
from programme.search import search
from programme.site import Site
from programme.store import RefusedError, ensure_database, writing
from tests.programme.sites import COHORT, START, fill, make_site

AT = datetime(2026, 8, 4, 5, tzinfo=UTC)
YEAR = "club-2026"
PROPOSAL = {
    "name": "Club Kandal", "programme": YEAR, "mode": "in_person", "province_code": "08",
    "place": "The library", "plan": "Ten sessions on Sunday.",
    "safeguarding_adult": "The librarian", "safeguarding_phone": "012 345 678",
}  # fmt: skip


@pytest.fixture
def graduated(any_site: Site, people: list[Person]) -> Site:
    """Sokha and Bopha have graduated, Dara has not; a year of clubs is open."""
    fill(any_site, people)
    for username in ("sokha", "bopha"):
        decisions.override(any_site, COHORT, username, "graduated", "She taught.", "office", AT)
    applying.add_programme(any_site, YEAR, "club", START, date(2026, 12, 1))
    return any_site


def test_a_graduate_gets_her_club_and_nobody_elses(graduated: Site) -> None:
    for _ in "twice":
        assert clubs.propose(graduated, "sokha", PROPOSAL, AT) == "club-kandal"
    with pytest.raises(RefusedError, match="has graduated"):
        clubs.propose(graduated, "dara", {**PROPOSAL, "name": "club-dara"}, AT)
    with pytest.raises(RefusedError, match="is there for club-2026 already"):
        clubs.propose(graduated, "sokha", {**PROPOSAL, "name": "club-two"}, AT)
    with pytest.raises(RefusedError, match="name club-kandal is taken"):
        clubs.propose(graduated, "bopha", PROPOSAL, AT)
    clubs.propose(graduated, "bopha", {**PROPOSAL, "name": "club-takeo"}, AT)
    assert viewer(graduated, "sokha").teaches == frozenset()
    for _ in "twice":
        club = clubs.approve(graduated, "club-kandal", START, "office", AT)
    assert (club.status, club.cohort, club.leader) == ("approved", "club-kandal", "sokha")
    assert viewer(graduated, "sokha").teaches == {"club-kandal"}
    assert viewer(graduated, "bopha").teaches == frozenset()
    found = {row.name: row for row in roster.known_cohorts(graduated)}["club-kandal"]
    assert (found.kind, found.starts_on, found.programme_id) == ("club", START, 1)
    clubs.approve(graduated, "club-takeo", START, "office", AT)
    assert [c.name for c in clubs.listed(graduated, "approved")[0]] == ["club-kandal", "club-takeo"]
    assert clubs.listed(graduated, "approved", "24") == ([], 0)
    names = ["ambassador-2026", "club-takeo"]
    assert clubs.without_folder(graduated, names) == [("club-kandal", START, "in_person")]


def test_refused_and_closed_with_a_reason(graduated: Site) -> None:
    clubs.propose(graduated, "sokha", PROPOSAL, AT)
    with pytest.raises(RefusedError, match="only one that runs"):
        clubs.close(graduated, "club-kandal", "over", "office", AT)
    with pytest.raises(RefusedError, match="write a reason"):
        clubs.refuse(graduated, "club-kandal", " ", "office", AT)
    clubs.refuse(graduated, "club-kandal", "No adult is there on Sunday.", "office", AT)
    with pytest.raises(RefusedError, match="propose it anew"):
        clubs.approve(graduated, "club-kandal", START, "office", AT)
    clubs.propose(graduated, "sokha", {**PROPOSAL, "name": "club-second"}, AT)
    clubs.approve(graduated, "club-second", START, "office", AT)
    for _ in "twice":
        clubs.close(graduated, "club-second", "The course is over.", "office", AT)
    assert [(c.name, c.status) for c in clubs.led_by(graduated, "sokha")] == [
        ("club-second", "closed"), ("club-kandal", "refused"),
    ]  # fmt: skip


def test_each_field_of_a_proposal_says_what_is_wrong() -> None:
    row, problems = clubs.check(PROPOSAL)
    assert problems == {}
    assert (row["name"], row["safeguarding_phone"]) == ("club-kandal", "+85512345678")
    _, problems = clubs.check({})
    assert set(problems) == {*clubs.FIELDS} - {"programme"}


@given(st.dictionaries(st.sampled_from(clubs.FIELDS), st.text(max_size=300)))
def test_no_proposal_breaks_the_form(fields: dict[str, str]) -> None:
    row, problems = clubs.check(fields)
    assert set(row) == set(clubs.FIELDS)
    assert problems or roster.COHORT_NAME.fullmatch(row["name"])


def test_a_bad_form_and_a_name_that_is_a_cohorts(graduated: Site) -> None:
    with pytest.raises(FormError, match="safeguarding_phone"):
        clubs.propose(graduated, "sokha", {**PROPOSAL, "safeguarding_phone": "12"}, AT)
    with pytest.raises(RefusedError, match="no year"):
        clubs.propose(graduated, "sokha", {**PROPOSAL, "programme": "club-1999"}, AT)
    clubs.propose(graduated, "sokha", {**PROPOSAL, "name": COHORT}, AT)
    with pytest.raises(RefusedError, match="cohort ambassador-2026 already"):
        clubs.approve(graduated, COHORT, START, "office", AT)


def test_kit_is_lent_and_comes_back_once(graduated: Site) -> None:
    clubs.propose(graduated, "sokha", PROPOSAL, AT)
    later = date(2026, 9, 1)
    for _ in "twice":
        kit.set_kit(graduated, "club-kandal", "laptop", 3, 0, START)
    for _ in "twice":
        kit.set_kit(graduated, "club-kandal", "laptop", 3, 2, later)
    assert kit.read_kit(graduated, "club-kandal") == [kit.Item("laptop", 3, START, 2, later)]
    assert kit.read_kit(graduated, "club-kandal")[0].out == 1
    for count, back in ((3, 4), (-1, 0), (5000, 0)):
        with pytest.raises(RefusedError, match="no more back"):
            kit.set_kit(graduated, "club-kandal", "laptop", count, back, later)
    with pytest.raises(RefusedError, match="name the thing"):
        kit.set_kit(graduated, "club-kandal", " ", 1, 0, later)
    with pytest.raises(RefusedError, match="no club"):
        kit.set_kit(graduated, "nowhere", "laptop", 1, 0, later)


def _offer(site: Site, username: str, side: str, by: str = "herself") -> None:
    mentors.offer(site, username, side, "km", "online", 1, by, "I agree.", AT)  # type: ignore[arg-type]


def test_a_pair_needs_both_and_ends_when_one_takes_it_back(graduated: Site) -> None:
    _offer(graduated, "bopha", "mentor")
    with pytest.raises(RefusedError, match="both have to agree"):
        mentors.confirm(graduated, "bopha", "dara", "office", START)
    with pytest.raises(RefusedError, match="has graduated"):
        _offer(graduated, "dara", "mentor")
    with pytest.raises(RefusedError, match="somebody has to agree"):
        _offer(graduated, "dara", "mentee", " ")
    _offer(graduated, "dara", "mentee", "Her mother")
    assert [(p.mentor.username, p.mentee.username) for p in mentors.proposals(graduated)] == [
        ("bopha", "dara")
    ]
    for _ in "twice":
        mentors.confirm(graduated, "bopha", "dara", "office", START)
    assert mentors.proposals(graduated) == []
    for _ in "twice":
        mentors.take_back(graduated, "dara", AT)
    (pair,) = mentors.pairs(graduated, "bopha")
    assert pair.ended_on == AT.date()
    with pytest.raises(RefusedError, match="both have to agree"):
        mentors.confirm(graduated, "bopha", "dara", "office", START)
    _offer(graduated, "sokha", "mentee", "Her aunt")
    assert [p.mentee.username for p in mentors.proposals(graduated)] == ["sokha"]


def test_whoever_writes_a_consent_that_is_taken_back_ends_the_pair(graduated: Site) -> None:
    _offer(graduated, "bopha", "mentor")
    _offer(graduated, "dara", "mentee", "Her mother")
    mentors.confirm(graduated, "bopha", "dara", "office", START)
    with writing(graduated) as connection:
        connection.execute(text("UPDATE consents SET withdrawn_at = '2026-09-01 00:00:00'"))
    assert [pair.ended_on for pair in mentors.pairs(graduated)] == [date(2026, 9, 1)]


def test_who_is_of_unknown_age_is_a_minor(graduated: Site) -> None:
    assert mentors.is_minor(graduated, "dara", date(2026, 1, 1))
    assert mentors.is_minor(graduated, "sokha", date(2026, 12, 30)), "born in 2008, day unknown"
    assert not mentors.is_minor(graduated, "sokha", date(2026, 12, 31))


MENTOR = Wish("maly", "Maly", "mentor", "12", "km", "online", 1)
MENTEE = Wish("dara", "Dara", "mentee", "12", "either", "either", 1)


def test_who_fits_whom() -> None:
    assert fits(MENTOR, MENTEE)
    assert fits(MENTOR, replace(MENTEE, language="en")) is None
    assert fits(MENTOR, replace(MENTEE, meets="in_person")) is None
    in_person = replace(MENTOR, meets="in_person")
    assert fits(in_person, MENTEE)
    assert fits(in_person, replace(MENTEE, province_code="01")) is None
    assert fits(MENTOR, replace(MENTEE, username="maly")) is None
    near, far = replace(MENTOR, username="near"), replace(MENTOR, province_code="01")
    (pair,) = match([far, near, MENTEE], {})
    assert (pair.mentor.username, len(pair.reasons)) == ("near", 3)


def test_who_has_one_choice_chooses_first() -> None:
    other = replace(MENTOR, username="sophea", province_code="01")
    stay = replace(MENTEE, username="zeta", province_code="12", language="km", meets="online")
    only = replace(MENTEE, username="alpha", meets="in_person", province_code="01")
    pairs = match([replace(other, meets="either"), MENTOR, stay, only], {})
    assert [(p.mentee.username, p.mentor.username) for p in pairs] == [
        ("alpha", "sophea"), ("zeta", "maly"),
    ]  # fmt: skip


WISHES = st.builds(
    Wish, st.sampled_from([f"p{n}" for n in range(12)]), st.just("x"), st.sampled_from(SIDES),
    st.sampled_from(["01", "12", None]), st.sampled_from(LANGUAGES), st.sampled_from(MEETS),
    st.integers(1, 3),
)  # fmt: skip


@given(st.lists(WISHES, max_size=12, unique_by=lambda wish: wish.username), st.randoms())
def test_matching_is_fair_and_the_same_in_any_order(wishes: list[Wish], order: object) -> None:
    pairs = match(wishes, {})
    shuffled = list(wishes)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert match(shuffled, {}) == pairs
    mentees = [pair.mentee.username for pair in pairs]
    assert len(set(mentees)) == len(mentees)
    for wish in wishes:
        assert sum(pair.mentor == wish for pair in pairs) <= wish.places
    used = [pair.mentor.username for pair in pairs]
    for mentee in wishes:  # nobody is left over while a mentor who fits has a place
        if mentee.side == "mentee" and mentee.username not in mentees:
            for mentor in wishes:
                if mentor.side == "mentor" and fits(mentor, mentee):
                    assert used.count(mentor.username) == mentor.places


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The reported years with their fictional people; SQLite."""
    site = make_site(tmp_path_factory.mktemp("years") / "data")
    ensure_database(site.programme_url)
    fill_years(site, REPORTED, 1)
    return site


def test_the_chain_from_ambassador_to_member_to_ambassador(years: Site) -> None:
    every = chain.totals(years)
    assert (every.members, every.became_ambassadors) == (180, 3)
    assert every.longest >= 2
    leaders = [c.leader for s in ("closed",) for c in clubs.listed(years, s, most=99)[0]]
    assert len(leaders) == 12
    chains = [chain.read_chain(years, leader) for leader in leaders]
    assert all(one.person.ambassador and one.person.clubs for one in chains)
    assert sum(club.members for one in chains for club in one.person.clubs) >= 180
    went_on = {link.username for one in chains for c in one.person.clubs for link in c.went_on}
    assert len(went_on) == 3
    below = chain.read_chain(years, sorted(went_on)[0])
    assert below.above[0].username in leaders
    with pytest.raises(RefusedError, match="nobody called"):
        chain.read_chain(years, "nobody")


def test_a_chain_that_bites_its_tail_ends(graduated: Site) -> None:
    for username, name in (("sokha", "club-one"), ("bopha", "club-two")):
        clubs.propose(graduated, username, {**PROPOSAL, "name": name}, AT)
        clubs.approve(graduated, name, START, "office", AT)
    sokha, bopha, _ = (one.person for one in _by_name(graduated))
    roster.enrol(graduated, [bopha], "club-one", on=START)
    roster.enrol(graduated, [sokha], "club-two", on=START)
    found = chain.read_chain(graduated, "sokha")
    assert [teacher.username for teacher in found.above] == ["bopha", "sokha"]
    (club,) = found.person.clubs
    assert [link.username for link in club.went_on] == ["bopha"]
    assert chain.totals(graduated).longest > 2


def _by_name(site: Site) -> list[roster.Enrolment]:
    order = ("sokha", "bopha", "dara")
    return sorted(roster.enrolled(site, COHORT), key=lambda one: order.index(one.person.username))


def test_somebody_is_found_by_the_beginning_of_her_name(graduated: Site) -> None:
    def found(asked: str) -> list[str | None]:
        return [one.username for one in search(graduated, asked)]

    assert found("SOK") == ["sokha"]
    assert found("sokha sok") == ["sokha"]
    assert found("សុខា") == ["sokha"]
    assert found("សុខសុខ") == ["sokha"]
    assert found("che bop") == ["bopha"]
    assert found("kha") == []
    assert found("s") == []
    assert found("%") == found("") == found("so_") == found("\"'; --") == []
    (one,) = search(graduated, "chea")
    assert one.places == ((COHORT, "student"),)
    with writing(graduated) as connection:  # whoever erases a name erases it here
        connection.execute(text("UPDATE people SET name_latin = 'Erased', name_km = ''"))
    assert found("sok") == []
    assert len(found("erased")) == 5


def test_an_applicant_is_found_by_name_and_by_phone(years: Site) -> None:
    with writing(years) as connection:
        row = connection.execute(
            text("SELECT name_latin, phone FROM applications WHERE person_id IS NULL LIMIT 1")
        ).one()
    by_phone = search(years, f" {row.phone[:6]} {row.phone[6:]}")
    assert [(one.username, one.phone) for one in by_phone] == [(None, row.phone)]
    assert row.phone in {one.phone for one in search(years, row.name_latin, most=500)}


@given(st.text(max_size=40))
def test_no_question_breaks_the_search(years: Site, asked: str) -> None:
    assert len(search(years, asked)) <= 100


def test_who_has_graduated_is_what_stands(graduated: Site) -> None:
    assert clubs.may_propose(graduated, "sokha")
    decisions.override(graduated, COHORT, "sokha", "at_risk", "A mistake.", "office", AT)
    assert not clubs.may_propose(graduated, "sokha")
    decisions.lift(graduated, COHORT, "sokha", "It was none.", "office", AT)
    decisions.decide_all(graduated, COHORT, author="office", today=START)
    assert not clubs.may_propose(graduated, "sokha"), "what was computed since holds"
    decisions.lift(graduated, COHORT, "bopha", "Not yet.", "office", AT)
    assert clubs.may_propose(graduated, "dara") is False
    assert clubs.may_propose(graduated, "nobody") is False
