"""Who computes without a pause goes last, and whose home outgrows its limit is stopped."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import desks, processes, quota, servers, watch
from programme.site import Site
from tests.hub.running import wait_until

AUTOGROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
SHARED_AMONG_SESSIONS = AUTOGROUPS.is_file() and AUTOGROUPS.read_text().strip() == "1"
SERVER = """
import os, signal
if os.fork() == 0:        # the seed
    if os.fork() == 0:    # her kernel
        os.setsid()
        while True: pass
    signal.pause()
signal.pause()
"""


@pytest.fixture
def busy(bare_site: Site) -> Iterator[servers.Server]:
    """A registered server whose kernel never pauses."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], start_new_session=True)
    since = processes.started_at(server.pid)
    known = servers.Server("sophea", server.pid, since, server.pid, 1 << 40)
    (bare_site.root / "hub").mkdir()
    servers.register(bare_site, known)
    yield known
    for pid in reversed(list(processes.family(server.pid))):
        os.kill(pid, 9)
    server.wait()


def test_an_endless_loop_goes_last_and_her_server_does_not(
    busy: servers.Server, bare_site: Site
) -> None:
    queue = watch.Queue(busy_s=0.05, intervals=3)
    wait_until(lambda: queue.order(bare_site) == ["sophea"], 60, "she is found busy")
    server, seed, kernel = processes.family(busy.server_pid)
    places = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (server, seed, kernel)]
    assert places == [0, 0, 19]


@pytest.mark.skipif(not SHARED_AMONG_SESSIONS, reason="the system has one queue for all sessions")
def test_where_sessions_share_the_processor_hers_goes_last(
    busy: servers.Server, bare_site: Site
) -> None:
    queue = watch.Queue(busy_s=0.05, intervals=3)

    def places() -> list[str]:
        queue.order(bare_site)
        family = processes.family(busy.server_pid)  # server, seed, kernel
        return [Path(f"/proc/{pid}/autogroup").read_text().split()[-1] for pid in family]

    wait_until(lambda: places() == ["0", "0", "19"], 60, "her kernel's session waits")


def test_who_rests_keeps_her_place(busy: servers.Server, bare_site: Site) -> None:
    queue = watch.Queue(busy_s=1000, intervals=3)
    assert [queue.order(bare_site) for _ in range(5)] == [[]] * 5
    assert all(os.getpriority(os.PRIO_PROCESS, p) == 0 for p in servers.processes_of(busy))


def test_a_home_above_its_limit_may_shrink_and_not_grow(
    busy: servers.Server, bare_site: Site
) -> None:
    home = desks.home(bare_site, "sophea")
    homes = quota.Homes(limit_bytes=1 << 20)
    (home / "small").write_bytes(bytes(1000))
    assert homes.enforce(bare_site) == []
    (home / "large").write_bytes(bytes(3 << 20))
    (home / "larger").write_bytes(bytes(3 << 20))
    ended = homes.enforce(bare_site)
    assert ended == ["sophea"]
    wait_until(lambda: processes.started_at(busy.pid) != busy.since, 30, "her server is ended")


def test_who_cleans_up_is_left_alone(busy: servers.Server, bare_site: Site) -> None:
    home = desks.home(bare_site, "sophea")
    (home / "large").write_bytes(bytes(3 << 20))
    (home / "larger").write_bytes(bytes(3 << 20))
    homes = quota.Homes(limit_bytes=1 << 20)
    homes.held = {"sophea": quota.size_bytes(home)}
    (home / "larger").unlink()
    assert homes.enforce(bare_site) == []
    assert processes.started_at(busy.pid) == busy.since


def test_links_and_names_count_for_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "disk").symlink_to("/usr")
    assert quota.size_bytes(tmp_path) < 1 << 20
    many = tmp_path / "many"
    many.mkdir()
    for number in range(quota.MOST_NAMES + 1):
        (many / str(number)).symlink_to("x")
    assert quota.size_bytes(tmp_path) == math.inf
