"""A real hub on this machine for the tests: its data folder, its start, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub import accounts
from programme import roster
from programme.people import Person
from programme.site import DATA_VARIABLE, Site
from soc.cohorts import ensure_cohort, ensure_site, ensure_students_in_gradebook
from soc.course_folder import load_config, nbgrader_api
from soc.hub_command import HUB_COMMAND
from soc.release import release

COHORT = "ambassador-2026"
FIRST_DAY = date(2026, 1, 5)
STUDENTS = ("sophea", "dara", "chenda")
INSTRUCTOR = "kunthea"
STAFF = "bopha"


def password(username: str) -> str:
    """The known password of a test's user."""
    return f"{username}-password"


def make_site(root: Path) -> Site:
    """A data folder with one cohort that has week01, and people who can sign in."""
    site = ensure_site(root)
    cohort = ensure_cohort(site, COHORT, FIRST_DAY)
    for names, role, where in (
        (STUDENTS, "student", COHORT),
        ((INSTRUCTOR,), "instructor", COHORT),
        ((STAFF,), "staff", None),
    ):
        people = [Person(name, f"{name.title()} Chan") for name in names]
        roster.enrol(site, people, where, role, on=FIRST_DAY)  # type: ignore[arg-type]
    ensure_students_in_gradebook(site, cohort)
    release(site, cohort, "week01")
    for name in (*STUDENTS, INSTRUCTOR, STAFF):
        accounts.set_password(site, name, password(name))
    return site


def release_feedback(site: Site, student: str) -> None:
    """What grading leaves: feedback pages beside the submission's secret; released by nbgrader."""
    cohort = site.cohort(COHORT)
    (sent,) = cohort.inbound.glob(f"{student}+week01+*")
    folder = cohort.root / "feedback" / student / "week01"
    folder.mkdir(parents=True)
    for name in ("timestamp.txt", "submission_secret.txt"):
        (folder / name).write_text((sent / name).read_text())
    (folder / "practice.html").write_text(
        "<h4>practice (Score: 7.0 / 9.0)</h4>Well done<script>parent.document.title='x'</script>"
    )
    result = nbgrader_api(load_config(cohort)).release_feedback("week01", student_id=student)
    assert result["success"], result


def set_public_url(site: Site, url: str) -> None:
    """Say in soc.toml under which address others know the hub."""
    settings = site.root / "soc.toml"
    lines = [line for line in settings.read_text().splitlines() if "public_url" not in line]
    settings.write_text("\n".join([*lines, f'public_url = "{url}"']) + "\n")


def free_ports() -> tuple[int, int]:
    """A port for the public, and an inner one whose next is free too."""
    while True:
        with (
            socket.create_server(("127.0.0.1", 0)) as public,
            socket.create_server(("127.0.0.1", 0)) as inner,
        ):
            port = inner.getsockname()[1]
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return public.getsockname()[1], port


@dataclass
class RunningHub:
    """`jupyterhub -f hub/jupyterhub_config.py` for one data folder."""

    site: Site
    settings: dict[str, str]
    port: int = 0
    inner_port: int = 0
    command: tuple[str, ...] = HUB_COMMAND
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its public address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it said, of all its starts."""
        return self.site.root / "hub" / "hub.log"

    def start(self, within_s: float = 120) -> None:
        """Start it and wait until it answers."""
        if not self.port:
            self.port, self.inner_port = free_ports()
        environment = os.environ | self.settings | {
            DATA_VARIABLE: str(self.site.root),
            "SOC_HUB_PORT": str(self.port),
            "SOC_HUB_API_PORT": str(self.inner_port),
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=environment, cwd=self.site.root, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-4000:]
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/hub/health", timeout=5).close()  # noqa: S310
                return
            time.sleep(0.1)  # between two questions; the deadline is above
        raise AssertionError(f"no answer in {within_s} s: {self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Stop it in good order; its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def wait_until(holds: object, within_s: float, what: str) -> None:
    """Ask until it holds; the deadline is what fails."""
    deadline = time.monotonic() + within_s
    assert callable(holds)
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.1)  # between two questions
