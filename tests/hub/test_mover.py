"""The mover: what it takes, what it refuses, and what a kill in between can't break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import desks, mover
from hub.mover import move_all
from hub.submissions import Limits
from programme.site import Site

COHORT = "ambassador-2026"
SECRET = "0123456789abcdef" * 8


def outbox(site: Site, student: str = "sophea") -> Path:
    return desks.outbox(site, COHORT, student)


def hand_in(site: Site, name: str, *, student: str = "sophea", secret: str = SECRET) -> Path:
    """A folder as nbgrader's submit leaves it."""
    folder = outbox(site, student) / name
    folder.mkdir()
    (folder / "practice.ipynb").write_text("{}")
    (folder / "answers.json").write_text('{"w01-p1": "ស្រី"}')
    (folder / "timestamp.txt").write_text(name.split("+")[2] if name.count("+") > 1 else "")
    (folder / "submission_secret.txt").write_text(secret)
    folder.chmod(0o777)
    return folder


def inbound(site: Site) -> list[str]:
    return sorted(path.name for path in (site.exchange / COHORT / "inbound").iterdir())


def receipts(site: Site, student: str = "sophea") -> list[dict[str, str]]:
    folder = desks.receipts(site, COHORT, student)
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


NAME = "sophea+week01+2026-01-06 10:00:00.000000 UTC+AbCd"


def test_moves_a_whole_submission_and_writes_a_receipt(bare_site: Site) -> None:
    hand_in(bare_site, NAME)
    (receipt,) = move_all(bare_site)
    (name,) = inbound(bare_site)
    folder = bare_site.exchange / COHORT / "inbound" / name
    assert name.startswith("sophea+week01+")
    assert (folder / "answers.json").read_text() == '{"w01-p1": "ស្រី"}'
    assert (folder / "submission_secret.txt").read_text() == SECRET
    assert (folder / "timestamp.txt").read_text() == name.split("+")[2] == receipt.at
    assert (receipt.status, receipt.sent_as) == ("received", NAME)
    assert receipts(bare_site)[0]["sent_as"] == NAME
    assert list(outbox(bare_site).iterdir()) == []


def test_the_time_of_arrival_is_the_systems(bare_site: Site) -> None:
    before = datetime.now(UTC).timestamp() - 1
    folder = hand_in(bare_site, "sophea+week01+2020-01-01 00:00:00.000000 UTC+AbCd")
    for path in (*folder.iterdir(), folder):
        os.utime(path, (1_577_836_800, 1_577_836_800))
    (receipt,) = move_all(bare_site)
    at = datetime.strptime(receipt.at, "%Y-%m-%d %H:%M:%S.%f %Z").replace(tzinfo=UTC)
    assert at.timestamp() >= before
    assert "2020" not in inbound(bare_site)[0]


def test_waits_for_an_unfinished_one(bare_site: Site) -> None:
    folder = hand_in(bare_site, NAME)
    folder.chmod(0o755)  # nbgrader opens the mode last
    assert move_all(bare_site) == []
    assert folder.is_dir()
    folder.chmod(0o777)
    (folder / "submission_secret.txt").unlink()
    assert move_all(bare_site) == []


def test_moving_again_changes_nothing(bare_site: Site) -> None:
    """A kill after the copy was renamed: the folder is in the outbox still."""
    hand_in(bare_site, NAME)
    move_all(bare_site)
    there = inbound(bare_site)
    hand_in(bare_site, NAME)
    (receipt,) = move_all(bare_site)
    assert inbound(bare_site) == there
    assert receipt.at == there[0].split("+")[2]


def test_a_half_made_copy_is_made_anew(bare_site: Site) -> None:
    """A kill while copying."""
    hand_in(bare_site, NAME)
    move_all(bare_site)
    suffix = inbound(bare_site)[0].rsplit("+", 1)[1]
    place = bare_site.exchange / COHORT / "inbound"
    (place / inbound(bare_site)[0]).rename(place / f".arriving-{suffix}")
    (place / f".arriving-{suffix}" / "answers.json").write_text("half")
    hand_in(bare_site, NAME)
    move_all(bare_site)
    (name,) = inbound(bare_site)
    assert (place / name / "answers.json").read_text() != "half"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dara+week01+2026-01-06 10:00:00.000000 UTC+AbCd", "not-hers"),
        ("sophea+week09+2026-01-06 10:00:00.000000 UTC+AbCd", "unknown-week"),
        ("sophea+..+2026-01-06 10:00:00.000000 UTC+AbCd", "unknown-week"),
        ("sophea+week01+2026-01-06 10:00:00.000000 UTC", "not-hers"),
        ("sophea", "not-hers"),
    ],
)
def test_refuses_a_name_that_claims_what_is_not_so(bare_site: Site, name: str, reason: str) -> None:
    hand_in(bare_site, name)
    (receipt,) = move_all(bare_site)
    assert (receipt.status, receipt.reason) == ("refused", reason)
    assert not (bare_site.exchange / COHORT / "inbound").exists() or inbound(bare_site) == []
    assert list(outbox(bare_site).iterdir()) == []
    kept = list((bare_site.root / "hub/refused" / COHORT / "sophea").iterdir())
    assert len(kept) == 1
    assert (kept[0] / "answers.json").is_file()


