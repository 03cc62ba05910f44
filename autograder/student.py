"""The student's interpreter: runs her cells, and forks copies of itself that tests ask.

This process is hers: whatever it says may be a lie, and nothing it says is more than a value or
an output. A fork of it (a snapshot) keeps the state before a test while the original goes on.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from autograder import processes
from autograder.capture import Descriptors
from autograder.errors import ChannelClosed, Malformed
from autograder.questions import StudentPeer
from autograder.shell import CaptureShell, refuse_input
from autograder.wire import Channel, Message

Json = Any


class Student:
    """The process's main loop: cells and forks from the grader, questions from the checker."""

    def __init__(self, shell: CaptureShell, channel: Channel, scratch: str) -> None:
        """Serve `channel`; output of started programs is kept in a nameless file in `scratch`."""
        self.shell = shell
        self.channel = channel
        self.scratch = scratch
        self.peer = StudentPeer(channel, shell)
        self.descriptors = Descriptors(scratch)

    def serve(self) -> None:
        """Answer until the other end is gone."""
        while True:
            try:
                message = self.channel.receive()
                self._answer(message)
            except KeyboardInterrupt:
                continue
            except (ChannelClosed, Malformed):
                os._exit(0)

    def _answer(self, message: Message) -> None:
        body = message.body
        if "q" in body:
            self.channel.send({"a": self.peer.handle(body["q"])})
        elif body["op"] == "cell":
            self.channel.send(self._run(body))
        elif body["op"] == "fork":
            self._fork(message)
        elif body["op"] == "ready":
            self.channel.send({"ready": True})

    def _run(self, body: dict[str, Json]) -> dict[str, Json]:
        lines = iter(body.get("input") or ())
        if body.get("input"):
            builtins.input = _scripted(lines)
        try:
            outputs, status = self.shell.execute(body["source"], body["count"])
        finally:
            builtins.input = refuse_input
        text = self.descriptors.take()
        if text:
            outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        return {"outputs": outputs, "status": status}

    def _fork(self, message: Message) -> None:
        fd = message.fds[0]
        # With threads, Python must make up for those that the copy has not. Without, the shorter
        # way also leaves her random numbers where they are, as an interpreter that went on would.
        child = processes.fork() if threading.active_count() == 1 else os.fork()
        if child:
            os.close(fd)
            self.channel.send({"pid": child})
            return
        self.channel.close()
        self.channel = Channel.from_fd(fd)
        self.peer = StudentPeer(self.channel, self.shell)
        self.descriptors = Descriptors(self.scratch)
        with contextlib.suppress(OSError):  # the program may have removed it
            os.chdir(message.body["folder"])


def _scripted(lines: Iterator[str]) -> Callable[..., str]:
    def scripted_input(prompt: object = "") -> str:
        line = next(lines, None)
        if line is None:
            raise EOFError("the cell asks for more input than the teacher's script has")
        print(f"{prompt}{line}")
        return line

    return scripted_input


def prepare(folder: str) -> None:
    """Make this fork a fresh interpreter whose working directory is `folder`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)
    reseed()
    # Installed packages come first, whatever lies in the folder (`python -P`).
    sys.path[:] = [entry for entry in sys.path if entry]
    sys.path.append("")


def reseed() -> None:
    """Give this fork random numbers of its own."""
    import random  # noqa: PLC0415

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
