"""How people sign in, as the installation chose: by passwords or an OpenID provider; LTI beside it.

    SOC_SIGN_IN           passwords (the default), oidc, passwords+lti or oidc+lti
    SOC_OIDC_ISSUER       the provider, as its discovery document names it
    SOC_OIDC_CLIENT_ID    the provider's name for us
    SOC_OIDC_SECRET_FILE  a file with the secret, readable by the hub's user alone
    SOC_OIDC_CLAIM        what holds the roster's username (preferred_username)
    SOC_OIDC_DOMAIN       with SOC_OIDC_CLAIM=email: the part before @ is the username
    SOC_OIDC_NAME         what the button says (the issuer's host)

LTI's registrations stand in <data>/lti.toml: see hub/lti/platforms.py. Both need `public_url` in
<data>/soc.toml, as they send people back to it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.auth import RosterAuthenticator
from hub.fetch import is_safe
from programme.site import Site

CHOICES = ("passwords", "oidc", "passwords+lti", "oidc+lti")


class SignInError(Exception):
    """The chosen way of signing in lacks a setting. The text says which, and what it should be."""


def chosen() -> tuple[str, bool]:
    """(passwords or oidc, whether LTI stands beside it). Raises SignInError."""
    choice = os.environ.get("SOC_SIGN_IN", "passwords")
    if choice not in CHOICES:
        raise SignInError(f"SOC_SIGN_IN is {choice!r}. Known: {', '.join(CHOICES)}.")
    way, _, beside = choice.partition("+")
    return way, bool(beside)


def public_url(site: Site) -> str:
    """The hub's address as others know it, with a slash at its end. Raises SignInError."""
    url = site.public_url
    if not is_safe(url) or urlsplit(url).path:
        raise SignInError(
            f"public_url in {site.root}/soc.toml is {url!r}: write scheme and host there, "
            'public_url = "https://school.example".'
        )
    return f"{url}/"


def update(c: Any, site: Site) -> None:
    """The authenticator and what it needs. Raises SignInError."""
    way, with_lti = chosen()
    if way == "oidc" or with_lti:
        c.JupyterHub.public_url = public_url(site)
    if way == "oidc":
        _update_oidc(c, public_url(site))
    else:
        c.JupyterHub.authenticator_class = RosterAuthenticator
    if with_lti:
        from hub.lti.desk import Desk  # noqa: PLC0415  # 10 MB that a hub without it needn't hold

        c.RosterRules.lti = Desk(site, public_url(site))


def _update_oidc(c: Any, public_url: str) -> None:
    from hub.oidc import OidcAuthenticator  # noqa: PLC0415  # as above

    issuer = _wanted("SOC_OIDC_ISSUER", "the provider's issuer, https://…")
    if not is_safe(issuer):
        raise SignInError(f"SOC_OIDC_ISSUER is {issuer!r}: it has to begin with https://.")
    claim, domain = os.environ.get("SOC_OIDC_CLAIM", "preferred_username"), _domain()
    if claim == "email" and not domain:
        raise SignInError("SOC_OIDC_CLAIM=email needs SOC_OIDC_DOMAIN, such as school.example.")
    c.JupyterHub.authenticator_class = OidcAuthenticator
    c.OidcAuthenticator.issuer = issuer
    c.OidcAuthenticator.client_id = _wanted("SOC_OIDC_CLIENT_ID", "the provider's name for us")
    c.OidcAuthenticator.client_secret = _secret()
    c.OidcAuthenticator.claim = claim
    c.OidcAuthenticator.domain = domain
    c.OidcAuthenticator.login_service = os.environ.get("SOC_OIDC_NAME", urlsplit(issuer).netloc)
    c.OidcAuthenticator.oauth_callback_url = f"{public_url}hub/oauth_callback"


def _domain() -> str:
    return os.environ.get("SOC_OIDC_DOMAIN", "").lower()


def _wanted(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SignInError(f"{name} is missing: give {what}.")
    return value


def _secret() -> str:
    """The secret out of its file: an environment is inherited by everything that the hub starts."""
    path = Path(_wanted("SOC_OIDC_SECRET_FILE", "a file with the provider's secret"))
    try:
        mode = path.stat().st_mode
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SignInError(f"SOC_OIDC_SECRET_FILE can't be read: {error}") from error
    if mode & 0o077:
        raise SignInError(f"{path} can be read by others: chmod 600 {path}")
    if not secret:
        raise SignInError(f"{path} is empty: put the provider's secret in.")
    return secret
