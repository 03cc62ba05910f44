"""Handing in on a real hub that grades on arrival: seconds until the answer is in her page.

    python -m benchmarks.from_click_to_answer

A student hands in by her page's form and asks for the state as the page's script does. Wall time
depends on what else the machine does; the CPU of all the hub's processes together, her server and
the sandbox included, does not. The first round also warms everything.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from soc.cohorts import grade_arrivals
from tests.hub.client import Visitor
from tests.hub.running import COHORT, STUDENTS, RunningHub, make_site, password

ROUNDS = 6
_ASK_S = 0.7  # as state.js
_TOKEN = re.compile(r'name="_xsrf" value="([^"]+)"')


def cpu_s(hub: RunningHub) -> float:
    """CPU seconds of the hub and all that came from it, those that have ended included."""
    assert hub.process
    root, total = hub.process.pid, 0.0
    for process in psutil.process_iter():
        try:
            if root in (process.pid, *(parent.pid for parent in process.parents())):
                spent = process.cpu_times()
                total += spent.user + spent.system + spent.children_user + spent.children_system
        except psutil.Error:
            continue
    return total


def hand_in(hub: RunningHub, student: Visitor, token: str) -> tuple[float, float, int]:
    """One submission: wall seconds, CPU seconds, and bytes of one answer about the state."""
    before, started = cpu_s(hub), time.monotonic()
    week = f"{student.home}/school/submit/week01"
    student.session.post(week, data={"_xsrf": token}, timeout=120)
    while True:
        time.sleep(_ASK_S)  # as the page waits between two questions
        state = student.get(f"/user/{student.username}/school/state/week01").text
        if "answer answered" in state:
            return time.monotonic() - started, cpu_s(hub) - before, len(state.encode())


def main() -> None:
    """Print a line for each round."""
    with tempfile.TemporaryDirectory() as folder:
        site = make_site(Path(folder) / "s")
        grade_arrivals(site.cohort(COHORT), datetime.now(UTC))
        hub = RunningHub(site, {})
        hub.start()
        try:
            student = Visitor(hub.url, STUDENTS[0])
            student.sign_in(password(STUDENTS[0]))
            student.wait_for_server()
            found = _TOKEN.search(student.get(f"/user/{STUDENTS[0]}/school").text)
            assert found
            for number in range(ROUNDS):
                wall, cpu, size = hand_in(hub, student, found[1])
                load, cores = os.getloadavg()[0], os.cpu_count()
                print(f"round {number}: {wall:.1f} s, CPU {cpu:.1f} s, {size} bytes an answer; "
                      f"load {load:.1f} on {cores} cores", flush=True)  # fmt: skip
        finally:
            hub.stop()


if __name__ == "__main__":
    main()
