"""The processes of a submission, as the warm interpreter that forked them sees and ends them.

However they hide: by double forks, new sessions, or forking faster than they are counted.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_CULLS = 50
_libc = ctypes.PyDLL(None)


def fork() -> int:
    """As os.fork, for a process of one thread that waits for nothing: the C library's alone.

    Python's own also renews the locks of `threading`, `logging` and others for processes that had
    more threads. Here nobody can hold one, and it would cost as much as the fork itself, most of
    it for memory that the child then has to copy. Raises OSError.
    """
    child: int = _libc.fork()
    if child < 0:
        raise OSError("no more processes")
    return child


class Processes:
    """Everything below this process; `own_pids`: in a process namespace of the sandbox's own."""

    def __init__(self, *, own_pids: bool) -> None:
        """Nothing is started here."""
        self.own_pids = own_pids

    def send(self, number: int, pid: int) -> None:
        """Send signal `number` to process `pid`, if it is one of them."""
        if pid in self._descendants():
            _send(number, [pid])

    def cull(self, keep: set[int]) -> None:
        """End every process below this one but those in `keep` (the checker, sleeping programs).

        All are stopped first: what is stopped can't fork, so a bomb can't outrun the killing.
        """
        self._reap(set())
        if self._descendants() <= keep:  # what is kept sleeps, and starts nothing meanwhile
            return
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

    def memory(self, apart: set[int]) -> int:
        """Bytes of their own that they hold together, those of `apart` left out."""
        page, total = os.sysconf("SC_PAGE_SIZE"), 0
        for pid in self._descendants() - apart:
            with contextlib.suppress(OSError):
                fields = Path("/proc", str(pid), "statm").read_text().split()
                total += (int(fields[1]) - int(fields[2])) * page
        return total

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


def _send(number: int, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def threads(pid: int) -> int:
    """How many threads process `pid` has; 0 when it is gone."""
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


def of_this_user() -> int:
    """How many threads all processes of this process's user have."""
    own = os.getuid()
    count = 0
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if Path("/proc", entry).stat().st_uid == own:
                    count += len(os.listdir(f"/proc/{entry}/task"))  # noqa: PTH208
    return count
