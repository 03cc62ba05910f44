"""Processes of a walled server, seen from outside: which they are, what they hold, ending them.

Rule: a process id is trusted only together with its start time, because the system uses ids again.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

_KIB = 1024
_LOWEST_PRIORITY = 19
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def started_at(pid: int) -> int:
    """When the process started, in clock ticks since boot; 0 when it is gone or only a zombie."""
    fields = _stat(pid)
    return 0 if not fields or fields[0] in "ZX" else int(fields[19])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold anything; none when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def send(pid: int, since: int, what: signal.Signals | int) -> bool:
    """Signal the process, unless the id now belongs to another one. Whether it was there."""
    if not pid or started_at(pid) != since:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
        return True
    return False


def wait_behind_others(pid: int) -> None:
    """Give the process and its session the lowest priority, which its children inherit.

    Where the system shares the processor among sessions (its autogroups), as Debian and Ubuntu do,
    a priority counts within one session only; it is the session that must wait.
    """
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _LOWEST_PRIORITY)
    # There are no sessions to wait, or too many were told just now: the next look tells it again.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_LOWEST_PRIORITY), encoding="ascii")


def children(pid: int) -> list[int]:
    """Direct children of the process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def family(pid: int) -> Iterator[int]:
    """The process and all its descendants. For the first process of a walled server: all of it."""
    yield pid
    for child in children(pid):
        yield from family(child)


def cpu_s(pid: int) -> float:
    """User and system seconds of the process and of its children that have ended."""
    return sum(int(ticks) for ticks in _stat(pid)[11:15]) / _TICKS_PER_S


def memory_bytes(pid: int) -> int:
    """What the process holds that is not a file. Shared pages count for each: quick."""
    return _sum(pid, "status", ("RssAnon", "RssShmem", "VmSwap"))


def memory_share_bytes(pid: int) -> int:
    """The same, with shared pages divided among those who share them: right, and slow."""
    return _sum(pid, "smaps_rollup", ("Pss_Anon", "Pss_Shmem", "SwapPss"))


def _sum(pid: int, file: str, names: tuple[str, ...]) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    sizes = dict(line.split(":", 1) for line in lines.splitlines() if ":" in line)
    return sum(int(sizes.get(name, "0").split()[0]) for name in names) * _KIB
