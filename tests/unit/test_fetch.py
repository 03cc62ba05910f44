"""Released weeks come into a student's home by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.student import fetch, weeks


@pytest.fixture
def place(tmp_path: Path) -> weeks.Place:
    """An empty home, and an exchange in which week 1 is released."""
    data = tmp_path / "exchange/girls/outbound/week01/data"
    data.mkdir(parents=True)
    (data / "prices.csv").write_text("rice,1500\n")
    (data.parent / "lesson.ipynb").write_text("{}")
    (tmp_path / "home").mkdir()
    return weeks.Place(tmp_path / "home", tmp_path / "exchange", "girls")


def test_brings_all_files_of_a_week(place: weeks.Place) -> None:
    fetch.fetch(place)
    here = sorted(str(path.relative_to(place.home)) for path in place.home.rglob("*.*"))
    assert here == ["week01/data/prices.csv", "week01/lesson.ipynb"]
    assert list(fetch.missing(place)) == []


def test_replaces_nothing_and_brings_what_is_missing(place: weeks.Place) -> None:
    fetch.fetch(place)
    (place.home / "week01/lesson.ipynb").write_text("hers")
    (place.home / "week01/data/prices.csv").unlink()
    fetch.fetch(place)
    assert (place.home / "week01/lesson.ipynb").read_text() == "hers"
    assert (place.home / "week01/data/prices.csv").read_text() == "rice,1500\n"


def test_what_was_cut_off_halfway_is_brought_whole(place: weeks.Place) -> None:
    (place.home / "week01").mkdir()
    (place.home / "week01/.lesson.ipynb.arriving").write_text("{")
    fetch.fetch(place)
    assert (place.home / "week01/lesson.ipynb").read_text() == "{}"
    assert not list(place.home.rglob("*.arriving"))


def test_says_so_when_something_of_hers_is_in_the_way(place: weeks.Place) -> None:
    (place.home / "week01").write_text("a file of hers")
    with pytest.raises(OSError, match="week01"):
        fetch.fetch(place)
