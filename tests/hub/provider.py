"""A small OpenID provider on loopback: discovery, codes, PKCE, tokens. It refuses what a real one
refuses: another redirect address, a wrong secret, a used code, a verifier that doesn't fit.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.hub.issuer import Keyring, Reply, Request, Server

CLIENT, SECRET = "school", "the-providers-secret"


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    claims: dict[str, Any]
    challenge: str


class Provider(Server):
    """The provider. Whoever comes is `user` already: it asks for no password."""

    def __init__(self) -> None:
        super().__init__()
        self.keyring = Keyring()
        self.user: dict[str, Any] = {}
        self.grants: dict[str, Grant] = {}
        self.callback = ""
        self.questions: list[dict[str, str]] = []
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.keyring.sign
        self.issued: list[str] = []
        self.discovered_issuer = ""  # another than its own, when it pretends
        self.away = False

    def answer(self, request: Request) -> Reply:
        """One page."""
        pages = {
            "/.well-known/openid-configuration": self._discovery,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": lambda _: Reply.json(self.keyring.public()),
        }
        if self.away:
            return Reply(503, "away")
        return pages.get(request.path, lambda _: Reply(404))(request)

    def _discovery(self, _request: Request) -> Reply:
        return Reply.json(
            {
                "issuer": self.discovered_issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    def _authorize(self, request: Request) -> Reply:
        asked = request.query
        self.questions.append(asked)
        wanted = {"client_id": CLIENT, "redirect_uri": self.callback, "response_type": "code",
                  "code_challenge_method": "S256"}  # fmt: skip
        if any(asked.get(name) != value for name, value in wanted.items()):
            return Reply(400, "not a question of a registered client")
        code = secrets.token_urlsafe(16)
        claims = {"iss": self.url, "aud": CLIENT, "nonce": asked["nonce"], **self.user}
        self.grants[code] = Grant(self.change(claims), asked["code_challenge"])
        back = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return Reply(302, headers={"Location": f"{self.callback}?{back}"})

    def _token(self, request: Request) -> Reply:
        form = request.form
        grant = self.grants.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply.json({"error": "invalid_client"}, 401)
        if grant is None or grant.challenge != challenge:
            return Reply.json({"error": "invalid_grant"}, 400)
        self.issued.append(self.sign(grant.claims))
        return Reply.json(
            {"access_token": "a", "token_type": "Bearer", "id_token": self.issued[-1]}
        )
