"""Signing in by an OpenID provider: oauthenticator's pages, our checks, the roster's people.

Rule: oauthenticator asks who somebody is and trusts the line to the provider; here the identity
token itself is checked too (signature, issuer, audience, times, nonce), and its `sub`, not a name
that may change over there, is what an account is tied to.
"""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from jupyterhub.handlers import BaseHandler
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler, _deserialize_state
from tornado import web
from tornado.httpclient import HTTPClientError
from traitlets import Unicode

from hub import tokens
from hub.auth import SignInHandler
from hub.auth_roster import RosterRules, Vouched, notice
from hub.fetch import FetchError, fetch, is_safe
from hub.tokens import Keys, TokenError

_DISCOVERED_S = 3600


class ProviderError(Exception):
    """The provider can't be asked now, or its discovery document is not its own."""


class StrangerError(Exception):
    """A right account that no person of the roster has. `args[0]` is the name it gives."""


class OidcLoginHandler(OAuthLoginHandler):
    """Off to the provider, with a nonce besides oauthenticator's state and PKCE."""

    async def get(self) -> None:
        """Find the provider's addresses, then send the browser there."""
        if not self.authenticator.attempts.allowed("", self.request.remote_ip):
            await notice(self, "too-many", 429)
            return
        try:
            await self.authenticator.discover()
        except ProviderError as error:
            self.log.error("OpenID provider: %s", error)
            await notice(self, "outside-away", 503)
            return
        super().get()

    def _generate_pkce_params(self) -> tuple[str, str]:
        self._verifier, challenge = super()._generate_pkce_params()
        return self._verifier, challenge

    def authorize_redirect(self, **question: Any) -> None:
        """Add the nonce."""
        question["extra_params"]["nonce"] = nonce_for(self._verifier)
        super().authorize_redirect(**question)


class OidcCallbackHandler(OAuthCallbackHandler):
    """Back from the provider."""

    async def get(self) -> None:
        """Sign in, or say in both languages why not."""
        address = self.request.remote_ip
        attempts = self.authenticator.attempts
        if not attempts.allowed("", address):
            await notice(self, "too-many", 429)
            return
        try:
            self.check_arguments()
            user = await self.login_user()
        except StrangerError as stranger:
            await notice(self, "outside-unknown", detail=str(stranger))
            return
        except ProviderError as error:
            self.log.error("OpenID provider: %s", error)
            await notice(self, "outside-away", 503)
            return
        except (web.HTTPError, TokenError) as error:
            attempts.failed("", address)
            self.log.warning("OpenID sign-in refused: %s", _reason(error))
            await notice(self, "outside-again", 403)
            return
        self._jupyterhub_user = user
        self.redirect(self.get_next_url(user))

    def check_arguments(self) -> None:
        """oauthenticator's checks, and that it is our provider that answers (RFC 9207)."""
        super().check_arguments()
        issuer = self.authenticator.issuer
        if self.get_query_argument("iss", issuer) != issuer:
            raise web.HTTPError(400, "the answer is another provider's")

    def nonce(self) -> str:
        """What this browser's token has to hold."""
        verifier = _deserialize_state(self.get_state_cookie()).get("code_verifier", "")
        return nonce_for(verifier)


class NoPasswordHandler(BaseHandler):
    """Where a password would be changed."""

    async def get(self) -> None:
        """Say where it is."""
        await notice(self, "outside-password", 200)


class OidcAuthenticator(RosterRules, GenericOAuthenticator):
    """An OpenID provider's accounts for the roster's people."""

    issuer = Unicode(help="The provider.").tag(config=True)
    claim = Unicode(help="What holds the roster's username.").tag(config=True)
    domain = Unicode(help="Of e-mail addresses, when the claim is one.").tag(config=True)

    login_handler = OidcLoginHandler
    callback_handler = OidcCallbackHandler

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scope = ["openid", "profile", "email"]
        self.enable_pkce = True
        self._discovered_at = float("-inf")
        self._keys: Keys | None = None

    async def discover(self) -> Keys:
        """The provider's addresses, at most an hour old; its keys. Raises ProviderError."""
        if self._keys is not None and time.monotonic() - self._discovered_at < _DISCOVERED_S:
            return self._keys
        try:
            answer = await fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        except FetchError as error:
            raise ProviderError(str(error)) from error
        found = answer.body if answer.ok and isinstance(answer.body, dict) else {}
        if found.get("issuer") != self.issuer:
            raise ProviderError(f"{self.issuer} has no discovery document of its own")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        addresses = [str(found.get(name, "")) for name in names]
        if not all(map(is_safe, addresses)):
            raise ProviderError(f"{self.issuer}: an address is missing or not https")
        self.authorize_url, self.token_url, keys_url = addresses
        if self._keys is None or self._keys.url != keys_url:
            self._keys = Keys(keys_url)
        self._discovered_at = time.monotonic()
        return self._keys

    async def authenticate(
        self, handler: Any, data: dict[str, str] | None = None, **_more: Any
    ) -> dict[str, Any] | None:
        """The roster's model of whom the provider names.

        In place of oauthenticator's own, which knows no nonce. Raises StrangerError, TokenError,
        ProviderError.
        """
        if isinstance(data, Vouched):
            return self.model(data["username"])
        keys = await self.discover()
        question = self.build_access_tokens_request_params(handler, data)
        try:
            answer = await self.get_token_info(handler, question)
        except HTTPClientError as error:
            if error.code == 400:  # RFC 6749: the code, or its verifier, is not good (any more)
                raise TokenError("code") from error
            raise ProviderError(f"{self.token_url} answers {error.code}") from error
        except OSError as error:
            raise ProviderError(f"{self.token_url}: {error}") from error
        claims = await tokens.verify(
            str(answer.get("id_token", "")),
            keys,
            issuer=self.issuer,
            client_id=self.client_id,
            nonce=handler.nonce(),
        )
        claimed = self.username_of(claims)
        person = await self.identify(self.issuer, claims["sub"], claimed)
        if person is None:
            raise StrangerError(claimed or claims["sub"])
        return self.model(person.username)

    def username_of(self, claims: dict[str, Any]) -> str:
        """The roster's name in the claims; '' when there is none that may be believed."""
        value = claims.get(self.claim)
        if not isinstance(value, str):
            return ""
        if self.claim != "email":
            return value.lower()
        name, _, domain = value.lower().rpartition("@")
        return name if domain == self.domain and claims.get("email_verified") is True else ""

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        """The pages of signing in."""
        return [
            (r"/login", SignInHandler),
            (r"/auth/change-password", NoPasswordHandler),
            *super().get_handlers(app),
            *self.lti_pages(),
        ]


def nonce_for(verifier: str) -> str:
    """A nonce that only the browser with the PKCE verifier in its cookie can have asked for."""
    digest = hashlib.sha256(f"nonce:{verifier}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _reason(error: Exception) -> str:
    return error.log_message or "" if isinstance(error, web.HTTPError) else str(error.args[0])
