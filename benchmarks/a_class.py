"""A class at work: sixty students sign in, open the practice, run cells, save and hand in.

    python -m benchmarks.a_class [--students 60] [--minutes 1] [--browsers 3] [--accounts N]
                                 [--hostile]

Real HTTP and websockets against a real hub with everything on: walls, mover, proxy, PostgreSQL not.
Students begin at random moments of the given minutes, and nobody waits for another. Some come
besides with a real browser each, until the lesson can be typed in. `--accounts` are in the roster
in all, the others absent. `--hostile` lets four do their worst meanwhile: a fork bomb, a full disk,
endless output, a list of 8 GB. Prints the seconds of each step for the honest ones, the errors, and
the machine's memory; all servers run until the end.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
from playwright.sync_api import sync_playwright

from benchmarks.signing_in import COHORT, make_site
from programme.site import Site
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.hub.client import Visitor
from tests.hub.running import RunningHub, password

_T = TypeVar("_T")
WEEK = "week01"
CELLS = (
    "name = 'Sophea'\nprint('Hello,', name)",
    "price = 1500\nprint(price * 3)",
    "for number in range(5):\n    print(number)",
    "def double(x):\n    return 2 * x\nprint(double(21))",
)
HOSTILE = {
    "a fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "a full disk": "for n in range(999): open(f'f{n}', 'wb').write(bytes(100 << 20))",
    "endless output": "while True: print('x' * 1000)",
    "a list of 8 GB": "held = [0] * (1 << 30)",
}


@dataclass
class Watch:
    """What was measured: the seconds of each step, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def add(self, other: Watch) -> None:
        """What another has measured, too."""
        self.errors += other.errors
        for name, seconds in other.seconds.items():
            self.seconds[name] += seconds

    def step(self, name: str, do: Callable[[], _T]) -> _T:
        """Do it and note how long it took."""
        started = time.monotonic()
        result = do()
        self.seconds[name].append(time.monotonic() - started)
        return result


def lesson(watch: Watch, hub: str, name: str, begins_s: float) -> None:
    """One student's lesson, from the sign-in form to the receipt on her page."""
    time.sleep(begins_s)  # she comes when she comes
    visitor = Visitor(hub, name)
    try:
        watch.step("signs in, sees her weeks", lambda: enter(visitor))
        notebook = watch.step("opens the practice", lambda: open_notebook(visitor))
        kernel = watch.step("starts Python", lambda: visitor.start_kernel(WEEK))
        for code in CELLS:
            watch.step("runs a cell", lambda code=code: visitor.run(code, kernel))
            time.sleep(random.uniform(0.5, 2))  # she reads
        watch.step("saves", lambda: save(visitor, notebook))
        watch.step("hands in", lambda: hand_in(visitor))
    except Exception as error:  # counted, and shown at the end
        watch.errors.append(f"{name}: {error!r}"[:200])


def enter(visitor: Visitor) -> None:
    """Sign in and wait for the landing page."""
    visitor.sign_in(password(visitor.username))
    visitor.wait_for_server(within_s=240)


def open_notebook(visitor: Visitor) -> object:
    """The page of Notebook 7 and the notebook itself."""
    visitor.get(f"/user/{visitor.username}/notebooks/{WEEK}/practice.ipynb").raise_for_status()
    answer = visitor.api("GET", f"/api/contents/{WEEK}/practice.ipynb")
    answer.raise_for_status()
    return answer.json()["content"]


def save(visitor: Visitor, notebook: object) -> None:
    """As Ctrl-S does."""
    body = {"type": "notebook", "format": "json", "content": notebook}
    visitor.api("PUT", f"/api/contents/{WEEK}/practice.ipynb", json=body).raise_for_status()


def hand_in(visitor: Visitor) -> None:
    """Press the button."""
    page = visitor.get(f"/user/{visitor.username}/school").text
    token = page.partition('name="_xsrf" value="')[2].partition('"')[0]
    url = f"{visitor.home}/school/submit/{WEEK}"
    answer = visitor.session.post(url, data={"_xsrf": token}, timeout=240)
    answer.raise_for_status()
    if "Handed in" not in answer.text:
        raise RuntimeError("she was not told that it was handed in")


