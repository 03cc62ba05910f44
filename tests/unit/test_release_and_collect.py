"""Release and collect: may run twice, name what they refuse, and leave nothing half written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.api import Gradebook

from programme.site import Cohort, Site
from soc.errors import SocError
from soc.marking import collect, grade
from soc.release import release

from .conftest import hand_in, write_week

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def states(rows) -> dict[str, str]:
    return {row.student: row.state for row in rows}


def test_release_strips_solutions_and_hidden_tests(site: Site, cohort: Cohort) -> None:
    released = release(site, cohort, "week01")
    assert (released.state, released.points) == ("new", 2.0)
    file = cohort.outbound / "week01" / "practice.ipynb"
    sources = [cell.source for cell in nbformat.read(file, as_version=4).cells]
    assert "hello" not in "".join(sources[1:])
    assert "HIDDEN" not in "".join(sources)


def test_release_twice_changes_nothing(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01")
    file = cohort.outbound / "week01" / "practice.ipynb"
    before = file.stat().st_mtime_ns
    assert release(site, cohort, "week01").state == "unchanged"
    assert file.stat().st_mtime_ns == before


def test_a_changed_week_is_replaced_only_when_meant(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01")
    source = site.course / "source" / "week01" / "practice.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[0].source = "Say hello to a friend."
    nbformat.write(notebook, source)
    with pytest.raises(SocError, match="--again"):
        release(site, cohort, "week01")
    assert release(site, cohort, "week01", again=True).state == "replaced"


def test_a_missing_week_is_named_with_those_that_are_there(site: Site, cohort: Cohort) -> None:
    with pytest.raises(SocError, match=r"no 'week07'.*week01"):
        release(site, cohort, "week07")


def test_a_broken_source_releases_nothing(site: Site, cohort: Cohort) -> None:
    (site.course / "source" / "week01" / "practice.ipynb").write_text("{not a notebook")
    with pytest.raises(SocError):
        release(site, cohort, "week01")
    assert not (cohort.outbound / "week01").exists()


def test_dry_run_writes_nothing(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01", dry_run=True)
    assert not list(cohort.exchange.iterdir())


def test_collect_takes_the_newest_and_may_run_twice(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01")
    hand_in(cohort, "bopha", "week01", NOON, 'word = "first"')
    assert states(collect(site, cohort, "week01")) == {
        "bopha": "new",
        "chanthy": "missing",
        "devi": "missing",
    }
    assert states(collect(site, cohort, "week01"))["bopha"] == "unchanged"
    hand_in(cohort, "bopha", "week01", NOON + timedelta(hours=1), 'word = "second"')
    assert states(collect(site, cohort, "week01", dry_run=True))["bopha"] == "would be collected"
    assert states(collect(site, cohort, "week01"))["bopha"] == "updated"
    file = cohort.root / "submitted" / "bopha" / "week01" / "practice.ipynb"
    assert "second" in file.read_text()


def test_strangers_and_odd_folders_stop_nobody(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01")
    hand_in(cohort, "bopha", "week01", NOON)
    hand_in(cohort, "stranger", "week01", NOON)
    (cohort.inbound / "devi+week01+yesterday+x").mkdir()
    (cohort.inbound / f"devi+week01+{NOON:%Y-%m-%d %H:%M:%S} UTC+x").symlink_to("/etc")
    rows = collect(site, cohort, "week01")
    assert states(rows)["bopha"] == "new"
    refused = {(row.student, row.reason[:5]) for row in rows if row.state == "refused"}
    assert refused == {("devi", "kept "), ("stranger", "not a")}
    assert not (cohort.root / "submitted" / "stranger").exists()
    assert not (cohort.root / "submitted" / "devi").exists()


def test_collecting_what_is_not_released_is_refused(site: Site, cohort: Cohort) -> None:
    with pytest.raises(SocError, match="not released"):
        collect(site, cohort, "week01")


@pytest.mark.slow
def test_killed_while_collecting_leaves_no_half_submission(site: Site, cohort: Cohort) -> None:
    """SIGKILL in the middle of a copy; the next collect brings the whole submission."""
    release(site, cohort, "week01")
    folder = hand_in(cohort, "bopha", "week01", NOON)
    for number in range(3000):  # long enough to be met in the middle
        (folder / f"drawing-{number}.txt").write_text("x" * 1000)
    program = (
        "import sys; from programme.site import Site; from soc.marking import collect;"
        "from pathlib import Path; site = Site.open(Path(sys.argv[1]));"
        "collect(site, site.cohort('amb'), 'week01')"
    )
    place = cohort.root / "submitted" / "bopha"
    killed = subprocess.Popen([sys.executable, "-c", program, str(site.root)])
    deadline = time.monotonic() + 60
    while not list(place.glob(".copying-*/drawing-*")):
        assert killed.poll() is None, "the copy was over before it could be met"
        assert time.monotonic() < deadline
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert [path.name.startswith(".copying-") for path in place.iterdir()] == [True]
    assert states(collect(site, cohort, "week01"))["bopha"] == "new"
    assert len(list((place / "week01").glob("drawing-*"))) == 3000
    assert [path.name for path in place.iterdir()] == ["week01"]


def test_two_languages_are_two_releases(site: Site, cohort: Cohort) -> None:
    catalogue = site.course / "locale" / "km" / "week01.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgctxt "practice/say-hello"\nmsgid "Say hello."\nmsgstr "និយាយថាសួស្តី។"\n',
        encoding="utf-8",
    )
    (cohort.root / "cohort.toml").write_text('language = "km"\n')
    cohort = site.cohort("amb")
    release(site, cohort, "week01")
    file = cohort.outbound / "week01" / "practice.ipynb"
    cells = nbformat.read(file, as_version=4).cells
    assert cells[0].source == "និយាយថាសួស្តី។"
    assert cells[2].source == "assert word"


def test_a_translation_of_an_older_text_is_not_used(site: Site, cohort: Cohort) -> None:
    write_week(site.course / "source" / "week01")
    test_two_languages_are_two_releases(site, cohort)
    source = site.course / "source" / "week01" / "practice.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[0].source = "Say hello twice."
    nbformat.write(notebook, source)
    release(site, site.cohort("amb"), "week01", again=True)
    file = cohort.outbound / "week01" / "practice.ipynb"
    assert nbformat.read(file, as_version=4).cells[0].source == "Say hello twice."


def test_a_renamed_notebook_is_named_and_never_a_zero(site: Site, cohort: Cohort) -> None:
    release(site, cohort, "week01")
    folder = hand_in(cohort, "bopha", "week01", NOON)
    (folder / "practice.ipynb").rename(folder / "practice (1).ipynb")
    (row,) = [row for row in collect(site, cohort, "week01") if row.student == "bopha"]
    assert (row.state, row.reason[:26]) == ("new", "practice.ipynb is missing,")
    (result,) = grade(cohort, "week01")
    assert (result.student, result.status, result.score) == ("bopha", "ungraded", None)
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        assert gradebook.assignment_submissions("week01") == []
