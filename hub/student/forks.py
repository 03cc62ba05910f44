"""Fork a process that is warm already, instead of starting one that imports everything anew.

Used twice: the hub's zygote forks servers, and each server's seed forks that student's kernels and
nbgrader commands. A message on a channel is a job as JSON together with file descriptors.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
from typing import Any

_LARGEST_MESSAGE = 1 << 18


def send(channel: socket.socket, job: dict[str, Any], fds: list[int]) -> None:
    """Ask the process at the other end. Raises OSError when it is gone."""
    socket.send_fds(channel, [json.dumps(job).encode()], fds)


def serve(channel: socket.socket, fds: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, int]]:
    """Fork for each job, and return it in the fork. Exits when the channel ends.

    Forks are reaped by the system: who asked for one holds its process id.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, received, _flags, _address = socket.recv_fds(channel, _LARGEST_MESSAGE, len(fds))
        if not message:
            sys.exit()
        if os.fork() == 0:
            channel.close()
            return json.loads(message), dict(zip(fds, received, strict=True))
        for fd in received:
            os.close(fd)


def settle(out: int, error: int, env: dict[str, str], argv: list[str]) -> None:
    """Be a process of one's own, as if just executed with these; nothing on standard input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, standard in ((nothing, 0), (out, 1), (error, 2)):
        os.dup2(fd, standard)
    for fd in {nothing, out, error}:
        os.close(fd)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = argv
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
