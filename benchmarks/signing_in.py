"""What a student's server costs: stock JupyterHub and JupyterLab, and ours, in one run.

    python -m benchmarks.signing_in [--alone 10] [--together 20]

Some students sign in one after the other, then a class at once; each waits for her first page, and
then runs a cell. Ours builds each one's walls and fetches her week on the way; stock does neither.
Seconds are from the sign-in form to the first page. CPU is the server's with all its processes,
and the hub's and the zygote's share of it. Memory is PSS: shared pages are divided by their users.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub import accounts, processes, servers
from programme import roster
from programme.people import Person
from programme.site import Site
from soc.cohorts import ensure_cohort, ensure_site, ensure_students_in_gradebook
from soc.release import release
from tests.hub.client import Visitor
from tests.hub.running import RunningHub, free_ports, password

COHORT = "ambassador-2026"
MIB = 1 << 20
MACHINE_GIB = 24
STOCK_CONFIG = """
import sys
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {inner}
c.JupyterHub.db_url = "sqlite:///{root}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{root}/secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{root}/{{username}}"
c.Spawner.cmd = [sys.prefix + "/bin/jupyterhub-singleuser", "--allow-root"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 240
c.JupyterHub.concurrent_spawn_limit = 100
c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "hub.proxy"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "{root}/proxy.pid"
"""


@dataclass
class Hub:
    """A hub that runs: where, its own processes, and the roots of each student's processes."""

    url: str
    own: Callable[[], list[int]]
    roots: Callable[[str], list[int]]

    def family(self, name: str) -> list[int]:
        """All processes of one student."""
        return [pid for root in self.roots(name) for pid in processes.family(root)]


@dataclass(frozen=True)
class Cost:
    """Of one hub; seconds and MiB for one student."""

    alone_s: list[float]
    cpu_s: float
    together_s: list[float]
    server_mib: float
    kernel_mib: float
    own_mib: float

    @property
    def seats(self) -> int:
        """How many students with a kernel fit into the machine."""
        return int((MACHINE_GIB * 1024 - self.own_mib) / (self.server_mib + self.kernel_mib))


def cpu_s(pids: list[int]) -> float:
    """User and system time of processes and of their children that have ended."""
    return sum(map(processes.cpu_s, pids))


def pss_mib(pids: list[int]) -> float:
    """Memory of processes, files mapped by them included, shared pages divided."""
    kib = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
            kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / 1024


@contextlib.contextmanager
def our_hub(root: Path, names: list[str]) -> Iterator[Hub]:
    """A site with a released week, and its hub."""
    site = make_site(root, names)
    running = RunningHub(site, {})
    running.start()

    def roots(name: str) -> list[int]:
        known = {one.username: one for one in servers.registered(site)}[name]
        return [known.pid, known.server_pid]

    def own() -> list[int]:
        assert running.process
        children = processes.children(running.process.pid)
        zygotes = [pid for pid in children if b"hub.zygote" in command(pid)]
        return [running.process.pid, *zygotes]

    try:
        yield Hub(running.url, own, roots)
    finally:
        running.stop()


def make_site(root: Path, names: list[str], absent: Sequence[str] = ()) -> Site:
    """A cohort of these students, with week 1; who is absent never signs in."""
    site = ensure_site(root)
    cohort = ensure_cohort(site, COHORT, date(2026, 1, 5))
    people = [Person(name, name.title()) for name in (*names, *absent)]
    roster.enrol(site, people, COHORT, "student", on=date(2026, 1, 5))
    ensure_students_in_gradebook(site, cohort)
    release(site, cohort, "week01")
    for name in names:
        accounts.set_password(site, name, password(name))
    return site


@contextlib.contextmanager
def stock_hub(root: Path) -> Iterator[Hub]:
    """JupyterHub as it comes, with its simple spawner, on the same proxy."""
    root.mkdir()
    port, inner = free_ports()
    config = root / "config.py"
    config.write_text(
        STOCK_CONFIG.format(root=root, port=port, inner=inner, api=inner + 1), encoding="utf-8"
    )
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=root, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def roots(name: str) -> list[int]:
        prefix = f"/user/{name}/".encode()
        return [pid for pid in processes.children(process.pid) if prefix in environment(pid)]

    try:
        hub = Hub(f"http://127.0.0.1:{port}", lambda: [process.pid], roots)
        wait_until_up(hub, root / "log")
        yield hub
    finally:
        process.terminate()
        process.wait(120)


def wait_until_up(hub: Hub, log: Path) -> None:
    """Until the hub answers. Raises RuntimeError with its log."""
    for _ in range(600):
        with contextlib.suppress(OSError, AssertionError):
            Visitor(hub.url, "nobody").get("/hub/login").raise_for_status()
            return
        time.sleep(0.1)
    raise RuntimeError(log.read_text(encoding="utf-8")[-3000:])


def command(pid: int) -> bytes:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def environment(pid: int) -> bytes:
    """A process's environment as it was started with; empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


def sign_in(hub: Hub, name: str) -> tuple[Visitor, float]:
    """Sign in and wait for the first page; the seconds it took."""
    started = time.monotonic()
    visitor = Visitor(hub.url, name)
    visitor.sign_in(password(name))
    visitor.wait_for_server(within_s=300)
    return visitor, time.monotonic() - started


def measure(hub: Hub, alone: list[str], together: list[str]) -> Cost:
    """Everything, for one hub."""
    before = cpu_s(hub.own())
    visits = [sign_in(hub, name) for name in alone]
    families = [pid for name in alone for pid in hub.family(name)]
    cpu = (cpu_s(hub.own()) - before + cpu_s(families)) / len(alone)
    with ThreadPoolExecutor(len(together)) as pool:
        at_once = list(pool.map(lambda name: sign_in(hub, name), together))
    names, everyone = alone + together, visits + at_once
    idle = sum(pss_mib(hub.family(name)) for name in names) / len(names)
    for visitor, _seconds in everyone:
        assert visitor.run("print(1 + 1)") == "2\n"
    busy = sum(pss_mib(hub.family(name)) for name in names) / len(names)
    return Cost(
        [seconds for _visitor, seconds in visits],
        cpu,
        [seconds for _visitor, seconds in at_once],
        idle,
        busy - idle,
        pss_mib(hub.own()),
    )


def p95(seconds: list[float]) -> float:
    """The second-worst of twenty."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def table(stock: Cost, ours: Cost) -> Iterator[str]:
    """The figures as Markdown."""
    yield "| | stock | ours | stock / ours |"
    yield "| --- | ---: | ---: | ---: |"
    class_size = len(ours.together_s)
    rows: list[tuple[str, Callable[[Cost], float]]] = [
        ("signs in alone, median (s)", lambda cost: statistics.median(cost.alone_s)),
        ("signs in alone, p95 (s)", lambda cost: p95(cost.alone_s)),
        ("CPU until her first page (s)", lambda cost: cost.cpu_s),
        (f"{class_size} at once, the last is ready (s)", lambda cost: max(cost.together_s)),
        ("idle server (MiB)", lambda cost: cost.server_mib),
        ("her kernel after a cell (MiB)", lambda cost: cost.kernel_mib),
        ("the hub itself, with the zygote (MiB)", lambda cost: cost.own_mib),
    ]
    for label, of in rows:
        yield f"| {label} | {of(stock):.2f} | {of(ours):.2f} | {of(stock) / of(ours):.1f} |"
    seats = (stock.seats, ours.seats)
    yield f"| students in {MACHINE_GIB} GiB | {seats[0]} | {seats[1]} | {seats[0] / seats[1]:.2f} |"


def main() -> None:
    """Measure both, one after the other, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", type=int, default=10)
    parser.add_argument("--together", type=int, default=20)
    options = parser.parse_args()
    names = [f"girl{number:03}" for number in range(options.alone + options.together)]
    alone, together = names[: options.alone], names[options.alone :]
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        with our_hub(Path(folder) / "o", names) as hub:
            ours = measure(hub, alone, together)
        with stock_hub(Path(folder) / "s") as hub:
            stock = measure(hub, alone, together)
    print("\n".join(table(stock, ours)))


if __name__ == "__main__":
    main()
