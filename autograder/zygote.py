"""The warm interpreter inside the sandbox: imports once, then forks a process for each notebook.

It runs nobody's code: it forks, copies folders, and ends what it started. Everything it is told
comes from the grader. What can be made ready before a fork is made ready here, once: a process
that has just been forked pays for each page of memory that it is the first to write to.
"""

# mypy: allow-untyped-calls
# (IPython has annotations for some of its functions only.)

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from autograder import landlock, limits, seccomp
from autograder.checker import Checker
from autograder.errors import ChannelClosed
from autograder.processes import Processes, fork, of_this_user, threads
from autograder.rooms import CHECKER, PROGRAM, TEACHER, Rooms
from autograder.shell import CaptureShell
from autograder.student import Student, prepare, reseed
from autograder.wire import Channel, Message

Json = Any
_PR_SET_CHILD_SUBREAPER, _PR_SET_DUMPABLE = 36, 4
_LIGHT_DEVICES = [Path("/dev") / name for name in ("urandom", "random", "zero")]
_PROC_FACTS = [Path("/proc") / name for name in ("cpuinfo", "meminfo", "stat")]


class Zygote:
    """Serves one grader over one control channel, one notebook at a time."""

    def __init__(self, settings: dict[str, Json]) -> None:
        """`settings` is what `sandbox.Sandbox` passes on the command line."""
        self.control = Channel.from_fd(settings["fd"])
        self.base = Path(settings["base"])
        self.limits = limits.Limits(**settings["limits"])
        self.processes = Processes(own_pids=bool(settings["own_pids"]))
        self.rooms = Rooms(self.base, self.limits)
        self.blob = b""
        self.environment = dict(os.environ)
        self.rulesets = self._rulesets(settings["readable"]) if settings["landlock"] else {}
        self.shell = self._warm(settings["warm"])
        if settings["seccomp"]:
            seccomp.apply(seccomp.build_filter())

    def _rulesets(self, visible: list[str]) -> dict[str, int]:
        """What the two kinds of process may reach, by room."""
        readable = [*map(Path, visible), self.base / TEACHER, *_LIGHT_DEVICES, *_PROC_FACTS]
        return {
            room: landlock.ruleset(readable, [self.base / room, Path("/dev/null")])
            for room in (PROGRAM, CHECKER)
        }

    def _warm(self, modules: list[str]) -> CaptureShell:
        shell = CaptureShell.warm_up()
        for name in modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        shell.connect_streams()
        # The first cell, error and import of everything a cell needs cost much; pay here once.
        for count, source in enumerate(_REHEARSAL, start=1):
            shell.execute(source, count)
        shell.reset(new_session=True)
        shell.displayhook.flush()
        gc.collect()
        gc.freeze()
        if threading.active_count() != 1 or len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
            raise RuntimeError("a library started a thread; forks of this process would hang")
        return shell

    def serve(self) -> None:
        """Do what the grader asks until it is gone."""
        self.control.send({"ready": True, "pid": os.getpid()})
        while True:
            try:
                message = self.control.receive()
            except ChannelClosed:
                self.processes.sweep()
                return
            command = message.body["cmd"]
            try:
                answer = getattr(self, f"do_{command}")(message)
            except OSError as error:
                answer = {"error": f"{command}: {error}"}
            self.control.send(answer, self.blob)
            self.blob = b""

    # Commands ------------------------------------------------------------------------------

    def do_open(self, message: Message) -> dict[str, Json]:
        """Lay out a notebook's folders."""
        body = message.body
        self.rooms.open(body["name"], body["teacher"], body["student"], message.blob)
        return {}

    def do_fork(self, message: Message) -> dict[str, Json]:
        """Fork a student's or a checker's process in `folder`; it serves the passed channel."""
        body = message.body
        self._set_environment(body["env"], self.base / body["room"] / "home")
        child = fork()
        if child == 0:
            self._become(body, message.fds[0])
        for fd in message.fds:
            os.close(fd)
        return {"pid": child}

    def _set_environment(self, given: dict[str, str], home: Path) -> None:
        """Have the next fork find `given` in its environment, and nothing of the last one's."""
        own = {"HOME": str(home), "TMPDIR": str(home), "IPYTHONDIR": str(home / ".ipython")}
        wanted = self.environment | given | own
        for name in os.environ.keys() - wanted.keys():
            del os.environ[name]
        for name, value in wanted.items():
            if os.environ.get(name) != value:
                os.environ[name] = value

    def _become(self, body: dict[str, Json], fd: int) -> NoReturn:
        try:
            self.control.close()
            prepare(str(self.base / body["folder"]))
            self._confine(body["room"], body["copies"])
            channel = Channel.from_fd(fd)
            if body["role"] == "student":
                Student(self.shell, channel, os.environ["HOME"]).serve()
            sys.path[:] = [entry for entry in sys.path if entry]
            sys.path.append(str(self.base / TEACHER))
            Checker(self.shell, channel, body["teacher"]).serve()
        except BaseException as error:
            os.write(2, f"autograder: a fork could not start: {error!r}\n".encode())
            os._exit(70)
        os._exit(0)

    def _confine(self, room: str, copies: int) -> None:
        """Give up what a notebook needs not; its `copies` for tests are no processes of hers.

        The seccomp filter is there already: it binds this process as well.
        """
        others = 0 if self.processes.own_pids else of_this_user()
        limits.apply(self.limits, others=others + copies)
        if self.rulesets:
            landlock.enter(self.rulesets[room])
        for fd in self.rulesets.values():
            os.close(fd)  # with it, a program could open the next one's walls

    def do_copy(self, message: Message) -> dict[str, Json]:
        """Copy a folder of the job; a folder that is gone makes an empty one."""
        self.rooms.copy(message.body["source"], message.body["target"])
        return {}

    def do_collect(self, message: Message) -> dict[str, Json]:
        """The plain files in `folder` that were not there, or not so, at the start."""
        names, self.blob = self.rooms.collect(message.body["folder"])
        return {"files": names}

    def do_snapshot(self, message: Message) -> dict[str, Json]:
        """Copy the student's folder for a test. Also: how many threads her program has."""
        body = message.body
        answer = {"threads": threads(body["pid"])}
        if body["target"]:
            self.rooms.copy(body["source"], body["target"])
        changed = self.rooms.changed(body["source"])
        if changed:
            self.rooms.copy_for_checker(body["source"], body["checker_target"])
        answer["checker_folder"] = body["checker_target" if changed else "checker_folder"]
        return answer

    def do_vitals(self, message: Message) -> dict[str, Json]:
        """How many files exist and how much memory the forks use together, `apart` left out."""
        memory = self.processes.memory(set(message.body["apart"]))
        return {"files": self.rooms.new_files(), "memory": memory}

    def do_signal(self, message: Message) -> dict[str, Json]:
        """Send a signal to one process below this one."""
        self.processes.send(int(message.body["signal"]), int(message.body["pid"]))
        return {}

    def do_cull(self, message: Message) -> dict[str, Json]:
        """End every process below this one but those in `keep` (the checker, sleeping programs)."""
        self.processes.cull({int(pid) for pid in message.body["keep"]})
        return {}

    def do_sweep(self, _message: Message) -> dict[str, Json]:
        """End every process of the notebook and empty its folders."""
        self.processes.sweep()
        self.rooms.empty()
        return {}


_REHEARSAL = (
    "x = 1\nprint(x)\nx",
    "%time None",
    "def f():\n    return 1 / 0\nf()",
    "x = = 1",
    "import asyncio\nawait asyncio.sleep(0)",
)


def _drop_root(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def main() -> None:
    """Start from the sandbox's command line: one argument, JSON."""
    settings = json.loads(sys.argv[1])
    if settings["uid"]:
        _drop_root(int(settings["uid"]))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if settings["own_pids"] and Path("/proc/self/ns/pid").readlink() == Path(settings["host_pids"]):
        raise RuntimeError("the sandbox has no process namespace of its own")
    seccomp.forbid_new_privileges()
    zygote = Zygote(settings)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reseed()
    zygote.serve()


if __name__ == "__main__":
    main()
