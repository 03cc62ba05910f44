"""One notebook on its way through the sandbox: its processes, its folders, what its cells came to.

`w` is the room of the student's program and `c` the checker's (`rooms`). In each lie working
directories: `work`, and one for every copy of the program.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.cells import Cell, states
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed
from autograder.folder import Files
from autograder.limits import Limits
from autograder.sandbox import Sandbox
from autograder.wire import Channel, pair

_TICK_S = 0.25
# A fork takes milliseconds; by the clock it may take long on a loaded machine, and that must not
# cost her a mark. A program that never answers costs this much for each time it is brought back.
_FORK_PATIENCE_S = 20.0
_MAX_REPLY = 24 * 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    """What one cell showed (nbformat outputs) and how it ended; `count` as in `In[count]`.

    `failure` says of a failed test which line of it failed, and whether the exception came `by`
    the test or the student's program. Only the checker says so, never her interpreter.
    """

    outputs: tuple[dict[str, Any], ...] = ()
    status: str = "skipped"
    count: int | None = None
    failure: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Interpreter:
    """A running process: what we talk to it over, and its working directory in the sandbox.

    `checker_folder` is the checker's copy of that directory, for the program that a test meets.
    """

    channel: Channel
    pid: int
    folder: str
    checker_folder: str = ""


class Lost(Exception):  # noqa: N818 - not an error of ours
    """The student's interpreter is gone; `reason` is a message id."""

    def __init__(self, reason: str) -> None:
        """Say why, by the id."""
        super().__init__(reason)
        self.reason = reason


