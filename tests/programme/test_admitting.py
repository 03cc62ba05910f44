"""From reading to a place in a group: blind, confirmed as shown, kept with its reasons."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from programme import roster
from programme.admitting import admit, enrolling, places, reading
from programme.admitting.blind import HIDDEN, blind
from programme.admitting.enrolling import username_from
from programme.schema import consents, people
from programme.site import Site
from programme.store import RefusedError
from programme.store import reading as reading_
from tests.programme.applied import CALL, NOW, READERS, form, open_programme, read_all
from tests.programme.sites import START

POINTS = {"motivation": 6, "sharing": 7}


def test_a_reader_sees_words_and_no_name(site: Site) -> None:
    open_programme(site, [form(1, guardian_name="Chea Dara")])
    sheet = reading.next_sheet(site, CALL, "maly")
    assert sheet
    shown = " ".join(answer for _, answer in sheet.answers)
    for secret in ("Sokha", "សុខា", "012", "345"):
        assert secret not in shown
    assert "I want to build things" in shown
    assert [len(criterion.levels) for criterion in sheet.criteria] == [4, 4]


def test_two_read_and_a_third_when_they_are_far_apart(any_site: Site) -> None:
    open_programme(any_site, [form(1), form(2)])
    first, second, third = READERS
    reading.give(any_site, CALL, 1, first, {"motivation": 1, "sharing": 1}, NOW)
    reading.give(any_site, CALL, 1, first, {"motivation": 1, "sharing": 1}, NOW)  # sent twice
    with pytest.raises(RefusedError, match="already"):
        reading.give(any_site, CALL, 1, first, POINTS, NOW)
    assert reading.give(any_site, CALL, 1, second, POINTS, NOW).state == "far_apart"
    sheets = {reader: reading.next_sheet(any_site, CALL, reader) for reader in READERS}
    assert [sheet and (sheet.number, sheet.third) for sheet in sheets.values()] == [
        (2, False), (2, False), (1, True),
    ]  # fmt: skip
    done = reading.give(any_site, CALL, 1, third, {"motivation": 5, "sharing": 5}, NOW)
    assert (done.state, done.points, done.third) == ("read", 10, True)
    with pytest.raises(RefusedError, match="meanwhile"):
        reading.give(any_site, CALL, 1, "office", POINTS, NOW)
    state = reading.reading_state(any_site, CALL)
    assert state.states == {"unread": 1, "read_once": 0, "far_apart": 0, "read": 1}
    assert state.by_reader == {first: 1, second: 1, third: 1}


@pytest.mark.parametrize(
    "points", [{}, {"motivation": 6}, POINTS | {"sharing": 11}, POINTS | {"beauty": 3},
               {"motivation": -1, "sharing": 0}]
)  # fmt: skip
def test_points_out_of_range_are_refused(site: Site, points: dict[str, int]) -> None:
    open_programme(site, [form(1)])
    with pytest.raises(RefusedError, match="Nothing was kept"):
        reading.give(site, CALL, 1, "maly", points, NOW)


def test_readers_are_named_and_have_to_teach(site: Site) -> None:
    open_programme(site, [])
    assert reading.programmes_to_read(site, "maly") == [CALL]
    roster.withdraw(site, "maly", f"{CALL}-a", "moved", on=START)
    assert reading.programmes_to_read(site, "maly") == []
    reading.drop_reader(site, CALL, "vanna")
    assert reading.programmes_to_read(site, "vanna") == []
    with pytest.raises(RefusedError, match="no instructor"):
        reading.name_reader(site, CALL, "nobody", "office", NOW)


def test_what_was_shown_is_what_is_decided(any_site: Site) -> None:
    open_programme(any_site, [form(n) for n in range(1, 9)])
    shown = admit.preview(any_site, CALL)
    assert (shown.places, shown.unread, shown.lines) == (6, 8, ())
    with pytest.raises(RefusedError, match="8 applications are not read"):
        admit.confirm(any_site, CALL, shown.digest, "office", NOW)
    read_all(any_site, (12, 13, 14, 15, 16, 17, 18, 2))
    shown = admit.preview(any_site, CALL)
    assert shown.totals == {"accepted": 6, "waiting": 1, "declined": 1}
    with pytest.raises(RefusedError, match="look again"):
        admit.confirm(any_site, CALL, "0" * 16, "office", NOW)
    assert admit.decided(any_site, CALL) == []
    admit.confirm(any_site, CALL, shown.digest, "office", NOW)
    found = admit.decided(any_site, CALL)
    assert [(one.number, one.status) for one in found][-2:] == [(1, "waiting"), (8, "declined")]
    assert all(one.reasons and one.decided_by == "office" and one.decided_at for one in found)
    assert admit.preview(any_site, CALL).totals == {"accepted": 0, "waiting": 1, "declined": 0}


def test_the_list_moves_up_when_somebody_leaves(any_site: Site) -> None:
    open_programme(any_site, [form(n) for n in range(1, 9)])
    read_all(any_site, (11, 12, 13, 14, 15, 16, 17, 18))
    admit.confirm(any_site, CALL, admit.preview(any_site, CALL).digest, "office", NOW)
    admit.withdraw(any_site, CALL, 8, "office", "She moves to Thailand.", NOW)
    admit.withdraw(any_site, CALL, 8, "office", "She moves to Thailand.", NOW)
    up = admit.preview(any_site, CALL)
    assert [(line.choice.number, line.choice.status) for line in up.lines] == [
        (2, "accepted"), (1, "waiting"),
    ]  # fmt: skip
    admit.confirm(any_site, CALL, up.digest, "office", NOW)
    placed = enrolling.enrol_accepted(any_site, CALL, START)
    assert len(placed) == 6
    # Who leaves the cohort leaves a place, too; and who takes her application back, leaves both.
    roster.withdraw(any_site, placed[0].username, placed[0].group.cohort, "ill", on=START)
    assert admit.preview(any_site, CALL).totals["accepted"] == 1
    admit.withdraw(any_site, CALL, placed[1].number, "office", "She moves.", NOW)
    (left,) = [
        one for one in roster.enrolled(any_site, placed[1].group.cohort)
        if one.person.username == placed[1].username
    ]  # fmt: skip
    assert (left.status, left.withdrawn_reason) == ("withdrawn", "She moves.")
    assert admit.preview(any_site, CALL).held == 4


def test_enrolling_is_once_and_groups_are_even(any_site: Site) -> None:
    forms = [form(n, province_code="01") for n in range(1, 4)] + [form(n) for n in range(4, 6)]
    open_programme(any_site, forms)
    read_all(any_site, (15, 15, 15, 15, 15))
    admit.confirm(any_site, CALL, admit.preview(any_site, CALL).digest, "office", NOW)
    first = enrolling.enrol_accepted(any_site, CALL, START)
    assert all(one.new for one in first)
    again = enrolling.enrol_accepted(any_site, CALL, START)
    assert [(one.number, one.username, one.group.id) for one in again] == [
        (one.number, one.username, one.group.id) for one in first
    ]
    assert not any(one.new for one in again)
    assert {one.username for one in first} == {f"sokha-{letter}-sok" for letter in "bcdef"}
    far = [one for one in first if one.number < 4]
    assert {one.group.mode for one in far} == {"online"}
    counts = [members for _, members in places.list_groups(any_site, CALL)]
    assert sorted(counts) == [1, 1, 1, 2]
    with reading_(any_site) as connection:
        assert all(connection.execute(select(consents.c.person_id)).scalars())


def test_a_club_member_who_applies_again_is_the_same_person(site: Site) -> None:
    for call in ("clubs-2026", CALL):
        open_programme(site, [form(1)], call)
        number = 1 if call == "clubs-2026" else 2
        for reader in READERS[:2]:
            reading.give(site, call, number, reader, POINTS, NOW)
        admit.confirm(site, call, admit.preview(site, call).digest, "office", NOW)
        enrolling.enrol_accepted(site, call, START)
    with reading_(site) as connection:
        names = connection.execute(select(people.c.username)).scalars().all()
    assert len([name for name in names if name.startswith("sokha")]) == 1


def test_a_group_is_never_smaller_than_its_members(site: Site) -> None:
    open_programme(site, [form(n) for n in range(1, 7)])
    read_all(site, (15,) * 6)
    admit.confirm(site, CALL, admit.preview(site, CALL).digest, "office", NOW)
    enrolling.enrol_accepted(site, CALL, START)
    with pytest.raises(RefusedError, match="2 members"):
        places.set_group(site, CALL, f"{CALL}-a", "online", "online", 1)
    for wrong in (
        {"name": ""}, {"mode": "by post"}, {"mode": "in_person"}, {"places": 1001},
        {"provinces": ("26",)}, {"cohort": "nothing"}, {"programme": "nothing"},
    ):  # fmt: skip
        facts = {"programme": CALL, "cohort": f"{CALL}-a", "name": "new", "mode": "online",
                 "places": 3} | wrong  # fmt: skip
        with pytest.raises(RefusedError):
            places.set_group(site, **facts)  # type: ignore[arg-type]


def test_what_is_hidden_in_an_answer() -> None:
    text = "I am Ann-Sofie from annex, ann@x.org, t.me: @ann, ០១២ ៣៤៥ ៦៧៨, born 2005. ខ្ញុំសុខា១"
    assert blind(text, ["Ann Sofie", "សុខា"]) == (
        f"I am {HIDDEN}-{HIDDEN} from annex, {HIDDEN} t.me: {HIDDEN} {HIDDEN}, born 2005. "
        f"ខ្ញុំ{HIDDEN}១"
    )
    assert blind("ខ្ញុំឈ្មោះសុខា", ["សុខ"]) == f"ខ្ញុំឈ្មោះ{HIDDEN}"
    assert blind("nothing to hide", ["", " "]) == "nothing to hide"


@pytest.mark.parametrize(
    ("name", "username"),
    [("Sok Sokha", "sokha-sok"), ("CHEA  Srey-Mom", "srey-mom-chea"), ("Ève", "eve"), ("", ""),
     ("សុខ", ""), ("A", ""), ("x" * 60, "x" * 28), ("Sok 1", "sok")],
)  # fmt: skip
def test_usernames_are_made_of_names(name: str, username: str) -> None:
    assert username_from(name) == username
