"""course/release is what course/source makes, to the byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from programme.site import CHECKOUT
from soc.build import build_release
from soc.errors import SocError

from .conftest import write_week


@pytest.mark.slow
def test_the_release_in_the_repository_is_what_the_source_makes() -> None:
    rows = build_release(CHECKOUT, [], check=True)
    assert [row.week for row in rows if row.state != "unchanged"] == []
    released = {path.name for path in (CHECKOUT / "course" / "release").glob("week*")}
    assert released == {row.week for row in rows}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(CHECKOUT / "nbgrader_config.py", tmp_path)
    write_week(tmp_path / "course" / "source" / "week01")
    return tmp_path


def test_build_writes_what_differs_and_removes_what_has_no_source(checkout: Path) -> None:
    stale = checkout / "course" / "release" / "week09"
    stale.mkdir(parents=True)
    assert [row.state for row in build_release(checkout, [])] == ["written"]
    assert not stale.exists()
    assert [row.state for row in build_release(checkout, [])] == ["unchanged"]
    write_week(checkout / "course" / "source" / "week01", greeting="សួស្តី")
    assert [row.state for row in build_release(checkout, [], check=True)] == ["unchanged"]
    (checkout / "course" / "source" / "week01" / "market.csv").write_text("fish,4000\n")
    assert [row.state for row in build_release(checkout, [], check=True)] == ["differs"]


def test_an_unknown_week_is_named_with_those_that_are_there(checkout: Path) -> None:
    with pytest.raises(SocError, match=r"week07.*week01"):
        build_release(checkout, ["week07"])
