"""Bounds what all processes of a student's server take together. A service of the hub.

Rules. A server that holds more memory than it may is ended. One whose processes compute for longer
than a lesson's code does, an endless loop or a fork bomb, goes to the end of the queue: it has what
nobody else wants. rlimits bound one process only, and cgroups are mostly not given to ordinary
users, so both are summed from outside every two seconds. A server that allocates faster than that
is stopped by its address-space limit first.
"""

from __future__ import annotations

import json
import logging
import signal
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from hub import desks, processes, service
from programme.site import Site

_INTERVAL_S = 2.0
_log = logging.getLogger("hub.watch")


@dataclass(frozen=True)
class Watched:
    """One running server: its first process behind the walls, its own, and what it may hold."""

    username: str
    pid: int
    since: int
    server_pid: int
    limit_bytes: int


def register(site: Site, watched: Watched) -> None:
    """Note a server that has started, in <data>/hub/watch/<user>.json; whole or not at all."""
    folder = desks.state(site) / "watch"
    folder.mkdir(exist_ok=True)
    new = folder / f".{watched.username}.new"
    new.write_text(json.dumps(watched.__dict__), encoding="utf-8")
    new.replace(folder / f"{watched.username}.json")


def registered(site: Site) -> list[Watched]:
    """All servers that are noted and still run; notes of others are removed."""
    running = []
    for path in sorted((desks.state(site) / "watch").glob("*.json")):
        watched = Watched(**json.loads(path.read_text(encoding="utf-8")))
        if processes.started_at(watched.pid) == watched.since:
            running.append(watched)
        else:
            path.unlink(missing_ok=True)
    return running


def processes_of(watched: Watched) -> list[int]:
    """All behind one wall. The server joined it from outside: no child of the first one there."""
    return [*processes.family(watched.pid), *processes.family(watched.server_pid)]


def held_bytes(watched: Watched) -> int:
    """What all processes behind one wall hold together; exact only when it may be too much."""
    family = processes_of(watched)
    quick = sum(processes.memory_bytes(pid) for pid in family)
    if quick <= watched.limit_bytes:
        return quick
    return sum(processes.memory_share_bytes(pid) for pid in family)


def enforce(site: Site) -> list[str]:
    """End every server above its limit; the names of those whose server was ended."""
    ended = []
    for watched in registered(site):
        held = held_bytes(watched)
        if held > watched.limit_bytes:
            _log.warning("%s holds %d MiB: her server is ended", watched.username, held >> 20)
            processes.send(watched.pid, watched.since, signal.SIGKILL)
            ended.append(watched.username)
    return ended


class Queue:
    """Who has computed for how long, and who goes last therefore."""

    def __init__(self, busy_s: float = 10.0, intervals: int = 5) -> None:
        """Busy is who uses `busy_s` of CPU in so many intervals: a core without a pause."""
        self._busy_s, self._intervals = busy_s, intervals
        self._used: dict[str, deque[float]] = {}

    def order(self, site: Site) -> list[str]:
        """Send the busy to the end; their names.

        What runs now and what it starts stays there; a restarted kernel begins anew, because her
        server and its seed keep their place.
        """
        busy = []
        running = registered(site)
        for watched in running:
            family = processes_of(watched)
            used = self._used.setdefault(watched.username, deque(maxlen=self._intervals + 1))
            used.append(sum(processes.cpu_s(pid) for pid in family))
            if used[-1] - used[0] >= self._busy_s:
                busy.append(watched.username)
                spared = {watched.server_pid, *processes.children(watched.server_pid)}
                for pid in set(family) - spared:
                    processes.wait_behind_others(pid)
        for gone in self._used.keys() - {watched.username for watched in running}:
            del self._used[gone]
        return busy


def main() -> None:
    """Enforce until told to stop."""
    site = Site.open()
    queue = Queue()
    Path(desks.state(site) / "watch").mkdir(exist_ok=True)
    for _ in service.every(_INTERVAL_S):
        enforce(site)
        queue.order(site)


if __name__ == "__main__":
    main()
