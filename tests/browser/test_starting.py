"""The page that waits for a student's server: small, and it opens by itself. A real hub and a real
browser; the process that forks servers is stopped meanwhile, so that they are slow.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub import processes
from tests.browser.chromium import sign_in
from tests.hub.conftest import hub, site  # noqa: F401  # fixtures
from tests.hub.running import RunningHub

pytestmark = [pytest.mark.hub, pytest.mark.browser, pytest.mark.slow]
LARGEST_BYTES = 130_000  # the sign-in form and both fonts included


@contextmanager
def asleep(hub: RunningHub) -> Iterator[int]:  # noqa: F811
    """The hub's zygote, asleep."""
    assert hub.process
    (zygote,) = [
        pid for pid in processes.children(hub.process.pid)
        if b"hub.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]  # fmt: skip
    os.kill(zygote, signal.SIGSTOP)
    try:
        yield zygote
    finally:
        if Path(f"/proc/{zygote}").exists():
            os.kill(zygote, signal.SIGCONT)


def wait_on_a_phone(browser: Browser, hub: RunningHub, username: str) -> tuple[Page, list[int]]:  # noqa: F811
    """Her page that waits, and how many bytes each answer had."""
    page = browser.new_context(viewport={"width": 360, "height": 640}).new_page()
    page.set_default_timeout(60_000)
    received: list[int] = []
    log = page.context.new_cdp_session(page)
    log.send("Network.enable")
    log.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    sign_in(page, hub.url, username)
    expect(page.locator("#starting")).to_be_visible()
    return page, received


def test_it_is_small_and_opens_by_itself(browser: Browser, hub: RunningHub, tmp_path: Path) -> None:  # noqa: F811
    with asleep(hub):
        page, received = wait_on_a_phone(browser, hub, "sophea")
        page.screenshot(path=tmp_path / "starting.png")
        assert 0 < sum(received) < LARGEST_BYTES
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.wait_for_url("**/user/sophea/school")
    page.context.close()


def test_a_failure_is_told_and_can_be_tried_again(browser: Browser, hub: RunningHub) -> None:  # noqa: F811
    with asleep(hub) as zygote:
        page, _ = wait_on_a_phone(browser, hub, "dara")
        os.kill(zygote, signal.SIGKILL)
        expect(page.get_by_role("alert")).to_contain_text("Your work is safe")
        expect(page.locator("#starting")).to_be_hidden()
    page.get_by_role("alert").get_by_role("link").click()
    page.wait_for_url("**/user/dara/school")
    page.context.close()
