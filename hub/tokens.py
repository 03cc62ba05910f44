"""Identity tokens that somebody else has signed: an OpenID provider, an LMS.

Rule: the key comes from the issuer's own key set, the algorithm from the list below and never from
the token, and everything the token must say is named here. A refused token has a reason that may be
shown and logged; the token itself is never logged.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from hub.fetch import Answer, FetchError, fetch

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}  # by the kind of key
SKEW_S = 60  # how far two clocks may be apart
OLDEST_S = 600
_ASK_AGAIN_S = 30  # strangers' key ids must not make us ask the issuer all the time
_KEEP_S = 24 * 3600  # a key that its issuer withdrew is known here no longer than this


class TokenError(Exception):
    """The token is refused. `args[0]` is a short reason."""


class Keys:
    """The public keys of one issuer, asked for when a token names one that isn't known."""

    def __init__(
        self,
        url: str,
        ask: Callable[[str], Awaitable[Answer]] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._ask = ask
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")

    async def find(self, kid: str) -> jwt.PyJWK:
        """The key of that id. Raises TokenError when the issuer has none, or can't be asked."""
        age = self._clock() - self._asked_at
        if age > _KEEP_S or (kid not in self._keys and age > _ASK_AGAIN_S):
            self._asked_at = self._clock()
            self._keys = await self._read()
        try:
            return self._keys[kid]
        except KeyError:
            raise TokenError("key-unknown") from None

    async def _read(self) -> dict[str, jwt.PyJWK]:
        try:
            answer = await self._ask(self.url)
        except FetchError as error:
            self._asked_at = float("-inf")  # the next one may try again at once
            raise TokenError("keys-out-of-reach") from error
        listed = answer.body.get("keys") if answer.ok and isinstance(answer.body, dict) else None
        if not isinstance(listed, list):
            raise TokenError("keys-unreadable")
        return dict(found for entry in listed if (found := _public_key(entry)))


def _public_key(entry: Any) -> tuple[str, jwt.PyJWK] | None:
    """Id and key; None for what is of another kind or use. A shared secret is no public key."""
    if not isinstance(entry, dict) or entry.get("kty") not in ALGORITHMS:
        return None
    if entry.get("use", "sig") != "sig" or not isinstance(entry.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK(entry, algorithm=ALGORITHMS[entry["kty"]])
    except (jwt.PyJWTError, ValueError):
        return None
    return entry["kid"], key


async def verify(
    token: str, keys: Keys, *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """What the token says, once all of it has been checked. Raises TokenError."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise TokenError("no-token") from error
    if not isinstance(header.get("kid"), str):
        raise TokenError("key-unnamed")
    key = await keys.find(header["kid"])
    if header.get("alg") != key.algorithm_name:
        raise TokenError("algorithm")
    claims = _decode(token, key, issuer, client_id)
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise TokenError("audience")
    if int(claims["iat"]) < time.time() - OLDEST_S - SKEW_S:
        raise TokenError("too-old")
    if claims["nonce"] != nonce:
        raise TokenError("nonce")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise TokenError("subject")
    return claims


def _decode(token: str, key: jwt.PyJWK, issuer: str, client_id: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm_name],
            audience=client_id,
            issuer=issuer,
            leeway=SKEW_S,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise TokenError(_REASONS.get(type(error), "no-token")) from error


_REASONS: dict[type[Exception], str] = {
    jwt.InvalidSignatureError: "signature",
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not-yet",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidAudienceError: "audience",
    jwt.MissingRequiredClaimError: "incomplete",
    InvalidSubjectError: "subject",
}
