"""The hub's tests: one site a module, one hub a module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from programme.site import Site
from tests.hub.client import Visitor
from tests.hub.running import RunningHub, make_site, password


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A data folder with a cohort. Its path is short: Unix sockets lie in it."""
    return make_site(tmp_path_factory.mktemp("d") / "s")


@pytest.fixture(scope="module")
def hub(site: Site, request: pytest.FixtureRequest) -> Iterator[RunningHub]:
    """A hub that runs for all tests of the module (its SETTINGS, if it has them)."""
    settings: dict[str, str] = getattr(request.module, "SETTINGS", {})
    running = RunningHub(site, {"SOC_DEMO": "1"} | settings)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def sign_in(hub: RunningHub) -> object:
    """A function: username -> a visitor who has signed in and, as a student, has her server."""
    visitors: dict[str, Visitor] = {}

    def sign_in(username: str) -> Visitor:
        if username not in visitors:
            visitor = Visitor(hub.url, username)
            visitor.sign_in(password(username))
            visitor.wait_for_server()
            visitors[username] = visitor
        return visitors[username]

    return sign_in


@pytest.fixture
def bare_site(tmp_path: Path) -> Site:
    """A data folder with nothing but a cohort's folders: no database, no hub."""
    for folder in ("cohorts/ambassador-2026", "exchange/ambassador-2026/outbound/week01"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cohorts/ambassador-2026/cohort.toml").write_text('language = "en"\n')
    (tmp_path / "soc.toml").write_text("")
    return Site.open(tmp_path)
