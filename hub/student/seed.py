"""The process beside a student's server that forks her kernels and nbgrader commands.

It is a fork of the server from before that did anything, so it is warm, has one thread, and shares
its memory with every other student's. It ends with the server, and her kernels with it.
"""

from __future__ import annotations

import importlib
import os
import runpy
import select
import signal
import socket
from collections.abc import Sequence

from traitlets.config import Application

from hub.student import forks

_FDS = ("out", "error", "answer")
_channel: socket.socket | None = None


class SeedError(Exception):
    """There is no seed to fork from."""


class Forked:
    """What subprocess.Popen is to a child, for a process that is the seed's child."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        """`pid` may have ended already."""
        self.pid = pid
        self.returncode: int | None = None
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self.returncode = -1

    def poll(self) -> int | None:
        """None while it runs, then -1: how it ended is known to the system alone."""
        return self.wait(0)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Wait for its end; None if it still runs after `timeout_s`."""
        if self.returncode is None and select.select([self._fd], [], [], timeout_s)[0]:
            os.close(self._fd)
            self.returncode = -1
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it. Nothing happens when it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._fd, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def plant() -> int:
    """Fork the seed of this process, which must have a single thread. The seed's process id."""
    global _channel  # noqa: PLW0603  # a process has one seed
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        _grow(theirs)
    theirs.close()
    _channel = ours
    return pid


def fork(
    module: str,
    arguments: Sequence[str],
    env: dict[str, str],
    cwd: str,
    out: int = 1,
    error: int = 2,
) -> Forked:
    """`python -m module arguments`, forked. Raises SeedError when the seed is gone."""
    if _channel is None:
        raise SeedError("No seed was planted in this process.")
    job = {"module": module, "argv": [module, *arguments], "env": env, "cwd": cwd}
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, encoding="ascii") as answer:
        try:
            forks.send(_channel, job, [out, error, write_end])
        except OSError as problem:
            raise SeedError(f"The process that forks kernels has ended: {problem}") from problem
        finally:
            os.close(write_end)
        pid = answer.readline()
    if not pid:
        raise SeedError("The process that forks kernels ended before it answered.")
    return Forked(int(pid))


def _grow(channel: socket.socket) -> None:
    """In the seed: serve. In a fork of it: run the module, and exit."""
    keep = channel.fileno()
    os.closerange(3, keep)  # not the server's listener, and above all not its lifeline
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    seed = os.getpid()
    job, fds = forks.serve(channel, _FDS)
    os.setsid()
    os.write(fds["answer"], f"{os.getpid()}\n".encode())
    os.close(fds["answer"])
    Application.clear_instance()  # the server is not this process's application
    forks.settle(fds["out"], fds["error"], job["env"] | {"JPY_PARENT_PID": str(seed)}, job["argv"])
    os.chdir(job["cwd"])
    importlib.invalidate_caches()
    runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
    raise SystemExit(0)
