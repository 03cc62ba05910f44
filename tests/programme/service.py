"""The programme's pages alone, without a hub: enough for whoever is not signed in."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import requests

from programme.site import Site

PREFIX = "/services/programme/"
START_TIMEOUT_S = 60


@contextlib.contextmanager
def service(site: Site) -> Iterator[str]:
    """Serve the site until the block ends; gives the address with its prefix."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    env = {
        "SOC_DATA": str(site.root), "JUPYTERHUB_SERVICE_URL": address,
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX, "JUPYTERHUB_API_TOKEN": "x",
    }  # fmt: skip
    with (site.root / "pages.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "programme.pages"], env={**os.environ, **env},
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _await(process, f"{address}{PREFIX}static/style.css")
            yield f"{address}{PREFIX}"
        finally:
            process.terminate()
            process.wait(20)


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.05)  # the condition is the answer above
    raise RuntimeError("the pages did not start")