def test_follows_no_link(bare_site: Site, tmp_path: Path) -> None:
    treasure = tmp_path / "gradebook.db"
    treasure.write_text("everybody's marks")
    for number, link in enumerate(("answers.json", "data", "practice.ipynb")):
        folder = hand_in(bare_site, f"{NAME}{number}", secret=f"{number}" * 64)
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(treasure if link != "data" else tmp_path)
    (outbox(bare_site) / f"{NAME}9").symlink_to(tmp_path)
    moved = move_all(bare_site)
    assert [r.reason for r in moved] == ["not-a-file", "not-a-file", "not-a-file", "not-a-folder"]
    assert treasure.read_text() == "everybody's marks"
    assert inbound(bare_site) == []


def test_refuses_pipes_and_floods(bare_site: Site) -> None:
    pipe = hand_in(bare_site, f"{NAME}1", secret="1" * 64)
    os.mkfifo(pipe / "pipe")
    many = hand_in(bare_site, f"{NAME}2", secret="2" * 64)
    for number in range(20):
        (many / f"f{number}").write_text("")
    big = hand_in(bare_site, f"{NAME}3", secret="3" * 64)
    with (big / "big").open("wb") as file:
        file.truncate(5_000_000)
    deep = hand_in(bare_site, f"{NAME}4", secret="4" * 64)
    (deep / "a/b/c/d").mkdir(parents=True)
    strange = hand_in(bare_site, f"{NAME}5", secret="5" * 64)
    (strange / "a\nb").write_text("")
    moved = move_all(bare_site, Limits(files=10, bytes=1_000_000, depth=2))
    assert [r.reason for r in moved] == [
        "not-a-file", "too-many", "too-big", "too-deep", "strange-name",
    ]  # fmt: skip
    assert inbound(bare_site) == []


def test_one_that_cannot_be_moved_stops_no_other(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(bare_site, NAME, secret="1" * 64)
    hand_in(bare_site, "dara+week01+2026-01-06 10:00:00.000000 UTC+AbCd", student="dara")

    def full_disk(site: Site, cohort: str, student: str, *rest: object) -> str:
        if student == "dara":
            raise OSError(28, "No space left on device")
        return take(site, cohort, student, *rest)  # type: ignore[arg-type]

    take = mover._take
    monkeypatch.setattr(mover, "_take", full_disk)
    assert [r.sent_as for r in move_all(bare_site)] == [NAME]
    assert len(list(outbox(bare_site, "dara").iterdir())) == 1
    monkeypatch.setattr(mover, "_take", take)
    assert len(move_all(bare_site)) == 1


def test_killed_at_any_moment_it_loses_nothing(bare_site: Site) -> None:
    """Real kills while twenty submissions are moved; then one run brings all, each once."""
    for number in range(20):
        hand_in(bare_site, f"{NAME}{number}", secret=f"{number:02}" * 32)
    code = "from hub.mover import move_all; from programme.site import Site; move_all(Site.open())"
    for kill_after in range(1, 8):
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=os.environ | {"SOC_DATA": str(bare_site.root)}
        )
        place = bare_site.exchange / COHORT / "inbound"
        while process.poll() is None:
            if place.is_dir() and len(list(place.glob("[!.]*"))) >= kill_after * 2:
                process.send_signal(signal.SIGKILL)
                process.wait()
    move_all(bare_site)
    assert len(inbound(bare_site)) == 20
    assert len({name.rsplit("+", 1)[1] for name in inbound(bare_site)}) == 20
    assert len(receipts(bare_site)) == 20
    assert list(outbox(bare_site).iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read what is closed")
def test_a_folder_closed_to_its_owner_is_refused(bare_site: Site) -> None:
    folder = hand_in(bare_site, NAME)
    (folder / "answers.json").chmod(0)
    (receipt,) = move_all(bare_site)
    assert receipt.reason == "not-a-file"
