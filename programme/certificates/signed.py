"""What a certificate says, as a text that is signed letter by letter, and how that is checked.

A token is the signature (64 bytes) and the text, as one base64url word. The QR code is the address
of the public page with the token after `#`: a browser never sends that part to anybody.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cryptography.exceptions import InvalidSignature

from programme.certificates.keys import PublicKeys, SigningKey

# Crockford's letters: none is taken for another when it is read from paper.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
UNGUESSABLE_LETTERS = 10  # 50 bits; the page counts who tries
LONGEST_TOKEN = 4000
SIGNATURE_BYTES = 64
Verdict = Literal["good", "forged", "unknown_key", "unreadable"]
_AS_READ = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "-", "–": "-"})


@dataclass(frozen=True)
class Statement:
    """What is confirmed: that this person graduated from a programme of this kind on this day."""

    number: str
    name: str
    name_km: str
    programme: str
    on: date
    key: str

    def text(self) -> str:
        """The text that is signed: the same letters every time."""
        facts = {**self.__dict__, "on": self.on.isoformat(), "version": 1}
        return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Statement:
        """The statement of a text. Raises ValueError for anything that `text` would not write."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.pop("version", None) != 1:
            raise ValueError("a certificate of a version that is not known here")
        names = ("number", "name", "name_km", "programme", "key", "on")
        if set(facts) != set(names) or not all(isinstance(facts[name], str) for name in names):
            raise ValueError("not the facts of a certificate")
        made = cls(**{**facts, "on": date.fromisoformat(facts["on"])})
        if made.text() != text:
            raise ValueError("not written as a certificate is")
        return made


@dataclass(frozen=True)
class Checked:
    """What a check found. Only of a good one is the statement to be believed."""

    verdict: Verdict
    statement: Statement | None = None


def new_number(year: int) -> str:
    """SC-2026-7K3M9QX2AB: the year, and ten letters that nobody can guess."""
    return f"SC-{year}-{''.join(secrets.choice(LETTERS) for _ in range(UNGUESSABLE_LETTERS))}"


def as_number(typed: str) -> str:
    """A number as somebody reads it from paper, in the one way in which it is kept."""
    return typed.strip().upper().translate(_AS_READ)[:40]


def sign(statement: Statement, key: SigningKey) -> str:
    """The signature of the statement's text, base64."""
    signature = key.secret.sign(statement.text().encode())
    return base64.b64encode(signature).decode()


def token(text: str, signature: str) -> str:
    """Signature and text as one word."""
    packed = base64.b64decode(signature) + text.encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def check(scanned: str, keys: PublicKeys) -> Checked:
    """Check what a QR code holds (an address with a token, or the token alone). Raises nothing."""
    word = scanned.strip().rpartition("#")[2]
    if not 0 < len(word) <= LONGEST_TOKEN or not word.isascii():
        return Checked("unreadable")
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        text = packed[SIGNATURE_BYTES:].decode()
        statement = Statement.read(text)
    except (binascii.Error, ValueError, RecursionError):
        return Checked("unreadable")
    return _check(statement, text, packed[:SIGNATURE_BYTES], keys)


def check_kept(text: str, signature: str, keys: PublicKeys) -> Checked:
    """Check a text and its signature as the database keeps them."""
    try:
        return _check(Statement.read(text), text, base64.b64decode(signature), keys)
    except (binascii.Error, ValueError):
        return Checked("unreadable")


def _check(statement: Statement, text: str, signature: bytes, keys: PublicKeys) -> Checked:
    key = keys.get(statement.key)
    if key is None:
        return Checked("unknown_key", statement)
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return Checked("forged", statement)
    return Checked("good", statement)
