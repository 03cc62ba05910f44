"""A backup made while things change, and a restore on an empty machine, on both databases."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from hub import accounts, desks
from programme import roster
from programme.people import Person
from programme.site import Site
from soc import archive, backup
from soc.backup import back_up, backups
from soc.cohorts import ensure_cohort, ensure_site, ensure_students_in_gradebook
from soc.errors import SocError
from soc.restore import restore

COHORT = "ambassador-2026"
SENT = f"sophea+week01+2026-01-06 10:00:00.000000 UTC+{'a' * 12}"


def fill(root: Path, database: str = "") -> Site:
    """A data folder with a student, her mark, her password, her work, and a submission."""
    site = ensure_site(root, database=database)
    cohort = ensure_cohort(site, COHORT, date(2026, 1, 5))
    roster.enrol(site, [Person("sophea", "Chan Sophea")], COHORT, "student", on=date(2026, 1, 5))
    ensure_students_in_gradebook(site, cohort)
    accounts.set_password(site, "sophea", "flower-2026")
    home = desks.home(site, "sophea")
    (home / "lesson ភាសា.ipynb").write_text("{}")
    (home / "gone").symlink_to("/etc/passwd")
    sent = cohort.inbound / SENT
    sent.mkdir(parents=True)
    (sent / "practice.ipynb").write_text('{"hers": 1}')
    return site


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once: a fresh gradebook costs seconds."""
    return fill(tmp_path_factory.mktemp("template") / "data").root


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Site:
    """A data folder of the test's own, on SQLite."""
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    return Site.open(tmp_path / "data")


def assert_as_filled(site: Site) -> None:
    assert [m.username for m in roster.members(site)] == ["sophea"]
    assert accounts.is_password(site, "sophea", "flower-2026")
    cohort = site.cohort(COHORT)
    with Gradebook(cohort.gradebook_url, COHORT) as gradebook:
        assert [student.id for student in gradebook.students] == ["sophea"]
    assert (cohort.inbound / SENT / "practice.ipynb").read_text() == '{"hers": 1}'
    home = site.root / "homes/sophea"
    assert (home / "lesson ភាសា.ipynb").read_text() == "{}"
    assert str((home / "gone").readlink()) == "/etc/passwd"
    assert site.root.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    return tmp_path / "key", archive.new_key(tmp_path / "key")


def test_all_comes_back_with_the_key(site: Site, tmp_path: Path, key: tuple[Path, str]) -> None:
    done = back_up(site, tmp_path / "any-name", recipient=key[1])
    assert (key[0].stat().st_mode & 0o777, done.path.stat().st_mode & 0o777) == (0o600, 0o600)
    assert b"sophea" not in done.path.read_bytes()
    restore(done.path, tmp_path / "new", key_file=key[0])
    assert_as_filled(Site.open(tmp_path / "new"))


@pytest.mark.postgres
@pytest.mark.slow
def test_all_comes_back_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    urls = postgres_url.replace("/test_", "/{cohort}_test_")
    site = fill(tmp_path / "data", urls)
    done = back_up(site, tmp_path, recipient=None)
    assert set(done.manifest.dumps) == {"programme", f"gradebook {COHORT}"}
    with pytest.raises(SocError, match="database of programme is not empty"):
        restore(done.path, tmp_path / "new", key_file=None)
    assert not (tmp_path / "new").exists()
    restore(done.path, tmp_path / "new", key_file=None, database=urls.replace("test", "new"))
    new = Site.open(tmp_path / "new")
    assert new.programme_url != site.programme_url
    assert_as_filled(new)


