"""A real PostgreSQL for tests: Debian's binaries, a private folder, a Unix socket, no network.

It works for an ordinary user, and for root by dropping to another uid (the server refuses root).
Where the server is not installed, tests that want it are skipped with one line that says what to
install; with CI=true in the environment they fail instead.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

START_TIMEOUT_S = 60.0
INITDB_OPTIONS = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
}


def _binaries() -> Path | None:
    """The newest folder of server binaries, of Debian or of the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: float(path.parts[-3]),
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


def _server_uid() -> int | None:
    """The uid to run as: None is our own. Root has to use another one."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65534


class PostgresServer:
    """A running server. `url()` makes a new, empty database in it."""

    def __init__(self, binaries: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="soc-pg-", dir="/tmp"))
        self.uid = _server_uid()
        if self.uid is not None:
            os.chown(self.folder, self.uid, -1)
        data = self.folder / "data"
        self._run(
            [f"{binaries}/initdb", "-D", str(data), "-U", "postgres", *INITDB_OPTIONS],
        )
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [f"{binaries}/postgres", "-D", str(data), *options],
                stdout=log,
                stderr=log,
                user=self.uid,
                cwd=self.folder,
            )
        self._await_start()

    def url(self, template: str | None = None) -> str:
        """The URL of a new database, in SQLAlchemy's form: empty, or a copy of the `template`'s."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        source = template.split("?")[0].rsplit("/", 1)[1] if template else "template1"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"'.encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def stop(self) -> None:
        """Stop the server at once, without tidying up, and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user=postgres dbname={database}"

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, user=self.uid, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")

    def _await_start(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
                return
            except psycopg.OperationalError as error:
                over = self.process.poll() is not None or time.monotonic() > deadline
                if over:
                    log = (self.folder / "log").read_text(errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start: {error}\n{log}") from error
                time.sleep(0.05)  # the condition is the connection above


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run (one a worker under xdist)."""
    binaries = _binaries()
    if binaries is None:
        missing = "PostgreSQL's server is not installed: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    server = PostgresServer(binaries)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """A new, empty PostgreSQL database for this test."""
    return postgres_server.url()
