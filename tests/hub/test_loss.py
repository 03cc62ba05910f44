"""What is killed comes back by itself, and nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from programme.site import DATA_VARIABLE, Site
from tests.hub.client import Visitor
from tests.hub.loss import KillLoop
from tests.hub.running import STUDENTS, RunningHub, free_ports, password, wait_until

pytestmark = [pytest.mark.hub, pytest.mark.slow]


@pytest.fixture
def apart(site: Site) -> Iterator[RunningHub]:
    """A hub beside a proxy that runs by itself. It has ended before `hub` begins, further down."""
    port, inner = free_ports()
    running = RunningHub(site, {"SOC_DEMO": "1", "SOC_OWN_PROXY": "1"}, port, inner)
    environment = os.environ | {
        DATA_VARIABLE: str(site.root),
        "SOC_HUB_PORT": str(port),
        "SOC_HUB_API_PORT": str(inner),
    }
    proxy = subprocess.Popen([f"{sys.prefix}/bin/soc", "proxy"], env=environment)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        proxy.terminate()
        proxy.wait()


def test_a_class_goes_on_while_the_hub_is_away(apart: RunningHub) -> None:
    visitor = Visitor(apart.url, "chenda")
    visitor.sign_in(password("chenda"))
    visitor.wait_for_server()
    kernel = visitor.start_kernel()
    apart.kill()
    assert visitor.run("print('still here')", kernel) == "still here\n"
    visitor.put_file("while-away.txt", "kept")
    apart.start()
    wait_until(lambda: visitor.get("/hub/home").ok, 30, "the hub is back")
    assert visitor.run("print('and after')", kernel) == "and after\n"


def test_nothing_acknowledged_is_lost(hub: RunningHub, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m benchmarks.kill_loop` goes on for longer, and hits a database too."""
    lost = KillLoop(hub, STUDENTS[:2]).run(rounds=1, pause_s=1)
    with capsys.disabled():
        print(f"\n{lost}")
    assert lost.missing == []
    assert lost.kills.keys() >= {"hub", "proxy", "server", "mover"}
    assert lost.saved > 5
    assert lost.sent > 1
