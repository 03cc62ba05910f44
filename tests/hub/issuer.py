"""Somebody who signs tokens, on loopback: keys, their rotation, and a real HTTP server."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm


@dataclass(frozen=True)
class Request:
    """What was asked. Of a field that comes twice, the last."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    body: str
    headers: dict[str, str]


@dataclass
class Reply:
    """What is answered."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Reply:
        """JSON; header names have _ for -."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value), {"Content-Type": "application/json", **named})

    @classmethod
    def page(cls, html: str) -> Reply:
        """A page."""
        html = f"<!DOCTYPE html><meta charset=utf-8>{html}"
        return cls(200, html, {"Content-Type": "text/html; charset=utf-8"})


class Keyring:
    """Keys that sign, and the public halves that are shown. The newest signs."""

    def __init__(self) -> None:
        self.keys: dict[str, RSAPrivateKey] = {}
        self.asked = 0  # how often the set was read
        self.rotate()

    def rotate(self) -> None:
        """A new key, and no old one."""
        self.keys = {secrets.token_hex(4): generate_private_key(65537, 2048)}

    @property
    def kid(self) -> str:
        """Of the key that signs."""
        return next(iter(self.keys))

    def public(self) -> dict[str, Any]:
        """As a JSON web key set."""
        self.asked += 1
        return {
            "keys": [
                {**json.loads(RSAAlgorithm.to_jwk(key.public_key())),
                 "kid": kid, "alg": "RS256", "use": "sig"}
                for kid, key in self.keys.items()
            ]
        }  # fmt: skip

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token with these claims, from now on, for five minutes, unless they say otherwise."""
        now = int(time.time())
        claims = {"iat": now, "exp": now + 300, **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        named = {"kid": self.kid, **header}
        headers = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(claims, self.keys[self.kid], algorithm="RS256", headers=headers)


class Server:
    """Answers on a port of its own as long as it is entered. Subclasses have `answer`."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._http: ThreadingHTTPServer | None = None

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        assert self._http
        return f"http://{self.host}:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answer))
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._http
        self._http.shutdown()
        self._http.server_close()


def _handler(answer: Callable[[Request], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            reply = answer(
                Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    dict(parse_qsl(body)),
                    body,
                    {name.lower(): value for name, value in self.headers.items()},
                )
            )
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            sent = reply.body.encode()
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  # the standard library's names

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler
