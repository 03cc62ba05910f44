"""The warm interpreter inside the sandbox: imports once, then forks a process for each notebook.

It is the only process in the sandbox that is never restricted further, so it runs nobody's code:
it forks, copies folders, and ends what it started. Everything it is told comes from the grader.
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
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from autograder import landlock, limits, seccomp
from autograder.checker import Checker
from autograder.errors import ChannelClosed
from autograder.shell import CaptureShell
from autograder.student import Student, prepare, reseed
from autograder.wire import Channel, Message

Json = Any
_CULLS = 50
_MAX_COLLECTED = 16 * 1024 * 1024
_PR_SET_CHILD_SUBREAPER, _PR_SET_DUMPABLE = 36, 4
_LIGHT_DEVICES = [Path("/dev") / name for name in ("urandom", "random", "zero")]
_PROC_FACTS = [Path("/proc") / name for name in ("cpuinfo", "meminfo", "stat", "self/statm")]


class Zygote:
    """Serves one grader over one control channel, one notebook at a time."""

    def __init__(self, settings: dict[str, Json]) -> None:
        """`settings` is what `sandbox.Sandbox` passes on the command line."""
        self.control = Channel.from_fd(settings["fd"])
        self.base = Path(settings["base"])
        self.readable = [Path(path) for path in settings["readable"]]
        self.limits = limits.Limits(**settings["limits"])
        self.landlock = bool(settings["landlock"])
        self.program = seccomp.build_filter() if settings["seccomp"] else None
        self.own_pids = bool(settings["own_pids"])
        self.teacher_names: list[str] = []
        self.mark: list[Json] = []
        self.files_before = 0
        self.blob = b""
        self.shell = self._warm(settings["warm"])

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
                self.sweep()
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
        """Lay out a notebook's folders.

        `t` holds the teacher's files, `w/work` and `c/work` the student's files and links to
        the teacher's, for her interpreter and for the checker.
        """
        body = message.body
        job = self.base / body["job"]
        teacher, rooms = job / "t", [job / "w", job / "c"]
        work = Path("work", body["name"])
        for folder in (teacher, *(room / name for room in rooms for name in (work, "home"))):
            folder.mkdir(parents=True)
        position = 0
        for name, size in body["teacher"]:
            _write(teacher / name, message.blob[position : position + size])
            position += size
        for name, size in body["student"]:
            for room in rooms:
                _write(room / work / name, message.blob[position : position + size])
            position += size
        names = [name for name, _ in body["teacher"]]
        for room in rooms:
            _link(room / work, teacher, names)
        self.teacher_names = names
        self.mark = _fingerprint(job / "w" / work, self.limits.files)
        self.files_before = self._files()
        return {}

    def do_fork(self, message: Message) -> dict[str, Json]:
        """Fork a student's or a checker's process in `folder`; it serves the passed channel."""
        body = message.body
        child = os.fork()
        if child == 0:
            self._become(body, message.fds[0])
        for fd in message.fds:
            os.close(fd)
        return {"pid": child}

    def _become(self, body: dict[str, Json], fd: int) -> NoReturn:
        try:
            self.control.close()
            folder = self.base / body["folder"]
            os.environ.update(body["env"])
            home = self.base / body["room"] / "home"
            os.environ.update(HOME=str(home), TMPDIR=str(home), IPYTHONDIR=str(home / ".ipython"))
            prepare(str(folder))
            read = [self.base / path for path in body["read"]]
            self._confine(self.base / body["room"], read, body["copies"])
            channel = Channel.from_fd(fd)
            if body["role"] == "student":
                Student(self.shell, channel, str(home)).serve()
            sys.path[:] = [entry for entry in sys.path if entry]
            sys.path += [str(self.base / path) for path in body["read"]]
            Checker(self.shell, channel, body["teacher"]).serve()
        except BaseException as error:
            os.write(2, f"autograder: a fork could not start: {error!r}\n".encode())
            os._exit(70)
        os._exit(0)

    def _confine(self, room: Path, read: list[Path], copies: int) -> None:
        """Give up what a notebook needs not; its `copies` for tests are no processes of hers."""
        others = 0 if self.own_pids else _count_own_processes()
        limits.apply(self.limits, others=others + copies)
        seccomp.forbid_new_privileges()
        if self.landlock:
            landlock.restrict(
                [*self.readable, *read, *_LIGHT_DEVICES, *_PROC_FACTS],
                [room, Path("/dev/null")],
            )
        if self.program is not None:
            seccomp.apply(self.program)

    def do_copy(self, message: Message) -> dict[str, Json]:
        """Copy a folder of the job; a folder that is gone makes an empty one."""
        source, target = (self.base / message.body[key] for key in ("source", "target"))
        _copy(source, target, self.limits)
        return {}

    def do_collect(self, message: Message) -> dict[str, Json]:
        """The plain files in `folder` that were not there, or not so, at the start."""
        folder = self.base / message.body["folder"]
        if _fingerprint(folder, self.limits.files) == self.mark:
            return {"files": []}
        before = {name: entry for name, *entry in self.mark}
        left, names, parts = _MAX_COLLECTED, list[list[Json]](), list[bytes]()
        for name, info in sorted(_entries(folder, self.limits.files), key=lambda entry: entry[0]):
            entry = [info.st_size, info.st_mtime_ns, info.st_ino]
            known = name in self.teacher_names or before.get(name) == entry
            if known or not stat.S_ISREG(info.st_mode) or info.st_size > left:
                continue
            try:
                data = _read_plain(folder / name, left)
                name.encode()
            except (OSError, UnicodeEncodeError):
                continue
            left -= len(data)
            names.append([name, len(data)])
            parts.append(data)
        self.blob = b"".join(parts)
        return {"files": names}

    def do_snapshot(self, message: Message) -> dict[str, Json]:
        """Copy the student's folder for a test: for a copy of her program, and for the checker.

        The checker gets a folder of its own only when hers has changed since the start; the
        teacher's files are put back in it. Also: how many threads her program has.
        """
        body = message.body
        source = self.base / body["source"]
        if body["target"]:
            _copy(source, self.base / body["target"], self.limits)
        answer = {"checker_folder": body["checker_folder"], "threads": _threads(body["pid"])}
        if _fingerprint(source, self.limits.files) != self.mark:
            target = self.base / body["checker_target"]
            _copy(source, target, self.limits)
            _link(target, self.base / body["teacher"], self.teacher_names)
            answer["checker_folder"] = body["checker_target"]
        return answer

    def do_vitals(self, message: Message) -> dict[str, Json]:
        """How many files exist and how much memory the forks use together, `apart` left out."""
        memory = self._memory(set(message.body["apart"]))
        return {"files": self._files() - self.files_before, "memory": memory}

    def do_signal(self, message: Message) -> dict[str, Json]:
        """Send a signal to one process below this one."""
        pid = int(message.body["pid"])
        if pid in self._descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, int(message.body["signal"]))
        return {}

    def do_cull(self, message: Message) -> dict[str, Json]:
        """End every process below this one but those in `keep` (the checker, sleeping programs).

        All are stopped first: what is stopped can't fork, so a bomb can't outrun the killing.
        """
        keep = {int(pid) for pid in message.body["keep"]}
        self._reap(set())
        if self._descendants() <= keep:  # what is kept sleeps, and starts nothing meanwhile
            return {}
        if self.own_pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGSTOP)
        else:
            for _ in range(_CULLS):
                running = [pid for pid in self._descendants() if _state(pid) not in "TZ"]
                if not running:
                    break
                _send(signal.SIGSTOP, running)
        below = self._descendants()
        _send(signal.SIGKILL, below - keep)
        _send(signal.SIGCONT, below & keep)
        self._reap(below - keep)
        return {}

    def _reap(self, pids: set[int]) -> None:
        """Collect the dead: until then they count as processes of the user's."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            if all(_state(pid) == "Z" for pid in pids):
                with contextlib.suppress(ChildProcessError):
                    while os.waitpid(-1, os.WNOHANG)[0]:
                        pass
                return

    def do_sweep(self, message: Message) -> dict[str, Json]:
        """End every process of the notebook and remove its folders."""
        self.sweep()
        for folder in message.body["folders"]:
            _remove_tree(self.base / folder)
        return {}

    # Processes -----------------------------------------------------------------------------

    def sweep(self) -> None:
        """Kill whatever runs below this process, however it hides, and wait for its end."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.own_pids:
                # One call for all: a fork in progress can't slip through. The namespace holds
                # nothing but bubblewrap's init (which is spared), this process and its forks.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            else:
                _send(signal.SIGSTOP, self._descendants())
                _send(signal.SIGKILL, self._descendants())
            try:
                while os.waitpid(-1, 0)[0]:
                    if not self.own_pids:
                        break
            except ChildProcessError:
                return
        raise RuntimeError("processes of a submission can't be ended")

    def _descendants(self) -> set[int]:
        if self.own_pids:
            # The namespace holds nothing but bubblewrap's init, this process and its forks.
            everybody = {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208
            return everybody - {1, os.getpid()}
        parents = {}
        for entry in os.listdir("/proc"):  # noqa: PTH208
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    text = Path("/proc", entry, "stat").read_text(errors="replace")
                    parents[int(entry)] = int(text.rpartition(")")[2].split()[1])
        found = {os.getpid()}
        grown = True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            found |= more
            grown = bool(more)
        return found - {os.getpid()}

    def _files(self) -> int:
        """Files on the disk that the base is on: the sandbox's own, where it has namespaces."""
        disk = os.statvfs(self.base)
        return disk.f_files - disk.f_ffree

    def _memory(self, apart: set[int]) -> int:
        page, total = os.sysconf("SC_PAGE_SIZE"), 0
        for pid in self._descendants() - apart:
            with contextlib.suppress(OSError):
                fields = Path("/proc", str(pid), "statm").read_text().split()
                total += (int(fields[1]) - int(fields[2])) * page
        return total