def test_a_wrong_key_a_cut_and_a_changed_byte_are_refused(
    site: Site, tmp_path: Path, key: tuple[Path, str]
) -> None:
    done = back_up(site, tmp_path, recipient=key[1])
    archive.new_key(tmp_path / "other")
    whole = done.path.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for name, content, secret in (
        ("wrong.tar.gz.age", whole, tmp_path / "other"),
        ("cut.tar.gz.age", whole[:-100], key[0]),
        ("changed.tar.gz.age", bytes(changed), key[0]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SocError, match=name):
            restore(tmp_path / name, tmp_path / "new", key_file=secret)
        assert not (tmp_path / "new").exists()
        assert not (tmp_path / ".new.restoring").exists()


def test_a_file_that_is_not_what_the_manifest_says(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def lying(self: archive.Manifest) -> bytes:
        text = json.loads(honest(self))
        name = next(iter(text["files"]))
        text["files"][name]["sha256"] = "0" * 64
        return json.dumps(text).encode()

    honest = archive.Manifest.as_json
    monkeypatch.setattr(archive.Manifest, "as_json", lying)
    done = back_up(site, tmp_path, recipient=None)
    with pytest.raises(SocError, match="is damaged at"):
        restore(done.path, tmp_path / "new", key_file=None)


def test_a_place_that_holds_anything_is_refused(site: Site, tmp_path: Path) -> None:
    done = back_up(site, tmp_path, recipient=None)
    with pytest.raises(SocError, match="is not empty"):
        restore(done.path, tmp_path / "data", key_file=None)


def test_a_failed_backup_leaves_nothing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backups"
    target.mkdir()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add_sqlite", full_disk)
    with pytest.raises(OSError, match="No space"):
        back_up(site, target, recipient=None)
    assert list(target.iterdir()) == []


def test_only_the_newest_are_kept(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    for day in (1, 2, 3):
        (target / f"soc-2020010{day}T000000Z.tar.gz").write_text("")
    (target / "unrelated.tar.gz").write_text("")
    back_up(site, target, recipient=None, keep=2)
    kept = backups(target)
    assert (len(kept), kept[0].name[:12]) == (2, "soc-20200103")
    assert (target / "unrelated.tar.gz").exists()


def test_what_waits_in_an_outbox_keeps_the_mark_of_being_complete(
    site: Site, tmp_path: Path
) -> None:
    """Its week isn't released, but it isn't finished either: so the mover leaves it there."""
    waiting = desks.outbox(site, COHORT, "sophea") / SENT
    waiting.mkdir()
    (waiting / "practice.ipynb").write_text("{}")
    waiting.chmod(0o733)
    done = back_up(site, tmp_path, recipient=None)
    restore(done.path, tmp_path / "new", key_file=None)
    again = tmp_path / "new/outbox" / COHORT / "sophea" / SENT
    assert again.stat().st_mode & 0o777 == 0o733
    assert again.stat().st_uid == waiting.stat().st_uid


def test_no_student_can_stop_a_backup(site: Site, tmp_path: Path) -> None:
    """Deep folders, a pipe, a name that is no text, a database that is none, a loop of links."""
    home = site.root / "homes/sophea"
    os.mkfifo(home / "pipe")
    (home / "loop").symlink_to(home)
    Path(os.fsdecode(bytes(home) + b"/\xff\xfe")).write_text("")
    (home / "trap.sqlite").write_bytes(b"SQLite format 3\0 and then nothing")
    inside = os.open(home, os.O_RDONLY)
    for _ in range(25):  # 5,000 bytes: longer than any path of the system
        os.mkdir("d" * 200, dir_fd=inside)
        deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
    os.close(inside)
    done = back_up(site, tmp_path, recipient=None)
    assert done.manifest.left_out
    restore(done.path, tmp_path / "new", key_file=None)
    assert_as_filled(Site.open(tmp_path / "new"))
    assert (tmp_path / "new/homes/sophea/trap.sqlite").is_file()


def test_a_database_is_whole_while_it_is_written(site: Site, tmp_path: Path) -> None:
    """A writer in the middle of a transaction: the backup has the state before it."""
    with sqlite3.connect(site.root / "hub/accounts.sqlite", isolation_level=None) as writer:
        writer.execute("begin immediate")
        writer.execute("delete from passwords")
        done = back_up(site, tmp_path, recipient=None)
        writer.execute("commit")
    writer.close()
    restore(done.path, tmp_path / "new", key_file=None)
    assert_as_filled(Site.open(tmp_path / "new"))
