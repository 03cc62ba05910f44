"""For tests of the exchange over HTTP: bundles, good and hostile, and a line that drops."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

SECRET = "0123456789abcdef" * 8
PIECE = {"Content-Type": "application/offset+octet-stream"}


def member(name: str, content: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """One entry of an archive; `fields` are TarInfo's."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def bundle(*more: tuple[tarfile.TarInfo, bytes], secret: str = SECRET) -> bytes:
    """A submission as nbgrader and the client pack it, and what else is given."""
    usual = [
        member("practice.ipynb", b"{}"),
        member("submission_secret.txt", secret.encode()),
        member("timestamp.txt", b"2026-01-06 10:00:00.000000 UTC"),
    ]
    return packed([*usual, *more])


def packed(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """The entries as tar.gz."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def address(cohort: str, week: str, data: bytes) -> str:
    """Where the service takes these bytes."""
    return f"uploads/{cohort}/{week}/{len(data)}/{hashlib.sha256(data).hexdigest()}"


class Asker:
    """Somebody with a token, at the service."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = url.rstrip("/"), {"Authorization": f"token {token}"}

    def ask(self, method: str, path: str, data: bytes = b"", **headers: str) -> requests.Response:
        """One request; in the names of headers, _ stands for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(
            method, f"{self.url}/{path}", data=data, headers=self.headers | named,
            timeout=60, allow_redirects=False,
        )  # fmt: skip

    def piece(self, path: str, data: bytes, begins: int = 0) -> requests.Response:
        """One PATCH."""
        return self.ask("PATCH", path, data, Upload_Offset=str(begins), **PIECE)

    def hand_in(self, cohort: str, week: str, data: bytes) -> requests.Response:
        """All of it at once."""
        return self.piece(address(cohort, week, data), data)


class BadLine:
    """A line to a server that drops when so many bytes were sent, for each number given once.

    `sent` counts what passed from the client to the server, `received` the other way.
    """

    def __init__(self, url: str, drops: list[int]) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 80)
        self._drops = sorted(drops)
        self.sent = self.received = self.dropped = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to) as server:
            back = threading.Thread(target=self._answer, args=(server, client), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(16_384):
                    self.sent += len(data)
                    if self._drops and self.sent >= self._drops[0]:
                        self._drops.pop(0)
                        self.dropped += 1
                        break
                    server.sendall(data)
            for end in (client, server):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(10)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                self.received += len(data)
                client.sendall(data)

    @contextlib.contextmanager
    def open(self) -> Iterator[BadLine]:
        """Relay until the end of the block."""
        threading.Thread(target=self._serve, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
