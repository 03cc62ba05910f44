"""The key that certificates are signed with: made once, kept from everybody else, never in git.

<data>/certificates/signing-key.pem     the secret one, mode 0600; a backup holds it (seal it)
<data>/certificates/public/<id>.pem     every public one there ever was: old certificates stay good
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from programme.certificates import CertificateError
from programme.site import Site
from programme.whole_file import FOR_ALL, FOR_ITS_OWNER, write_whole

PublicKeys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True)
class SigningKey:
    """The secret key and the id by which its public half is found."""

    id: str
    secret: Ed25519PrivateKey


def folder(site: Site) -> Path:
    """Where the keys of this installation lie."""
    return site.root / "certificates"


def make_key(site: Site, *, replace: bool = False) -> SigningKey:
    """Make the signing key, and publish its public half; raises CertificateError if there is one.

    With `replace` a new one takes its place: what was signed before stays good.
    """
    place, secret = folder(site), Ed25519PrivateKey.generate()
    file = place / "signing-key.pem"
    if file.exists() and not replace:
        raise CertificateError(f"There is a signing key already: {file}. Replace it by --replace.")
    key = SigningKey(key_id(secret.public_key()), secret)
    (place / "public").mkdir(parents=True, exist_ok=True)
    _publish(place / "public" / f"{key.id}.pem", secret.public_key())
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(file, pem, mode=FOR_ITS_OWNER)
    return key


def signing_key(site: Site) -> SigningKey:
    """The key to sign with. Raises CertificateError when there is none, or others may read it."""
    file = folder(site) / "signing-key.pem"
    try:
        mode = file.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CertificateError(f"Others may read {file}: chmod 600, and make a new one if so.")
        secret = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise CertificateError("No signing key: `soc certificate key` makes it.") from error
    except (ValueError, UnsupportedAlgorithm, TypeError) as error:
        raise CertificateError(f"{file} can't be read as a key: {error}") from error
    if not isinstance(secret, Ed25519PrivateKey):
        raise CertificateError(f"{file} is no Ed25519 key.")
    return SigningKey(key_id(secret.public_key()), secret)


def public_keys(site: Site) -> PublicKeys:
    """Every public key of this installation by its id."""
    return read_public_keys(sorted((folder(site) / "public").glob("*.pem")))


def read_public_keys(files: list[Path]) -> PublicKeys:
    """Public keys from PEM files. Raises CertificateError for a file that holds none."""
    found: dict[str, Ed25519PublicKey] = {}
    for file in files:
        try:
            key = load_pem_public_key(file.read_bytes())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise CertificateError(f"{file} can't be read as a public key: {error}") from error
        if not isinstance(key, Ed25519PublicKey):
            raise CertificateError(f"{file} is no Ed25519 key.")
        found[key_id(key)] = key
    return found


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen letters that say which key it is; they are no secret."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def as_pem(key: Ed25519PublicKey) -> str:
    """The public key as a text to publish."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _publish(file: Path, key: Ed25519PublicKey) -> None:
    write_whole(file, as_pem(key).encode("ascii"), mode=FOR_ALL)