def lesson_in_a_browser(hub: str, name: str, begins_s: float) -> Watch:
    """The same girl with Chromium, empty cache: from the sign-in form to a line that she typed."""
    time.sleep(begins_s)
    watch = Watch()
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = chromium.new_page()
            page.set_default_timeout(240_000)
            page.goto(f"{hub}/hub/login")
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", password(name))

            def enter() -> None:
                page.locator("form button").first.click()
                page.locator(f"#{WEEK}").wait_for()

            def type_a_line() -> None:
                page.goto(f"{hub}/user/{name}/notebooks/{WEEK}/practice.ipynb")
                page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
                page.keyboard.insert_text("# I was here")
                page.get_by_text("# I was here").first.wait_for()

            watch.step("signs in, in a browser", enter)
            watch.step("opens the practice and types, in a browser", type_a_line)
            chromium.close()
    except Exception as error:  # counted, and shown at the end
        watch.errors.append(f"{name}: {error!r}"[:200])
    return watch


def misbehave(hub: str, name: str, code: str) -> None:
    """Run the code, and again, as long as her server lets her."""
    visitor = Visitor(hub, name)
    enter(visitor)
    for _ in range(3):
        try:
            visitor.run(code, within_s=20)
        except Exception:  # noqa: S112  # her kernel or her server is gone: as it should be
            continue


def received(site: Site, names: list[str], within_s: float) -> int:
    """How many of their submissions reached the exchange."""
    deadline = time.monotonic() + within_s
    while True:
        inbound = site.cohort(COHORT).inbound
        there = {path.name.partition("+")[0] for path in inbound.glob(f"*+{WEEK}+*")}
        if there >= set(names) or time.monotonic() > deadline:
            return len(there & set(names))
        time.sleep(0.5)


def report(watch: Watch, students: int, arrived: int, peak_mib: float) -> Iterator[str]:
    """The figures as Markdown."""
    yield "| step | times | median (s) | p95 (s) | worst (s) |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, seconds in watch.seconds.items():
        ordered = (
            statistics.quantiles(seconds, n=20, method="inclusive") if seconds[1:] else seconds
        )
        median, worst = statistics.median(seconds), max(seconds)
        yield f"| {name} | {len(seconds)} | {median:.2f} | {ordered[-1]:.2f} | {worst:.2f} |"
    yield ""
    yield f"{students} students, {len(watch.errors)} errors, {arrived} submissions received; "
    yield f"{peak_mib:.0f} MiB of memory more than before, at the most."
    yield from watch.errors


def main() -> None:
    """Run the class and print what it saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--browsers", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=0)
    parser.add_argument("--hostile", action="store_true")
    options = parser.parse_args()
    names = [f"girl{number:03}" for number in range(options.students)]
    seeing = [f"seeing{number}" for number in range(options.browsers)]
    hostile = [f"other{number}" for number in range(len(HOSTILE))] if options.hostile else []
    came = names + seeing + hostile
    absent = [f"absent{number:03}" for number in range(options.accounts - len(came))]
    before = psutil.virtual_memory().available
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        site = make_site(Path(folder) / "s", came, absent)
        hub = RunningHub(site, {})
        hub.start()
        try:
            watch, least = hold(hub.url, names, seeing, hostile, options.minutes)
            arrived = received(site, names, within_s=60)
        finally:
            hub.stop()
    print(f"{len(came) + len(absent)} accounts, {len(came)} of them at work.\n")
    print("\n".join(report(watch, len(names), arrived, (before - least) / 2**20)))


def hold(
    hub: str, names: list[str], seeing: list[str], hostile: list[str], minutes: float
) -> tuple[Watch, int]:
    """The class itself: what was measured, and the least memory that was free, in bytes."""

    def begins_s() -> float:
        return random.uniform(0, 60 * minutes)

    watch = Watch()
    least = psutil.virtual_memory().available
    # The hostile in processes of their own: what they print floods their own readers alone.
    with (
        ProcessPoolExecutor(len(HOSTILE)) as others,
        ProcessPoolExecutor(len(seeing) or 1) as browsers,
        ThreadPoolExecutor(len(names)) as pool,
    ):
        for name, code in zip(hostile, HOSTILE.values(), strict=False):
            others.submit(misbehave, hub, name, code)
        shown = [browsers.submit(lesson_in_a_browser, hub, name, begins_s()) for name in seeing]
        running = [pool.submit(lesson, watch, hub, name, begins_s()) for name in names]
        while not all(one.done() for one in (*running, *shown)):
            least = min(least, psutil.virtual_memory().available)
            time.sleep(0.5)
        for one in shown:
            watch.add(one.result())
    return watch, least


if __name__ == "__main__":
    main()
