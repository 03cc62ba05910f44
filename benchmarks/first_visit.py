"""What a visit costs over the wire, until the lesson can be typed in: the first one, and the next.

    python -m benchmarks.first_visit

A real headless Chromium with an empty cache signs in, sees her weeks, opens the lesson and types in
its first cell of code; then a new page does the same. Counted is every byte that the browser
received, headers included, as its own network log has it. The budgets are 1.5 MB and 50 KB.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.signing_in import make_site
from tests.browser.chromium import CHROMIUM, FLAGS, sign_in
from tests.hub.running import RunningHub

NAME, WEEK = "girl000", "week01"
BUDGETS = (1_500_000, 50_000)
TYPED = "# here"


class Wire:
    """Counts what a page receives, by address."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.bytes: Counter[str] = Counter()
        self._paths: dict[str, str] = {}
        log = context.new_cdp_session(page)
        log.send("Network.enable")
        log.on("Network.responseReceived", self._answered)
        log.on("Network.loadingFinished", self._finished)

    def _answered(self, event: dict[str, Any]) -> None:
        self._paths[event["requestId"]] = urlsplit(event["response"]["url"]).path

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes[self._paths.get(event["requestId"], "?")] += int(event["encodedDataLength"])


def open_lesson(page: Page, hub: str) -> None:
    """Open it from her weeks' page, and type in its first cell of code."""
    page.goto(f"{hub}/user/{NAME}/school")
    page.goto(f"{hub}/user/{NAME}/notebooks/{WEEK}/lesson.ipynb")
    cell = page.locator(".jp-CodeCell .cm-content").first
    cell.click()
    page.keyboard.type(TYPED)
    page.wait_for_function(
        "typed => document.querySelector('.jp-CodeCell .cm-content').innerText.includes(typed)",
        arg=TYPED,
    )


def main() -> int:
    """Print both visits; 1 when one is over its budget."""
    with tempfile.TemporaryDirectory(prefix="v") as folder, sync_playwright() as playwright:
        hub = RunningHub(make_site(Path(folder) / "s", [NAME]), {})
        hub.start()
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            context = browser.new_context()
            context.set_default_timeout(120_000)
            visits = []
            for number in range(2):
                page = context.new_page()
                visits.append(Wire(context, page))
                if number == 0:
                    sign_in(page, hub.url, NAME)
                    page.wait_for_url("**/school**")
                open_lesson(page, hub.url)
            browser.close()
        finally:
            hub.stop()
    for name, wire in zip(("first", "second"), visits, strict=True):
        print(f"{name} visit: {wire.bytes.total():,} bytes in {len(wire.bytes)} files")
        for path, size in wire.bytes.most_common(12):
            print(f"  {size:>9,}  {path}")
    totals = [wire.bytes.total() for wire in visits]
    return int(any(total > budget for total, budget in zip(totals, BUDGETS, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
