"""The hub's side of the zygote: starts it, hands it jobs, starts it again when it is gone.

A server is two things: the walls, built by bubblewrap around a `cat` that waits, and a process
forked by the zygote that joins them. `cat` reads from a pipe, the lifeline, whose other end only
the server holds: when the server ends, so does `cat`, and the walls fall.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any, cast

from hub import sandbox, view
from hub.student import forks
from programme.site import CHECKOUT

_HOLDER = ["/usr/bin/cat"]
_STUDENT = str(CHECKOUT / "hub" / "student")
# Nothing of the hub's: it is what every server's /proc would show. Where its settings are, and
# nothing of anybody's home.
_ENVIRONMENT = {
    **{"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    "HOME": "/nonexistent",
    **view.settings(str(CHECKOUT), "/proc/self/cwd"),  # whoever it becomes is at home there
    "JUPYTER_CONFIG_DIR": f"{_STUDENT}/config",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8888/",
    "JUPYTERHUB_DEFAULT_URL": "/school",
}


class WarmError(Exception):
    """A server could not be started behind walls."""


@dataclass(frozen=True)
class Server:
    """A server that runs: the walls' own process, the first one behind them, the server's."""

    walls: subprocess.Popen[bytes]
    first_pid: int
    pid: int


class Zygote:
    """One for all servers of a hub."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket

    def warm_up(self) -> None:
        """Start it if it doesn't run. It is ready some seconds later; jobs wait in its channel."""
        with self._lock:
            self._ensure()

    def _ensure(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._channel.close()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hub.zygote"],
            stdin=theirs.fileno(),
            env=_ENVIRONMENT,
        )
        theirs.close()

    def serve(self, walls: sandbox.Walls, env: dict[str, str], listener: int, log: int) -> Server:
        """Build the walls and have the zygote fork a server behind them. Blocks until it is there.

        Raises WarmError when the walls don't stand or the server could not join them.
        """
        holding, lifeline = os.pipe()
        try:
            built, first_pid = _build(walls, holding, log)
            _wait_until_built(built, lifeline)
            job = {
                "walls_pid": first_pid,
                "uid": walls.uid,
                "home": walls.home,
                "env": env,
            }
            return Server(built, first_pid, self._fork(job, [log, listener, lifeline]))
        finally:
            os.close(holding)
            os.close(lifeline)  # from here on the server's alone: without one, the walls fall

    def _fork(self, job: dict[str, Any], fds: list[int]) -> int:
        read_end, write_end = os.pipe()
        with os.fdopen(read_end, encoding="utf-8") as answer:
            try:
                with self._lock:
                    self._ensure()
                    forks.send(self._channel, job, [*fds, write_end])
            finally:
                os.close(write_end)
            said = json.loads(answer.readline() or '{"error": "the zygote ended"}')
        if "error" in said:
            raise WarmError(f"The server could not join its walls: {said['error']}")
        return int(said["pid"])


def _build(walls: sandbox.Walls, holding: int, log: int) -> tuple[subprocess.Popen[bytes], int]:
    """Walls around `cat`, and the pid of the first process behind them (0: there is none)."""
    read_end, write_end = os.pipe()
    try:
        built = subprocess.Popen(
            sandbox.command(walls, _HOLDER, status_fd=write_end),
            env={"PATH": "/usr/bin:/bin"},
            pass_fds=(write_end,),
            stdin=holding,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as report:
        line = report.readline()
    return built, int(json.loads(line)["child-pid"]) if line else 0


def _wait_until_built(built: subprocess.Popen[bytes], lifeline: int) -> None:
    """`cat` gives back what it is sent once it runs, and it runs once all the walls stand."""
    os.write(lifeline, b"\n")
    with cast("IO[bytes]", built.stdout) as echo:
        if not echo.readline():
            raise WarmError("bubblewrap could not build the walls; the server's log says why.")
