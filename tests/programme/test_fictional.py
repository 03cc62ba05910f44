"""Fictional people and a fictional past: deterministic, plausible, and decided as meant."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from programme.board import read_board
from programme.fictional import make_people
from programme.past_cohort import STORIES, fill_past_cohort
from programme.people import person_problems, province_names
from programme.site import Site

PAST = "ambassador-2025"


def test_the_same_seed_gives_the_same_people() -> None:
    assert make_people(7, 60) == make_people(7, 60)
    assert make_people(7, 60) != make_people(8, 60)


def test_people_are_plausible() -> None:
    people = make_people(1, 500, year=2026)
    assert len({person.username for person in people}) == 500
    for person in people:
        assert person_problems(person) == []
        assert 14 <= 2026 - (person.birth_year or 0) <= 22
        assert all("\u1780" <= letter <= "\u17ff" or letter == " " for letter in person.name_km)
        assert person.name_latin.isascii()
    spread = Counter(person.province_code for person in people)
    assert set(spread) == set(province_names())
    assert set(spread.values()) == {20}


def test_taken_usernames_are_left_alone() -> None:
    first = make_people(1, 30)
    taken = {person.username for person in first}
    assert not taken & {person.username for person in make_people(1, 30, taken=taken)}


def _past(site: Site, gradebook: Path) -> Site:
    folder = site.root / "cohorts" / PAST
    folder.mkdir()
    (folder / "cohort.toml").write_text('language = "km"\n')
    shutil.copy(gradebook, folder / "gradebook.db")
    return site


@pytest.mark.parametrize("seed", [2, 2025])
def test_a_past_cohort_shows_all_four_outcomes(
    site: Site, empty_gradebook: Path, seed: int
) -> None:
    people = fill_past_cohort(_past(site, empty_gradebook), PAST, seed)
    rows = read_board(site, PAST, date(2026, 11, 24)).rows
    assert [len(people), len(rows)] == [len(STORIES), 30]
    outcomes = Counter(row.outcome for row in rows)
    assert outcomes == {"graduated": 25, "withdrawn": 2, "at_risk": 2, "on_the_way": 1}
    assert sum(row.decision.honours for row in rows) == 5


def test_filling_it_again_changes_nothing(site: Site, empty_gradebook: Path) -> None:
    _past(site, empty_gradebook)
    first = fill_past_cohort(site, PAST, 3)
    before = read_board(site, PAST, date(2026, 1, 1))
    assert sorted(fill_past_cohort(site, PAST, 3), key=lambda p: p.username) == sorted(
        first, key=lambda p: p.username
    )
    assert read_board(site, PAST, date(2026, 1, 1)) == before
