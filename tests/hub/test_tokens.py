"""Whose keys are asked for, and how often: an issuer changes its keys, strangers do not tire it.
And in which shapes a right token may come.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from hub.fetch import Answer, FetchError
from hub.tokens import Keys, TokenError, verify
from tests.hub.issuer import Keyring


class Issuer:
    """Answers with a keyring's set, or as told; counts how often it was asked. Its clock stands."""

    def __init__(self) -> None:
        self.keyring = Keyring()
        self.now = 0.0
        self.away = False
        self.body: Any = None
        self.keys = Keys("https://lms.example/keys", self.ask, lambda: self.now)

    async def ask(self, _url: str) -> Answer:
        if self.away:
            raise FetchError("away")
        return Answer(200, {}, self.body if self.body is not None else self.keyring.public())

    def find(self, kid: str) -> str:
        """The found key's id, or the reason why there is none."""
        try:
            return str(asyncio.run(self.keys.find(kid)).key_id)
        except TokenError as error:
            return str(error.args[0])


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def test_a_known_key_is_not_asked_for_again(issuer: Issuer) -> None:
    kid = issuer.keyring.kid
    assert [issuer.find(kid) for _ in range(5)] == [kid] * 5
    assert issuer.keyring.asked == 1


def test_a_new_key_of_the_issuer_is_found(issuer: Issuer) -> None:
    issuer.find(issuer.keyring.kid)
    issuer.keyring.rotate()
    issuer.now = 31
    assert issuer.find(issuer.keyring.kid) == issuer.keyring.kid


def test_made_up_key_ids_do_not_tire_the_issuer(issuer: Issuer) -> None:
    assert [issuer.find(f"made-up-{n}") for n in range(50)] == ["key-unknown"] * 50
    assert issuer.keyring.asked == 1
    assert issuer.find(issuer.keyring.kid) == issuer.keyring.kid


def test_a_key_that_its_issuer_withdrew_ends_within_a_day(issuer: Issuer) -> None:
    withdrawn = issuer.keyring.kid
    issuer.find(withdrawn)
    issuer.keyring.rotate()
    issuer.now = 24 * 3600 - 1
    assert issuer.find(withdrawn) == withdrawn
    issuer.now = 24 * 3600 + 1
    assert issuer.find(withdrawn) == "key-unknown"


def test_an_issuer_that_is_away_is_asked_again_at_once(issuer: Issuer) -> None:
    issuer.away = True
    assert issuer.find(issuer.keyring.kid) == "keys-out-of-reach"
    issuer.away = False
    assert issuer.find(issuer.keyring.kid) == issuer.keyring.kid


@pytest.mark.parametrize("body", [[], {}, {"keys": "none"}, "keys"])
def test_what_is_no_key_set(issuer: Issuer, body: Any) -> None:
    issuer.body = body
    assert issuer.find("any") == "keys-unreadable"


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "any"},
        {"kty": "RSA", "kid": "any"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "any"},
        {"kid": "any"},
        "any",
    ],
)
def test_what_is_no_public_key_is_left_out(issuer: Issuer, entry: Any) -> None:
    """A shared secret above all: with it, whoever reads the set could sign."""
    issuer.body = {"keys": [entry, *issuer.keyring.public()["keys"]]}
    assert issuer.find("any") == "key-unknown"
    assert issuer.find(issuer.keyring.kid) == issuer.keyring.kid


def test_a_key_for_secrets_does_not_sign(issuer: Issuer) -> None:
    (key,) = issuer.keyring.public()["keys"]
    issuer.body = {"keys": [key | {"use": "enc"}]}
    assert issuer.find(issuer.keyring.kid) == "key-unknown"


def read(issuer: Issuer, **said: Any) -> dict[str, Any]:
    """What a token for `tool` says, checked."""
    right = {"iss": "https://lms.example", "sub": "1", "aud": "tool", "nonce": "n"}
    token = issuer.keyring.sign({**right, **said})
    return asyncio.run(verify(token, issuer.keys, issuer=right["iss"], client_id="tool", nonce="n"))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"aud": ["tool"]},
        {"aud": "tool", "azp": "tool"},
        {"aud": ["another", "tool"], "azp": "tool"},
        {"iat": str(int(time.time()))},
        {"iat": time.time(), "exp": time.time() + 300},
    ],
)
def test_a_right_token_in_each_of_its_shapes(issuer: Issuer, said: dict[str, Any]) -> None:
    assert read(issuer, **said)["sub"] == "1"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"aud": ["another"]}, "audience"),
        ({"aud": ["another", "tool"]}, "audience"),
        ({"aud": []}, "incomplete"),
        ({"iat": str(int(time.time()) - 3600)}, "too-old"),
        ({"iat": [1]}, "no-token"),
        ({"exp": "tomorrow"}, "no-token"),
        ({"sub": 1}, "subject"),
    ],
)
def test_a_token_whose_shape_hides_a_fault(
    issuer: Issuer, said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(TokenError, match=reason):
        read(issuer, **said)
