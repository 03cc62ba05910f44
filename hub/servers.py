"""The students' servers that run: who, and which processes. Noted in <data>/hub/watch/<user>.json.

Written by the hub that starts them, read by the service that watches them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hub import desks, processes
from programme.site import Site


@dataclass(frozen=True)
class Server:
    """One running server: its first process behind the walls, its own, and what it may hold."""

    username: str
    pid: int
    since: int
    server_pid: int
    limit_bytes: int


def register(site: Site, server: Server) -> None:
    """Note a server that has started, in <data>/hub/watch/<user>.json; whole or not at all."""
    folder = desks.state(site) / "watch"
    folder.mkdir(exist_ok=True)
    new = folder / f".{server.username}.new"
    new.write_text(json.dumps(server.__dict__), encoding="utf-8")
    new.replace(folder / f"{server.username}.json")


def registered(site: Site) -> list[Server]:
    """All servers that are noted and still run; notes of others are removed."""
    running = []
    for path in sorted((desks.state(site) / "watch").glob("*.json")):
        server = Server(**json.loads(path.read_text(encoding="utf-8")))
        if processes.started_at(server.pid) == server.since:
            running.append(server)
        else:
            path.unlink(missing_ok=True)
    return running


def processes_of(server: Server) -> list[int]:
    """All behind one wall. The server joined it from outside: no child of the first one there."""
    return [*processes.family(server.pid), *processes.family(server.server_pid)]
