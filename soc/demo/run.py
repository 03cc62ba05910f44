"""Run the demo's hub until Ctrl-C: tell when it answers, and stop it clean."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from programme import appeals, clubs, roster
from programme.site import DATA_VARIABLE, Site
from soc.demo.around import CALL
from soc.demo.build import COHORT, INSTRUCTOR, LAST_YEAR, PASSWORD, STAFF
from soc.errors import SocError
from soc.hub_command import HUB_COMMAND

_START_S = 120
_STOP_S = 60


def run_demo(site: Site, port: int, say: Callable[[str], None]) -> int:
    """Start the hub, say who can log in, wait; returns its exit code. Ctrl-C is 0.

    Raises SocError when it doesn't answer in two minutes, or stops before; the log says why.
    """
    log_file = site.root / "hub" / "hub.log"
    log_file.parent.mkdir(mode=0o700, exist_ok=True)
    environment = {
        **os.environ,
        DATA_VARIABLE: str(site.root),
        "SOC_DEMO": "1",
        "SOC_HUB_PORT": str(port),
    }
    say(f"Starting JupyterHub (its log: {log_file}) …")
    with log_file.open("ab") as log:
        # A session of its own: Ctrl-C reaches us alone, and we stop it in good order.
        hub = subprocess.Popen(
            HUB_COMMAND,
            env=environment,
            cwd=site.root,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # `kill` and a closed terminal stop the demo as Ctrl-C does.
    for wish in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, signal.default_int_handler)
    try:
        _wait_until_it_answers(hub, f"http://127.0.0.1:{port}/hub/health", str(log_file))
        say(_welcome(site, port))
        return hub.wait()
    except KeyboardInterrupt:
        say("\nStopping; everything is kept …")
        return 0
    finally:
        _stop(hub)


def _wait_until_it_answers(hub: subprocess.Popen[bytes], url: str, log_file: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if hub.poll() is not None:
            raise SocError(f"The hub stopped with exit code {hub.returncode}. See {log_file}.")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  our own http address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)  # between two questions; the deadline is above
    raise SocError(f"The hub did not answer on {url} in {_START_S} s. See {log_file}.")


def _stop(hub: subprocess.Popen[bytes]) -> None:
    if hub.poll() is None:
        hub.terminate()
        try:
            hub.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            hub.kill()
            hub.wait()


def _welcome(site: Site, port: int) -> str:
    students = [m.username for m in roster.members(site) if m.cohort == COHORT]
    names = ", ".join(name for name in students if name != INSTRUCTOR.username)
    leaders = ", ".join(club.leader for club in clubs.listed(site, "approved")[0])
    appeal = ", ".join(one.username for one in appeals.waiting(site))
    return (
        f"\nSisters of Code, demo: http://127.0.0.1:{port}\n"
        f"  instructor  {INSTRUCTOR.username}  (reads applications too)\n"
        f"  staff       {STAFF.username}\n"
        f"  club leader {leaders}  (a graduate, and a mentor)\n"
        f"  appeals     {appeal}  (of last year, has not graduated)\n"
        f"  nobody      http://127.0.0.1:{port}/services/programme/apply/{CALL}\n"
        f"  students    {names}\n"
        f"  password    {PASSWORD}   (for all of them; on this machine only)\n"
        f"All people are fictional. Data: {site.root}\n"
        f"Command line: .venv/bin/soc status --data {site.root} --cohort {COHORT}\n"
        f"              .venv/bin/soc graduate --dry-run --data {site.root} --cohort {LAST_YEAR}\n"
        "Ctrl-C stops it; `make demo` starts it again with everything kept."
    )
