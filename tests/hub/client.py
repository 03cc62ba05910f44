"""A person at the hub: signs in, waits for her server, runs code in her kernel. Plain HTTP."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import Any
from urllib.parse import quote

import requests
import websocket

_FORM_TOKEN = re.compile(r'name="_xsrf" value="([^"]+)"')


class Visitor:
    """One browser of one person, without the browser."""

    def __init__(self, hub: str, username: str) -> None:
        self.hub = hub  # http://127.0.0.1:port
        self.username = username
        self.session = requests.Session()
        self.session.headers["Sec-Fetch-Mode"] = "navigate"
        self.session.hooks["response"].append(as_utf8)
        self.home = f"{hub}/user/{username}"

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET a path of the hub (`/hub/…`, `/user/…`, `/services/…`)."""
        return self.session.get(self.hub + path, timeout=60, **options)

    def post_form(self, path: str, to: str = "", **fields: str) -> requests.Response:
        """Fill in the form at `path` and send it there, or `to` another address."""
        token = _FORM_TOKEN.search(self.get(path).text)
        assert token, f"{path} has no form"
        return self.session.post(
            self.hub + (to or path), data={"_xsrf": token.group(1), **fields}, timeout=120
        )

    def sign_in(self, password: str) -> requests.Response:
        """Sign in by the login page; a student's server starts as a consequence."""
        return self.post_form("/hub/login", username=self.username, password=password)

    def wait_for_server(self, within_s: float = 120) -> requests.Response:
        """Start the server if need be, and wait until its landing page is there."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            page = self.get("/hub/spawn")
            if "/user/" in page.url and page.ok:
                return page
            self._wait_for_progress(deadline)
        raise AssertionError(
            f"{self.username}'s server is not there after {within_s} s: {page.url}"
        )

    def _wait_for_progress(self, deadline: float) -> None:
        """Read the hub's event stream of the start until it says ready or failed."""
        url = f"{self.hub}/hub/api/users/{self.username}/server/progress"
        headers = {"X-XSRFToken": self.session.cookies.get("_xsrf", path="/hub/") or ""}
        left = max(1.0, deadline - time.monotonic())
        with self.session.get(url, headers=headers, stream=True, timeout=left) as stream:
            for line in stream.iter_lines():
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if event.get("ready") or event.get("failed"):
                        return

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call her server's REST API as its page would."""
        headers = {
            "X-XSRFToken": self.session.cookies.get("_xsrf", path=f"/user/{self.username}/") or "",
            "Sec-Fetch-Mode": "cors",
        }
        return self.session.request(
            method, self.home + path, headers=headers, timeout=180, **options
        )

    def start_kernel(self, path: str = "") -> str:
        """Start a kernel in the folder `path`; its id."""
        answer = self.api("POST", "/api/kernels", json={"name": "python3", "path": path})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def run(self, code: str, kernel: str | None = None, within_s: float = 90) -> str:
        """What `code` prints in her kernel, its error's last line included."""
        kernel = kernel or self.start_kernel()
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies)
        socket = websocket.create_connection(
            f"{self.home.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels",
            cookie=cookies,
            timeout=within_s,
        )
        try:
            return _execute(socket, code, within_s)
        finally:
            socket.close()

    def put_file(self, path: str, text: str) -> None:
        """Save a file through the contents API."""
        body = {"type": "file", "format": "text", "content": text}
        answer = self.api("PUT", f"/api/contents/{quote(path)}", json=body)
        assert answer.ok, answer.text


def as_utf8(response: requests.Response, **_options: Any) -> None:
    """The hub's pages say their encoding in the page, as browsers read it."""
    response.encoding = "utf-8"


def _execute(socket: websocket.WebSocket, code: str, within_s: float) -> str:
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "session": asked,
              "username": "", "version": "5.3"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": False,
               "user_expressions": {}, "allow_stdin": False}  # fmt: skip
    socket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {},
                            "content": content, "channel": "shell"}))  # fmt: skip
    printed: list[str] = []
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        message = json.loads(socket.recv())
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed.append(content["text"])
        elif kind == "execute_result":
            printed.append(content["data"]["text/plain"])
        elif kind == "error":
            printed.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            return "".join(printed)
    raise AssertionError(f"no answer within {within_s} s; so far: {''.join(printed)}")
