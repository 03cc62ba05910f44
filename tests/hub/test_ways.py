"""Which way of signing in is chosen, and what is missing for it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from traitlets.config import Config

from hub import ways
from hub.auth import RosterAuthenticator
from hub.lti import platforms
from hub.oidc import OidcAuthenticator
from hub.ways import SignInError
from programme.site import Site
from programme.toml_table import CourseError

OIDC = {
    "SOC_SIGN_IN": "oidc",
    "SOC_OIDC_ISSUER": "https://id.example",
    "SOC_OIDC_CLIENT_ID": "school",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own environment."""
    for name in list(os.environ):
        if name.startswith(("SOC_OIDC", "SOC_SIGN")):
            monkeypatch.delenv(name)


def choose(monkeypatch: pytest.MonkeyPatch, site: Site, **settings: str) -> Config:
    url = settings.pop("public_url", "https://school.example")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    c = Config()
    ways.update(c, replace(site, public_url=url))
    return c


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("the-secret\n")
    file.chmod(0o600)
    return file


def test_passwords_unless_chosen_otherwise(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = choose(monkeypatch, bare_site)
    assert c.JupyterHub.authenticator_class is RosterAuthenticator
    assert "lti" not in c.RosterRules


def test_a_provider(bare_site: Site, monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    c = choose(monkeypatch, bare_site, **OIDC, SOC_OIDC_SECRET_FILE=str(secret))
    assert c.JupyterHub.authenticator_class is OidcAuthenticator
    assert c.OidcAuthenticator.oauth_callback_url == "https://school.example/hub/oauth_callback"
    assert c.OidcAuthenticator.client_secret == "the-secret"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SOC_SIGN_IN": "lti"}, "Known: passwords, oidc"),
        ({"public_url": ""}, "public_url in .*soc.toml"),
        ({"public_url": "http://school.example"}, "scheme and host"),
        ({"public_url": "https://school.example/hub"}, "scheme and host"),
        ({"SOC_OIDC_ISSUER": ""}, "SOC_OIDC_ISSUER is missing"),
        ({"SOC_OIDC_ISSUER": "http://id.example"}, "https"),
        ({"SOC_OIDC_CLIENT_ID": ""}, "SOC_OIDC_CLIENT_ID is missing"),
        ({"SOC_OIDC_CLAIM": "email"}, "needs SOC_OIDC_DOMAIN"),
        ({"SOC_OIDC_SECRET_FILE": "/nowhere"}, "can't be read"),
    ],
)
def test_what_is_missing_is_named(
    bare_site: Site,
    monkeypatch: pytest.MonkeyPatch,
    secret: Path,
    changed: dict[str, str],
    said: str,
) -> None:
    settings = {**OIDC, "SOC_OIDC_SECRET_FILE": str(secret), **changed}
    with pytest.raises(SignInError, match=said):
        choose(monkeypatch, bare_site, **settings)


def test_a_secret_that_others_can_read_is_refused(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    secret.chmod(0o644)
    with pytest.raises(SignInError, match="chmod 600"):
        choose(monkeypatch, bare_site, **OIDC, SOC_OIDC_SECRET_FILE=str(secret))


@pytest.mark.parametrize(
    ("email", "verified", "username"),
    [
        ("Sophea@School.example", True, "sophea"),
        ("sophea@school.example", False, ""),
        ("sophea@school.example", "true", ""),
        ("sophea@school.example.evil.example", True, ""),
        ("sophea@evil.example@school.example", True, "sophea@evil.example"),
        ("sophea", True, ""),
    ],
)
def test_an_address_gives_a_name_in_our_domain_alone(
    email: str, verified: object, username: str
) -> None:
    """The fifth is nobody's name: the roster has no @."""
    way = OidcAuthenticator(claim="email", domain="school.example")
    assert way.username_of({"email": email, "email_verified": verified}) == username


REGISTRATION = """[[platform]]
issuer = "https://lms.example"
client_id = "tool"
deployments = ["1"]
login_url = "https://lms.example/auth"
token_url = "https://lms.example/token"
keys_url = "https://lms.example/keys"
[platform.courses]
"42" = "ambassador-2026"
"""


def test_a_registration_makes_names_that_cannot_collide(bare_site: Site) -> None:
    platforms.file(bare_site).write_text(REGISTRATION)
    (platform,) = platforms.read(bare_site)
    made = platform.username("1001", "", "")
    assert made.startswith("lms-")
    assert len(made) == 16
    assert made != platform.username("1002", "", "")
    assert platform.token_audience == "https://lms.example/token"
    assert platform.origins == {"https://lms.example"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://lms.example/keys", "http://lms.example/keys", "begins with https"),
        ('issuer = "https://lms.example"\n', "", "issuer is missing"),
        ("client_id", "clientid", "client_id is missing"),
        ("[platform.courses]", 'username_from = "name"\n[platform.courses]', "username_from"),
        ('"42"', '"41" = "ambassador-2026"\n"42"', "twice"),
    ],
)
def test_a_slip_of_the_pen_is_named(bare_site: Site, old: str, new: str, said: str) -> None:
    platforms.file(bare_site).write_text(REGISTRATION.replace(old, new))
    with pytest.raises(CourseError, match=said):
        platforms.read(bare_site)
