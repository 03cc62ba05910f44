"""Who computes without a pause goes last: a real tree of processes, as a server's is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from hub import processes, watch
from programme.site import Site
from tests.hub.running import wait_until

SERVER = """
import os, signal
if os.fork() == 0:        # the seed
    if os.fork() == 0:    # her kernel
        while True: pass
    signal.pause()
signal.pause()
"""


@pytest.fixture
def busy(bare_site: Site) -> Iterator[watch.Watched]:
    """A registered server whose kernel never pauses."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], start_new_session=True)
    since = processes.started_at(server.pid)
    known = watch.Watched("sophea", server.pid, since, server.pid, 1 << 40)
    (bare_site.root / "hub").mkdir()
    watch.register(bare_site, known)
    yield known
    os.killpg(server.pid, 9)
    server.wait()


def test_an_endless_loop_goes_last_and_her_server_does_not(
    busy: watch.Watched, bare_site: Site
) -> None:
    queue = watch.Queue(busy_s=0.3, intervals=3)
    wait_until(lambda: queue.order(bare_site) == ["sophea"], 60, "she is found busy")
    server, seed, kernel = processes.family(busy.server_pid)
    places = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (server, seed, kernel)]
    assert places == [0, 0, 19]


def test_who_rests_keeps_her_place(busy: watch.Watched, bare_site: Site) -> None:
    queue = watch.Queue(busy_s=1000, intervals=3)
    assert [queue.order(bare_site) for _ in range(5)] == [[]] * 5
    assert all(os.getpriority(os.PRIO_PROCESS, p) == 0 for p in watch.processes_of(busy))
