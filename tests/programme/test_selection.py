"""Selecting and forming groups: what must hold for whatever applications there are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from programme import admission
from programme.admitting.forming import Accepted, form
from programme.admitting.group import Group, within_reach
from programme.admitting.score import score
from programme.admitting.selection import Candidate, Choice, Holder, lottery, select
from programme.site import CHECKOUT

steady = settings(derandomize=True, deadline=None, max_examples=60)
RULES = admission.read(CHECKOUT / "course")
SEED = "ambassador-2027 2026-11-01"
PROVINCES = ("01", "08", "12")
STEP = frozenset({"08", "12"})
FOUR_GROUPS = (
    Group(1, "a", "online", "online", 3),
    Group(2, "a", "step", "in_person", 2, "STEP", STEP),
    Group(3, "b", "online", "online", 3),
    Group(4, "b", "step", "in_person", 2, "STEP", STEP),
)
groups = st.lists(
    st.builds(
        Group, id=st.just(0), cohort=st.just("a"), name=st.just("g"),
        mode=st.sampled_from(("online", "in_person")), places=st.integers(0, 4), place=st.just("x"),
        provinces=st.sampled_from((frozenset[str](), STEP, frozenset({"01"}))),
    ),
    max_size=4,
).map(lambda made: [replace(group, id=n) for n, group in enumerate(made, 1)])  # fmt: skip
candidates = st.lists(
    st.builds(
        Candidate, number=st.integers(1, 99), points=st.integers(0, 20).map(Fraction),
        province=st.sampled_from(PROVINCES), school_kind=st.sampled_from(("public", "ngo")),
        wish=st.sampled_from(("online", "in_person", "either")), waits=st.booleans(),
    ),
    max_size=30, unique_by=lambda one: one.number,
)  # fmt: skip


def one(number: int, points: int, **facts: str) -> Candidate:
    known = {"province": "12", "school_kind": "public", "wish": "either"} | facts
    return Candidate(number, Fraction(points), **known)


def ids(choice: Choice) -> list[str]:
    return [why.id for why in choice.reasons]


@steady
@given(candidates, groups, st.randoms(use_true_random=False))
def test_places_order_and_fairness(
    asked: list[Candidate], places: list[Group], chance: object
) -> None:
    made = select(asked, places, RULES, SEED)
    shuffled = list(asked)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert select(shuffled, places[::-1], RULES, SEED) == made
    of = {choice.number: choice for choice in made}
    assert sorted(of) == sorted(one.number for one in asked)
    accepted = [one for one in asked if of[one.number].status == "accepted"]
    assert len(accepted) <= sum(group.places for group in places)
    formed = form(
        [Accepted(one.number, of[one.number].rank, one.province, one.wish,
                  "admit.other" in ids(of[one.number])) for one in accepted],
        places,
    )  # fmt: skip
    assert formed.nowhere == ()  # whoever got a place has a seat
    order = {"accepted": 0, "waiting": 1, "declined": 2}
    for better in asked:
        for worse in asked:
            same = (better.province, better.school_kind, better.wish, better.waits) == (
                worse.province, worse.school_kind, worse.wish, worse.waits
            )  # fmt: skip
            if same and better.points > worse.points:
                assert order[of[better.number].status] <= order[of[worse.number].status]
    for choice in made:
        assert all(why.text.en and why.text.km for why in choice.reasons)


@steady
@given(candidates, groups)
def test_more_points_never_cost_a_place(asked: list[Candidate], places: list[Group]) -> None:
    before = {choice.number: choice.status for choice in select(asked, places, RULES, SEED)}
    for n, chosen in enumerate(asked[:5]):
        raised = [*asked[:n], replace(chosen, points=Fraction(20)), *asked[n + 1 :]]
        after = {choice.number: choice.status for choice in select(raised, places, RULES, SEED)}
        if before[chosen.number] == "accepted":
            assert after[chosen.number] == "accepted"


@steady
@given(candidates, groups)
def test_those_who_hold_a_place_keep_it(asked: list[Candidate], places: list[Group]) -> None:
    """Selecting again changes nothing; when one leaves, nobody loses a place or the list."""
    first = {choice.number: choice.status for choice in select(asked, places, RULES, SEED)}
    holders = [
        Holder(one.number, one.province, one.school_kind, within_reach(places, one.province))
        for one in asked if first[one.number] == "accepted"
    ]  # fmt: skip
    waiting = [replace(one, waits=True) for one in asked if first[one.number] == "waiting"]
    free = sum(group.places for group in places) - len(holders)
    for gone in ([], holders[:1]):
        kept = [holder for holder in holders if holder not in gone]
        again = select(waiting, places, RULES, SEED, kept)
        assert {choice.status for choice in again} <= {"accepted", "waiting"}
        moved = [choice for choice in again if choice.status == "accepted"]
        assert len(moved) <= free + len(gone)


def test_a_province_gets_its_share_and_what_is_left() -> None:
    many = [one(n, 20 - n, province="12") for n in range(8)]
    far = [one(20 + n, 10, province="01", school_kind="ngo", wish="online") for n in range(3)]
    made = {choice.number: choice for choice in select([*many, *far], FOUR_GROUPS, RULES, SEED)}
    accepted = {number for number, choice in made.items() if choice.status == "accepted"}
    assert accepted == {0, 1, 2, 3, 4, 5, 6, 20, 21, 22}
    assert "admit.share_province" in ids(made[7])
    assert "admit.places_left" in ids(made[6])
    assert "admit.places_left" not in ids(made[3])  # 4 of 10 are 40 %


def test_a_wish_that_no_group_meets_gets_what_is_left_and_says_so() -> None:
    asked = [one(n, 15, province="01", wish="in_person") for n in range(2)]
    made = select(asked, FOUR_GROUPS, RULES, SEED)
    assert [ids(choice)[1] for choice in made] == ["admit.other", "admit.other"]
    assert {choice.status for choice in made} == {"accepted"}
    nowhere = select(asked, FOUR_GROUPS[1:2], RULES, SEED)
    assert "admit.no_group" in ids(nowhere[0])


def test_equal_points_are_drawn_by_a_lottery_that_anybody_can_check() -> None:
    small = (Group(1, "a", "online", "online", 1),)
    asked = [one(n, 15) for n in range(1, 5)]
    made = select(asked, small, RULES, SEED)
    assert [choice.number for choice in made] == sorted(
        range(1, 5), key=lambda number: lottery(SEED, number)
    )
    assert all("admit.tie" in ids(choice) for choice in made)
    # echo -n "ambassador-2027 2026-11-01 1" | sha256sum
    assert lottery(SEED, 1).startswith("89ce49e9f8caada8c10f1c5e1cddb512")


def test_too_few_points_are_never_a_place() -> None:
    (choice,) = select([one(1, 5)], FOUR_GROUPS, RULES, SEED)
    assert choice.status == "declined"
    assert ids(choice) == ["admit.points", "admit.least"]


@steady
@given(candidates, groups)
def test_groups_are_evenly_filled(asked: list[Candidate], places: list[Group]) -> None:
    formed = form([Accepted(one.number, 0, one.province, one.wish) for one in asked], places)
    count = {g.id: list(formed.groups.values()).count(g.id) for g in places}
    size = {g.id: g.places for g in places}
    assert all(count[g] <= size[g] for g in count)
    of = {one.number: one for one in asked}
    for number, sits in formed.groups.items():
        wish = None if number in formed.unmet else of[number].wish
        for other in within_reach(places, of[number].province, wish):
            if size[other]:
                after = Fraction(count[other] + 1, size[other])
                assert other == sits or after >= Fraction(count[sits], size[sits])


def test_two_readers_and_a_third() -> None:
    assert score([], 6).state == "unread"
    assert score([7], 6).state == "read_once"
    assert (score([7, 12], 6).points, score([7, 12], 6).third) == (Fraction(19, 2), False)
    assert (score([4, 11], 6).state, score([4, 11], 6).points) == ("far_apart", None)
    settled = score([4, 11, 10], 6)
    assert (settled.points, settled.apart, settled.third) == (Fraction(10), 7, True)