def _send(number: int, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _threads(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208
    except OSError:
        return 0


def _state(pid: int) -> str:
    """The letter of a process's state; Z when it is gone."""
    try:
        return Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2][1]
    except OSError:
        return "Z"


def _count_own_processes() -> int:
    own = os.getuid()
    count = 0
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if Path("/proc", entry).stat().st_uid == own:
                    count += len(os.listdir(f"/proc/{entry}/task"))  # noqa: PTH208
    return count


def _read_plain(path: Path, most: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        return file.read(most)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(folder: Path, target: Path, names: list[str]) -> None:
    """Links in `folder` to the teacher's files, in place of whatever is there."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(path)
        path.symlink_to(target / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove_tree(path: Path) -> None:
    def give_back_rights(_function: Any, name: str, _error: Any) -> None:
        with contextlib.suppress(OSError):
            os.chmod(Path(name).parent, stat.S_IRWXU)  # noqa: PTH101
            os.chmod(name, stat.S_IRWXU)  # noqa: PTH101
            _remove(Path(name))

    shutil.rmtree(path, onerror=give_back_rights)
    shutil.rmtree(path, ignore_errors=True)


def _entries(folder: Path, most: int) -> list[tuple[str, os.stat_result]]:
    found: list[tuple[str, os.stat_result]] = []
    for root, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(root, name)  # noqa: PTH118 - many small paths
            with contextlib.suppress(OSError):
                found.append((os.path.relpath(path, folder), os.lstat(path)))
            if len(found) >= most:
                return found
    return found


def _fingerprint(folder: Path, most: int) -> list[Json]:
    return sorted(
        [name, info.st_size, info.st_mtime_ns, info.st_ino]
        for name, info in _entries(folder, most)
        if not stat.S_ISDIR(info.st_mode)
    )


def _copy(source: Path, target: Path, bounds: limits.Limits) -> None:
    """Copy plain files and links; whatever else a program can make is left out."""
    target.mkdir(parents=True, exist_ok=True)
    left = bounds.disk_bytes // 2
    for name, info in _entries(source, bounds.files):
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(info.st_mode):
                (target / name).mkdir(parents=True, exist_ok=True)
            elif stat.S_ISLNK(info.st_mode):
                (target / name).symlink_to((source / name).readlink())
            elif stat.S_ISREG(info.st_mode) and info.st_size <= left:
                left -= info.st_size
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, target / name, follow_symlinks=False)


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
