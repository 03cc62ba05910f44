"""Bounds what all processes of a student's server take together. A service of the hub.

Rules. A server that holds more memory than it may is ended. One whose processes compute for longer
than a lesson's code does, an endless loop or a fork bomb, goes to the end of the queue: it has what
nobody else wants. A home may not outgrow its limit (`hub.quota`). rlimits bound one process only,
and cgroups are mostly not given to ordinary users, so all is summed from outside every two seconds.
A server that allocates faster than that is stopped by its address-space limit first.
"""

from __future__ import annotations

import logging
import os
import signal
from collections import deque
from pathlib import Path

from hub import desks, processes, quota, servers, service
from programme.site import Site

_INTERVAL_S = 2.0
_MIB = 1024 * 1024
_log = logging.getLogger("hub.watch")


def held_bytes(server: servers.Server) -> int:
    """What all processes behind one wall hold together; exact only when it may be too much."""
    family = servers.processes_of(server)
    quick = sum(processes.memory_bytes(pid) for pid in family)
    if quick <= server.limit_bytes:
        return quick
    return sum(processes.memory_share_bytes(pid) for pid in family)


def enforce(site: Site) -> list[str]:
    """End every server above its limit; the names of those whose server was ended."""
    ended = []
    for server in servers.registered(site):
        held = held_bytes(server)
        if held > server.limit_bytes:
            _log.warning("%s holds %d MiB: her server is ended", server.username, held >> 20)
            processes.send(server.pid, server.since, signal.SIGKILL)
            ended.append(server.username)
    return ended


class Queue:
    """Who has computed for how long, and who goes last therefore."""

    def __init__(self, busy_s: float = 4.0, intervals: int = 5) -> None:
        """Busy is who uses `busy_s` of CPU in so many intervals: much of a core that many want."""
        self._busy_s, self._intervals = busy_s, intervals
        self._used: dict[str, deque[float]] = {}

    def order(self, site: Site) -> list[str]:
        """Send the busy to the end; their names.

        What runs now and what it starts stays there; a restarted kernel begins anew, because her
        server and its seed keep their place.
        """
        busy = []
        running = servers.registered(site)
        for server in running:
            family = servers.processes_of(server)
            used = self._used.setdefault(server.username, deque(maxlen=self._intervals + 1))
            used.append(sum(processes.cpu_s(pid) for pid in family))
            if used[-1] - used[0] >= self._busy_s:
                busy.append(server.username)
                spared = {server.server_pid, *processes.children(server.server_pid)}
                for pid in set(family) - spared:
                    processes.wait_behind_others(pid)
        for gone in self._used.keys() - {server.username for server in running}:
            del self._used[gone]
        return busy


def main() -> None:
    """Enforce until told to stop."""
    site = Site.open()
    queue = Queue()
    homes = quota.Homes(int(os.environ.get("SOC_DISK_MIB", "2048")) * _MIB)
    Path(desks.state(site) / "watch").mkdir(exist_ok=True)
    for _ in service.every(_INTERVAL_S, site, "watch"):
        enforce(site)
        queue.order(site)
        homes.enforce(site)


if __name__ == "__main__":
    main()
