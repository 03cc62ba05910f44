"""Starts a student's server behind the walls, and ends all of it.

Rule: the hub holds three process ids of a server, bubblewrap's own (whose end is the server's end),
the first process behind the walls (whose death is the death of everything there) and the server's,
each with its start time, so that a restarted hub finds its servers again and never signals a
stranger.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Integer

from hub import desks, door, processes, sandbox, servers, view, warm
from hub.people import Person
from hub.roster_spawner import MIB, RosterSpawner
from programme.site import CHECKOUT, Site

# Of our packages, what is shown behind the walls. In its own place: that is where the zygote, of
# which each server is a fork, has found it.
_SHOWN = [CHECKOUT / "widgets", CHECKOUT / "hub" / "__init__.py", CHECKOUT / "hub" / "student"]
_KEPT = ("since", "first_pid", "first_since", "server_pid", "server_since")


class SandboxSpawner(RosterSpawner, LocalProcessSpawner):
    """A single-user server on this machine that sees only what its student may see."""

    process_limit = Integer(128, help="Processes and threads of one server.").tag(config=True)

    first_pid = Integer(0)
    first_since = Integer(0)
    since = Integer(0)
    server_pid = Integer(0)
    server_since = Integer(0)
    zygote: ClassVar = warm.Zygote()
    _doors: ClassVar[dict[Path, asyncio.Future[asyncio.Server]]] = {}

    async def start(self) -> tuple[str, int]:
        """Start the server. Raises HTTPError 403 for a name that the roster doesn't know."""
        person = self._person()
        await self._open_door()
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        log = _log_file(self.site, self.user.name)
        try:
            self.port = listener.getsockname()[1]
            server = await asyncio.to_thread(
                self.zygote.serve, self._walls(person), self.get_env(), listener.fileno(), log
            )
        finally:
            listener.close()
            os.close(log)
        self._know(server)
        return ("127.0.0.1", self.port)

    def _know(self, server: warm.Server) -> None:
        """Keep the server's process ids, and have its memory watched."""
        self.proc, self.pid = server.walls, server.walls.pid
        self.first_pid, self.server_pid = server.first_pid, server.pid
        self.since = processes.started_at(self.pid)
        self.first_since = processes.started_at(self.first_pid)
        self.server_since = processes.started_at(self.server_pid)
        name, limit = self.user.name, self.memory_mib * MIB
        pids = (self.first_pid, self.first_since, self.server_pid)
        servers.register(self.site, servers.Server(name, *pids, limit))

    async def _open_door(self) -> None:
        """One door for all servers of this hub; opened by the first that needs it."""
        folder = desks.state(self.site) / "door"
        if folder not in self._doors:
            self._doors[folder] = asyncio.ensure_future(door.open_door(folder, self.hub.api_url))
        try:
            await asyncio.shield(self._doors[folder])
        except OSError:
            del self._doors[folder]
            raise

    def _walls(self, person: Person) -> sandbox.Walls:
        site, seen = self.site, view.of(self.site, person)
        uid = desks.uid_of(site, person.username)
        read = [
            *((path, str(path)) for path in _SHOWN),
            (desks.state(site) / "door", door.INSIDE),
            *_etc(site, person.username, uid),
        ]
        return sandbox.Walls(
            home=seen.home,
            uid=uid,
            read=read + seen.read,
            write=seen.write,
            scratch=[view.EXCHANGE],  # nbgrader wants to be able to write there
            hide=sandbox.beneath_visible([site.root, CHECKOUT]),
        )

    def get_env(self) -> dict[str, str]:
        """Only what the server needs: nothing of the hub's own environment but the language."""
        env: dict[str, str] = super().get_env()
        api = door.api_url(self.hub.api_url)
        own = view.environment(self.site, self._person())
        return env | own | view.settings(str(CHECKOUT), f"/home/{self.user.name}") | {
            "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
            "JUPYTERHUB_API_URL": api,
            "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/{self.user.name}/activity",
            "SOC_LIMITS": json.dumps(
                self.file_limits()
                | {
                    "NPROC": self.process_limit,
                    "AS": 4 * self.memory_mib * MIB,  # per process; the watch counts real memory
                }
            ),
        }  # fmt: skip

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Her name and home as she sees them; there is no such system user."""
        home = f"/home/{self.user.name}"
        return env | {"USER": self.user.name, "HOME": home, "SHELL": "/bin/bash"}

    def get_state(self) -> dict[str, Any]:
        """What a restarted hub needs to know."""
        state: dict[str, Any] = super().get_state()
        return state | ({name: getattr(self, name) for name in _KEPT} if self.pid else {})

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the server again after a restart of the hub, and open the door for it."""
        super().load_state(state)
        for name in _KEPT:
            setattr(self, name, state.get(name, 0))
        if self.pid:
            self._reopening = asyncio.ensure_future(self._open_door())

    async def poll(self) -> int | None:
        """None while it runs. When bubblewrap is gone, whatever it left behind is killed too."""
        first = (self.first_pid, self.first_since)
        status: int | None = await super().poll()
        if status is not None and processes.send(*first, signal.SIGKILL):
            self.log.warning("%s left processes behind; they are killed", self.user.name)
        return status

    async def _signal(self, sig: int) -> bool:
        """Is it alive (0), end it all (SIGKILL), or ask the server itself to stop (the others)."""
        if sig == 0:
            return processes.send(self.pid, self.since, 0)
        if sig == signal.SIGKILL:
            return processes.send(self.first_pid, self.first_since, sig)
        # A server without a terminal stops in good order on SIGTERM alone.
        sig = signal.SIGTERM if sig == signal.SIGINT else sig
        return processes.send(self.server_pid, self.server_since, sig)


def _log_file(site: Site, username: str) -> int:
    """Her server's own log, new at each start. Her kernels can write to it, so it is hers alone."""
    folder = desks.state(site) / "logs"
    folder.mkdir(exist_ok=True)
    return os.open(folder / f"{username}.log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)


def _etc(site: Site, username: str, uid: int) -> list[tuple[Path, str]]:
    """The made-up files of /etc: behind the walls there is one user and one machine."""
    folder = desks.state(site) / "etc" / username
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "passwd": f"{username}:x:{uid}:{uid}::/home/{username}:/bin/bash\n",
        "group": f"{username}:x:{uid}:\n",
        "hosts": "127.0.0.1 localhost school\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [(folder / name, f"/etc/{name}") for name in files]
