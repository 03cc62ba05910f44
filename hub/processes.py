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


def started_at(pid: int) -> int:
    """When the process started, in clock ticks since boot; 0 when it is gone or only a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()  # after the name, which may hold anything
    return 0 if fields[0] in "ZX" else int(fields[19])


def send(pid: int, since: int, what: signal.Signals | int) -> bool:
    """Signal the process, unless the id now belongs to another one. Whether it was there."""
    if not pid or started_at(pid) != since:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
        return True
    return False


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


def memory_bytes(pid: int) -> int:
    """What the process holds that is not a file: its own pages and shared memory."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    sizes = dict(line.split(":", 1) for line in lines.splitlines() if ":" in line)
    held = (sizes.get("RssAnon", "0 kB"), sizes.get("RssShmem", "0 kB"), sizes.get("VmSwap", "0"))
    return sum(int(size.split()[0]) for size in held) * _KIB
