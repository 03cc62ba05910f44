"""Students who save and hand in without a pause, while what serves them is killed, one by one.

Rule: what was acknowledged, a save by its answer and a submission by the page that says so, must be
there in the end, once. The only thing started again from here is the hub, as systemd would.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from hub import desks, processes, servers
from programme.site import Site
from tests.hub.client import Visitor
from tests.hub.running import COHORT, RunningHub, password, wait_until

MARK = "mark.txt"
SERVICES = {"mover": "hub.mover", "grader": "soc.arrivals", "watch": "hub.watch"}


@dataclass
class Student:
    """One who works until she is told to stop; `saved` and `sent` are what was acknowledged."""

    visitor: Visitor
    saved: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    refused: int = 0

    @property
    def name(self) -> str:
        """Her username."""
        return self.visitor.username

    def work(self, stop: threading.Event) -> None:
        """Save three times, hand in once, and again. What fails she tries again, as people do."""
        number = 0
        while not stop.is_set():
            number += 1
            try:
                self._save(number)
                if number % 3 == 0:
                    self._hand_in(number)
            except (requests.RequestException, AssertionError):
                self.refused += 1
                with contextlib.suppress(requests.RequestException, AssertionError):
                    self.visitor.wait_for_server(20)
                stop.wait(0.1)

    def _save(self, number: int) -> None:
        self.visitor.put_file(f"saved-{number}.txt", f"{self.name} {number}")
        self.saved.append(number)

    def _hand_in(self, number: int) -> None:
        self.visitor.put_file(f"week01/{MARK}", str(number))
        base = f"/user/{self.name}/school"
        token = re.search(r'name="_xsrf" value="([^"]+)"', self.visitor.get(base).text)
        assert token
        answer = self.visitor.session.post(
            f"{self.visitor.hub}{base}/submit/week01",
            data={"_xsrf": token.group(1)}, timeout=60,
        )  # fmt: skip
        if answer.ok and "Handed in." in answer.text:
            self.sent.append(number)


@dataclass(frozen=True)
class Lost:
    """What a run showed: counts, and what was acknowledged and isn't there."""

    kills: Counter[str]
    saved: int
    sent: int
    refused: int
    missing: list[str]

    def __str__(self) -> str:
        kills = ", ".join(f"{n} {what}" for what, n in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({kills}): {self.saved} saves and {self.sent} submissions "
            f"acknowledged, {len(self.missing)} lost; {self.refused} requests failed and were "
            "tried again"
        )


class KillLoop:
    """Kills in turn what it is told to, while students work."""

    def __init__(self, hub: RunningHub, names: tuple[str, ...], database: int = 0) -> None:
        """`database`: the process id of a PostgreSQL server, if one is to be hit too."""
        self._hub, self._site = hub, hub.site
        self.students = [Student(Visitor(hub.url, name)) for name in names]
        self._random = random.Random(20260105)
        self._targets: dict[str, Callable[[], bool]] = {
            "hub": self._kill_hub,
            "proxy": self._kill_proxy,
            "server": self._kill_server,
            **{what: lambda m=module: self._kill_service(m) for what, module in SERVICES.items()},
        }
        if database:
            self._targets["database"] = lambda: _kill_backend(database)

    def run(self, rounds: int, pause_s: float) -> Lost:
        """Each target once a round, in random order, `pause_s` between two; then count."""
        for student in self.students:
            student.visitor.sign_in(password(student.name))
            student.visitor.wait_for_server()
        stop = threading.Event()
        threads = [threading.Thread(target=s.work, args=(stop,)) for s in self.students]
        kills: Counter[str] = Counter()
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                for what in self._random.sample(sorted(self._targets), len(self._targets)):
                    kills[what] += self._targets[what]()
                    time.sleep(pause_s)  # they work meanwhile
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        return self._count(kills)

    def _count(self, kills: Counter[str]) -> Lost:
        """Wait until all has come back by itself and the mover is done; what isn't there."""
        for student in self.students:
            student.visitor.wait_for_server()
        outboxes = [desks.outbox(self._site, COHORT, s.name) for s in self.students]

        def moved() -> bool:
            return not [f for box in outboxes for f in box.iterdir() if (f / MARK).exists()
                        and f.stat().st_mode & 0o777 == 0o777]  # fmt: skip

        wait_until(moved, 60, "all that was handed in is in the exchange")
        missing = [name for student in self.students for name in _missing(self._site, student)]
        return Lost(
            kills,
            sum(len(s.saved) for s in self.students),
            sum(len(s.sent) for s in self.students),
            sum(s.refused for s in self.students),
            missing,
        )

    def _kill_hub(self) -> bool:
        self._hub.kill()
        self._hub.start()
        return True

    def _kill_proxy(self) -> bool:
        text = (self._site.root / "hub/proxy.pid").read_text()
        return _kill(int(text.split()[0]))

    def _kill_server(self) -> bool:
        running = servers.registered(self._site)
        return bool(running) and _kill(self._random.choice(running).pid)

    def _kill_service(self, module: str) -> bool:
        assert self._hub.process
        for pid in processes.family(self._hub.process.pid):
            if f"\0{module}\0".encode() in _command(pid):
                return _kill(pid)
        return False  # killed a moment ago, and not back yet


def _missing(site: Site, student: Student) -> list[str]:
    home = site.root / "homes" / student.name
    lost = [
        f"{student.name}: save {number}"
        for number in student.saved
        if not _holds(home / f"saved-{number}.txt", f"{student.name} {number}")
    ]
    inbound = site.cohort(COHORT).inbound.glob(f"{student.name}+week01+*/{MARK}")
    arrived = Counter(int(path.read_text()) for path in inbound)
    lost += [f"{student.name}: submission {n}" for n in student.sent if arrived[n] == 0]
    return lost + [f"{student.name}: submission {n} twice" for n, k in arrived.items() if k > 1]


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


def _kill_backend(postmaster: int) -> bool:
    """Kill a connection: the server then ends all others and recovers, as after a crash."""
    for pid in processes.children(postmaster):
        if b"postgres: postgres" in _command(pid):
            return _kill(pid)
    return False


def _kill(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