class Job:
    """What the sandbox does for one notebook. Its methods raise PlatformFault when it can't."""

    def __init__(
        self,
        sandbox: Sandbox,
        limits: Limits,
        cells: Sequence[Cell],
        files: Files,
        env: Mapping[str, str],
    ) -> None:
        """Lay out the notebook's folders."""
        self.sandbox = sandbox
        self.limits = limits
        self.cells = cells
        self.env = dict(env)
        self.deadline = time.monotonic() + limits.notebook_timeout_s
        self.outcomes = [Outcome() for _ in cells]
        self.asleep: dict[int, Interpreter] = {}  # by pid: kept for a test, not running now
        self.checker: Interpreter | None = None
        self._channels: list[Channel] = []  # to every process of the job, awake or asleep
        self._work = files.name
        self._copies = 0
        sandbox.ask(
            "open",
            blob=b"".join(data for _, data in (*files.teacher, *files.student)),
            name=self._work,
            teacher=[[name, len(data)] for name, data in files.teacher],
            student=[[name, len(data)] for name, data in files.student],
        )

    def close(self) -> None:
        """End everything and remove the folders."""
        for channel in self._channels:
            channel.close()
        if self.sandbox.alive:
            self.sandbox.ask("sweep")

    # Processes -----------------------------------------------------------------------------

    def start_program(self) -> Interpreter:
        """A fresh interpreter for the student's cells."""
        return self._start("student", "w", f"w/work/{self._work}")

    def restart_program(self) -> Interpreter:
        """Another one, in a folder as it was at the start."""
        # The checker's folder has been left as it was: its tests come last and seldom write.
        folder = self.copy_folder(f"c/work/{self._work}")
        return self._start("student", "w", folder)

    def start_checker(self, teacher: dict[str, Any]) -> Interpreter:
        """A checker that knows the `teacher`'s names."""
        self.checker = self._start("checker", "c", f"c/work/{self._work}", teacher=teacher)
        return self.checker

    def _start(self, role: str, room: str, folder: str, **more: Any) -> Interpreter:
        channel, theirs = self._pair()
        with theirs:
            answer = self.sandbox.ask(
                "fork",
                fds=[theirs.fileno()],
                role=role,
                folder=folder,
                room=room,
                env=self.env,
                copies=len(set(states(self.cells).values())),
                **more,
            )
        if role == "student":
            channel.max_bytes = _MAX_REPLY
        return Interpreter(channel, int(answer["pid"]), folder, f"c/work/{self._work}")

    def _pair(self) -> tuple[Channel, socket.socket]:
        """A new channel, and the process's end of it; `close` closes ours whatever comes of it."""
        channel, theirs = pair()
        self._channels.append(channel)
        return channel, theirs

    def fork(self, program: Interpreter, folder: str, checker_folder: str) -> Interpreter | None:
        """Another process with the program's state, in `folder`; None if it won't answer."""
        channel, theirs = self._pair()
        channel.max_bytes = _MAX_REPLY
        with theirs:
            request = {"op": "fork", "folder": str(self.sandbox.base / folder)}
            pid = _reply(program.channel, request, [theirs.fileno()]).get("pid")
        if not isinstance(pid, int):
            channel.close()
            return None
        return Interpreter(channel, pid, folder, checker_folder)

    def copy_program(self, program: Interpreter) -> Interpreter | None:
        """A sleeping copy of the program as it is now; None if it won't answer."""
        folder = self._new_folder()
        kept = self._keep_folder(program, folder)
        copy = self.fork(program, folder, kept["checker_folder"])
        if copy is not None:
            self.asleep[copy.pid] = copy
        return copy

    def put_to_sleep(self, program: Interpreter) -> Interpreter | None:
        """The program itself, for the tests after its last cell: no copy is as cheap.

        None when it still does something (threads, which a copy would not have), or won't answer.
        """
        kept = self._keep_folder(program, None)
        if kept["threads"] != 1 or not _reply(program.channel, {"op": "ready"}).get("ready"):
            return None
        self.asleep[program.pid] = replace(program, checker_folder=kept["checker_folder"])
        return self.asleep[program.pid]

    def cull(self, *others: int) -> None:
        """End every process but the checker, those kept asleep for a test, and `others`."""
        checker = [self.checker.pid] if self.checker else []
        self.sandbox.ask("cull", keep=[*checker, *self.asleep, *others])

    def signal(self, process: Interpreter, number: int) -> None:
        """Send it a signal."""
        self.sandbox.ask("signal", pid=process.pid, signal=int(number))

    def wait(
        self, channel: Channel, timeout_s: float, apart: Sequence[int] = ()
    ) -> dict[str, Any] | None:
        """The next reply, or None when it does not come in time.

        Watches the files and the memory of everybody but `apart`; raises Lost for too much.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            if select.select([channel], [], [], min(left, _TICK_S))[0]:
                return channel.receive(max(left, 1.0)).body
            vitals = self.sandbox.ask("vitals", apart=list(apart))
            if vitals["memory"] > self.limits.memory_bytes:
                raise Lost("memory")
            if vitals["files"] > self.limits.files:
                raise Lost("files")

    # Folders -------------------------------------------------------------------------------

    def copy_folder(self, source: str) -> str:
        """A new copy of a working directory, in the room of the student's program."""
        folder = self._new_folder()
        self.sandbox.ask("copy", source=source, target=folder)
        return folder

    def _new_folder(self) -> str:
        self._copies += 1
        return f"w/s{self._copies}/{self._work}"

    def _keep_folder(self, program: Interpreter, folder: str | None) -> dict[str, Any]:
        """Copy the program's directory to `folder`, if any; if it changed, for the checker too.

        The answer also says how many threads the program has.
        """
        self._copies += folder is None
        return self.sandbox.ask(
            "snapshot",
            source=program.folder,
            target=folder,
            checker_folder=program.checker_folder,
            checker_target=f"c/s{self._copies}/{self._work}",
            pid=program.pid,
        )

    def written(self, folder: str) -> tuple[tuple[str, bytes], ...]:
        """The plain files in a working directory that were not there, or not so, at the start."""
        message = self.sandbox.ask_for_data("collect", folder=folder)
        found, position = [], 0
        for name, size in message.body["files"]:
            found.append((str(name), message.blob[position : position + size]))
            position += size
        return tuple(found)


def _reply(channel: Channel, request: dict[str, Any], fds: Sequence[int] = ()) -> dict[str, Any]:
    """What the student's interpreter answers to a request of ours; nothing when it does not."""
    try:
        channel.send(request, fds=fds)
        return channel.receive(_FORK_PATIENCE_S).body
    except (ChannelClosed, ChannelTimeout, Malformed):
        return {}
