"""What a home may hold. Checked from outside, because quotas of the file system need root.

Rule: a home above its limit may shrink and not grow. A server whose home has grown beyond the limit
since the last look is ended; after that its student can start it again and delete files.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
from pathlib import Path

from hub import desks, processes, servers
from programme.site import Site

_BLOCK_BYTES = 512  # of st_blocks, whatever the file system's own are
MOST_NAMES = 50_000
_log = logging.getLogger("hub.quota")


def size_bytes(folder: Path) -> float:
    """What the files below `folder` take on the disk, links not followed; endless when too many."""
    size, names, folders = 0, 0, [folder]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                names += 1
                if names > MOST_NAMES:
                    return math.inf
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
    return size


class Homes:
    """The homes of those whose servers run, and what each held at the last look."""

    def __init__(self, limit_bytes: int) -> None:
        """No home has been looked at."""
        self._limit_bytes = limit_bytes
        self.held: dict[str, float] = {}

    def enforce(self, site: Site) -> list[str]:
        """End the servers whose homes grew beyond the limit; their students' names."""
        ended = []
        for server in servers.registered(site):
            name = server.username
            before = max(self.held.get(name, 0), self._limit_bytes)
            held = self.held[name] = size_bytes(desks.home(site, name))
            if held > before:
                _log.warning("%s fills the disk: her server is ended", name)
                processes.send(server.pid, server.since, signal.SIGKILL)
                ended.append(name)
        return ended
