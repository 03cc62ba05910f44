"""Asking another server, over HTTP, from within the hub: for keys, tokens, members, line items.

Rule: nothing is followed and nothing is waited for long. A redirect is an answer like any other, so
that no server can send a token of ours on to another one.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest

_LARGEST_BYTES = 8 << 20  # a list of members of a large course has some 500 bytes a person
_CONNECT_S, _ANSWER_S = 10, 30


class FetchError(Exception):
    """The server gave no answer: it is away, too slow, or sends too much."""


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is None when it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def ok(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300


def is_safe(url: str) -> bool:
    """Whether secrets may go there: https, or this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_here(url)


def is_here(url: str) -> bool:
    """Whether it names this machine itself, where services listen that no stranger may reach."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def fetch(
    url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None
) -> Answer:
    """One request and its answer, whatever its status. Raises FetchError when there is none."""
    if not is_safe(url):
        raise FetchError(f"{url} is not https: no request is sent there")
    request = HTTPRequest(
        url,
        method=method,
        headers={"Accept": "application/json", **(headers or {})},
        body=body,
        follow_redirects=False,
        connect_timeout=_CONNECT_S,
        request_timeout=_ANSWER_S,
    )
    client = AsyncHTTPClient(force_instance=True, max_body_size=_LARGEST_BYTES)
    try:
        response = await client.fetch(request, raise_error=False)
    except (OSError, HTTPError, ValueError) as error:
        raise FetchError(f"{origin(url)}: {error}") from error
    finally:
        client.close()
    if response.code == 599:  # tornado's own number for no answer at all
        raise FetchError(f"{origin(url)}: {response.error}")
    return Answer(response.code, response.headers, _json(response.body))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
