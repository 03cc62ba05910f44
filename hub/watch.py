"""Ends a student's server that holds more memory than it may. A service of the hub.

Rule: rlimits bound one process, this bounds them all together. Where the system gives cgroups to
ordinary users this would be theirs to do; it mostly doesn't, so memory is summed from outside every
two seconds. A server that allocates faster than that is stopped by its address-space limit first.
"""

from __future__ import annotations

import json
import logging
import signal
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


def held_bytes(watched: Watched) -> int:
    """What all processes behind one wall hold together; exact only when it may be too much."""
    # The server joined the walls from outside: it is no child of the first process there.
    family = [*processes.family(watched.pid), *processes.family(watched.server_pid)]
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


def main() -> None:
    """Enforce until told to stop."""
    site = Site.open()
    Path(desks.state(site) / "watch").mkdir(exist_ok=True)
    for _ in service.every(_INTERVAL_S):
        enforce(site)


if __name__ == "__main__":
    main()
