"""What nobody uses ends, also where the clock on the wall is not UTC."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from hub import proxy
from programme import roster
from programme.people import Person
from programme.site import Site
from soc.cohorts import ensure_cohort
from tests.hub.client import Visitor
from tests.hub.running import (
    COHORT,
    FIRST_DAY,
    INSTRUCTOR,
    RunningHub,
    free_ports,
    password,
    wait_until,
)
from tests.hub.test_gradebooks import graders

OTHER = "ambassador-2025"
SETTINGS = {"SOC_IDLE_S": "2"}


@pytest.fixture
def routes() -> Iterator[requests.Session]:
    """A proxy in Phnom Penh; a session that asks it for its routes at `.url`."""
    port, inner = free_ports()
    command = [*proxy.COMMAND, f"--port={port}", "--ip=127.0.0.1", f"--api-port={inner}"]
    settings = {"TZ": "Asia/Phnom_Penh", proxy.TOKEN_VARIABLE: "a-token"}
    with requests.Session() as session, subprocess.Popen(command, env=os.environ | settings) as run:
        session.headers["Authorization"] = "token a-token"
        session.url = f"http://127.0.0.1:{inner}/api/routes"  # type: ignore[attr-defined]
        wait_until(lambda: _answers(session), 30, "the proxy answers")
        yield session
        run.terminate()


def _answers(session: requests.Session) -> bool:
    try:
        return session.get(session.url, timeout=5).ok  # type: ignore[attr-defined]
    except requests.ConnectionError:
        return False


def test_the_proxy_tells_the_time_as_the_hub_reads_it(routes: requests.Session) -> None:
    url = routes.url  # type: ignore[attr-defined]
    assert routes.post(f"{url}/user/sophea", json={"target": "http://127.0.0.1:9"}).ok
    told = datetime.fromisoformat(routes.get(url).json()["/user/sophea"]["last_activity"])
    assert abs(datetime.now(UTC) - told.replace(tzinfo=UTC)) < timedelta(minutes=1)


@pytest.mark.hub
@pytest.mark.slow
def test_an_idle_formgrader_ends_when_another_starts(hub: RunningHub, site: Site) -> None:
    ensure_cohort(site, OTHER, FIRST_DAY)
    roster.enrol(site, [Person(INSTRUCTOR, "Kunthea Chan")], OTHER, "instructor", on=FIRST_DAY)
    teacher = Visitor(hub.url, INSTRUCTOR)
    assert teacher.sign_in(password(INSTRUCTOR)).ok
    assert teacher.get(f"/services/{COHORT}/formgrader").ok
    (first,) = graders(hub, COHORT)
    opened = datetime.now(UTC)
    wait_until(lambda: datetime.now(UTC) - opened > timedelta(seconds=3), 10, "it is idle")

    def opens(name: str) -> bool:  # her new seat is seen some seconds later
        return teacher.get(f"/services/{name}/formgrader").ok

    wait_until(lambda: opens(OTHER), 60, "the other one is there")
    wait_until(lambda: graders(hub, COHORT) == [], 60, "the idle one has ended")
    assert opens(COHORT)
    assert graders(hub, COHORT) not in ([], [first])
