"""Our own keys: what we sign with towards an LMS, and the public halves that it may read.

One file a key in <data>/hub/lti-keys, named by when it was made. Rule: an LMS may keep our public
keys for a day, so a new key is shown for a day before it signs, and an old one is shown for thirty
days after it stopped. In an emergency all old ones end at once.
"""

from __future__ import annotations

import itertools
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from hub import desks
from programme.site import Site
from programme.whole_file import FOR_ITS_OWNER, write_whole

SHOWN_BEFORE_S = 24 * 3600
SHOWN_AFTER_S = 30 * 24 * 3600
_BITS = 2048


@dataclass(frozen=True)
class ToolKey:
    """One key pair. `made` is in seconds since the epoch."""

    kid: str
    made: int
    path: Path

    def private(self) -> RSAPrivateKey:
        """The half that signs. Raises OSError or ValueError when the file is spoilt."""
        key = serialization.load_pem_private_key(self.path.read_bytes(), None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError(f"{self.path} is no RSA key: remove it and run `soc lti keys`.")
        return key

    def public(self) -> dict[str, Any]:
        """The half that everybody may read, as a JSON web key."""
        numbers = json.loads(RSAAlgorithm.to_jwk(self.private().public_key()))
        return {**numbers, "kid": self.kid, "alg": "RS256", "use": "sig"}


def all_keys(site: Site) -> list[ToolKey]:
    """All keys, the oldest first."""
    files = sorted(_folder(site).glob("*.pem"))  # their names begin with the time
    return [ToolKey(path.stem, int(path.stem.split("-")[0]), path) for path in files]


def make(site: Site) -> ToolKey:
    """A new key, whole or not at all."""
    made = int(time.time())
    kid = f"{made}-{secrets.token_hex(4)}"
    key = generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = _folder(site) / f"{kid}.pem"
    write_whole(path, pem, mode=FOR_ITS_OWNER)
    return ToolKey(kid, made, path)


def signing_key(site: Site, now: float | None = None) -> ToolKey:
    """The newest that has been shown for a day, or the oldest when none has. Made at first use."""
    keys = all_keys(site) or [make(site)]
    now = time.time() if now is None else now
    return next((key for key in reversed(keys) if now - key.made >= SHOWN_BEFORE_S), keys[0])


def rotate(site: Site, *, now: bool = False) -> ToolKey:
    """Make the next key and remove those that ended long ago; with `now`, all others at once."""
    new = make(site)
    keys = all_keys(site)
    ended = [
        key
        for key, following in itertools.pairwise(keys)
        if time.time() - following.made > SHOWN_BEFORE_S + SHOWN_AFTER_S
    ]
    for key in [key for key in keys if key != new] if now else ended:
        key.path.unlink()
    return new


def key_set(site: Site) -> dict[str, Any]:
    """What the LMS reads: all our public keys."""
    signing_key(site)  # an LMS that asks before the first use must find one
    return {"keys": [key.public() for key in all_keys(site)]}


def sign(site: Site, claims: dict[str, Any], life_s: int) -> str:
    """A token of ours with these claims, valid from now on."""
    key, now = signing_key(site), int(time.time())
    claims = {"iat": now, "exp": now + life_s, **claims}
    return jwt.encode(claims, key.private(), algorithm="RS256", headers={"kid": key.kid})


def _folder(site: Site) -> Path:
    folder = desks.state(site) / "lti-keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
