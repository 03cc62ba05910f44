"""A real JupyterHub with the programme's pages as its one service, and people who sign in to it.

No servers are started in it: only signing in, OAuth and the service are needed here. Passwords are
the hub's own dummy authenticator's.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests

from programme.site import CHECKOUT

FONTS = str(CHECKOUT / "hub" / "student" / "static")
START_TIMEOUT_S = 90.0
SERVICE = "/services/programme/"
CONFIG = """
import sys
from tornado.web import StaticFileHandler
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{api_port}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.command = [
    {proxy!r}, "--proxy-timeout=600000"
]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.services = [{{
    "name": "programme",
    "url": "http://127.0.0.1:{service_port}",
    "command": [sys.executable, "-m", "soc.pages"],
    "environment": {{"SOC_DATA": {data!r}}},
    "oauth_no_confirm": True,
}}]
c.JupyterHub.extra_handlers = [
    (r"/school/(.*)", StaticFileHandler, {{"path": {fonts!r}}}),  # as the course's own hub has it
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=programme"]}},
]
"""


@contextlib.contextmanager
def small_hub(data: Path, folder: Path) -> Iterator[str]:
    """Run the hub for the data folder until the block ends; gives its address."""
    with contextlib.ExitStack() as sockets:
        listening = [sockets.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in "4444"]
        ports = [one.getsockname()[1] for one in listening]
    names = ("port", "api_port", "proxy_port", "service_port")
    config = folder / "jupyterhub_config.py"
    values = dict(zip(names, ports, strict=True))
    proxy = str(Path(sys.executable).parent / "configurable-http-proxy")
    config.write_text(
        CONFIG.format(**values, folder=folder, proxy=proxy, data=str(data), fonts=FONTS)
    )
    log = folder / "hub.log"
    with log.open("wb") as out:
        hub = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=folder,
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
    address = f"http://127.0.0.1:{values['port']}"
    try:
        _await_answer(hub, f"{address}{SERVICE}static/style.css", log)
        yield address
    finally:
        hub.terminate()
        try:
            hub.wait(30)
        except subprocess.TimeoutExpired:
            hub.kill()
            hub.wait()


def _await_answer(hub: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=5).ok:
                return
        if hub.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the hub did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)  # the condition is the answer above


class Visitor:
    """One browser of one person at the hub, without the browser."""

    def __init__(self, hub: str, username: str | None) -> None:
        self.hub = hub
        self.session = requests.Session()
        self.session.headers["Sec-Fetch-Mode"] = "navigate"
        if username is not None:
            page = self.session.get(f"{hub}/hub/login", timeout=60)
            token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
            assert token
            fields = {"_xsrf": token[1], "username": username, "password": "x"}
            answer = self.session.post(
                f"{hub}/hub/login", data=fields, timeout=60, allow_redirects=False
            )
            assert answer.status_code == 302, answer.text

    def get(self, path: str, **options: object) -> requests.Response:
        """GET a page of the service; `path` is below its prefix."""
        return self.session.get(f"{self.hub}{SERVICE}{path}", timeout=60, **options)  # type: ignore[arg-type]

    def post(self, path: str, *, xsrf: str | None = "", **fields: str) -> requests.Response:
        """POST a form; with the token that her browser has, another one, or none (None)."""
        if xsrf == "":
            xsrf = self.token()
        data = fields if xsrf is None else {**fields, "_xsrf": xsrf}
        return self.session.post(f"{self.hub}{SERVICE}{path}", data=data, timeout=60)

    def token(self) -> str:
        """The form token of the service, as a page has it."""
        self.get("")
        (token,) = [
            c.value for c in self.session.cookies if c.name == "_xsrf" and c.path == SERVICE
        ]
        return token or ""

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


def path_of(answer: requests.Response) -> str:
    """Where a visitor ended up, below the service's prefix."""
    return urlsplit(answer.url).path.removeprefix(SERVICE)
