"""What the doctor finds: each thing that is broken here on purpose, with a next step."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from programme.site import Site
from programme.store import make_engine
from soc import doctor
from soc.cohorts import ensure_site
from soc.doctor import Finding, examine


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return ensure_site(tmp_path / "data")


def found(site: Site, check: str, backups: Path | None = None) -> list[Finding]:
    return [finding for finding in examine(site, backups) if finding.check == check]


def test_every_trouble_has_a_next_step_and_nothing_is_changed(site: Site) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.root.rglob("*")}
    findings = examine(site, None)
    assert all(bool(f.next_step) == (f.state != "ok") for f in findings)
    assert {path: path.stat().st_mtime_ns for path in site.root.rglob("*")} == before


def test_an_open_data_folder(site: Site) -> None:
    site.root.chmod(0o755)
    (site.root / "soc.toml").chmod(0o644)
    open_ones = [f for f in found(site, "permissions") if f.state == "failed"]
    assert [f.next_step for f in open_ones] == [
        f"chmod 700 {site.root}",
        f"chmod 600 {site.root}/soc.toml",
    ]


def test_a_database_of_another_version(site: Site) -> None:
    (finding,) = found(site, "database of programme")
    assert finding.state == "ok"
    with make_engine(site.programme_url).begin() as connection:
        connection.execute(text("UPDATE programme_version SET version_num = '0001'"))
    (finding,) = found(site, "database of programme")
    assert finding.state == "failed"
    assert "0001" in finding.found


def test_a_database_that_does_not_answer(site: Site) -> None:
    (site.root / "soc.toml").write_text('programme_url = "postgresql+psycopg://x@127.0.0.1:1/x"')
    findings = found(Site.open(site.root), "database of programme")
    assert findings
    assert {f.state for f in findings} == {"failed"}


def test_a_full_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))(100 << 30, 99 << 30, 1 << 30)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)
    (finding,) = found(site, "disk")
    assert finding.state == "failed"


def test_walls_that_cannot_be_built(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sandbox.bwrap_path", lambda: "/nonexistent/bwrap")
    (finding,) = found(site, "walls")
    assert finding.state == "failed"


def test_a_port_that_is_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("SOC_HUB_PORT", str(port))
        (finding,) = found(site, "ports")
    assert str(port) in finding.found
    assert finding.state == "look"


def test_the_age_of_the_newest_backup(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    assert found(site, "backup", folder)[0].state == "failed"
    folder.mkdir()
    backup = folder / "soc-20260101T000000Z.tar.gz.age"
    backup.touch()
    assert found(site, "backup", folder)[0].state == "ok"
    os.utime(backup, (time.time() - 30 * 3600,) * 2)
    assert "30 hours old" in found(site, "backup", folder)[0].found
