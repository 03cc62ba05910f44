"""The LMSs that may send people here: <data>/lti.toml, written by staff, read anew when needed.

[[platform]]
issuer = "https://lms.example.kh"      # as its tokens name it
client_id = "KHjYFzBgTk3xXQ2"          # the LMS's name for us
deployments = ["1"]
login_url = "https://lms.example.kh/mod/lti/auth.php"
token_url = "https://lms.example.kh/mod/lti/token.php"
keys_url = "https://lms.example.kh/mod/lti/certs.php"
token_audience = "…"                   # only if it is not token_url
username_from = "made"                 # or "sourcedid", or "email" with email_domain
[platform.courses]                     # its course's id -> the cohort
"42" = "ambassador-2027"
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from hub.fetch import is_safe, origin
from programme.people import USERNAME
from programme.site import Site
from programme.toml_table import Table, read_toml

FILE = "lti.toml"
UsernameFrom = Literal["made", "sourcedid", "email"]


@dataclass(frozen=True)
class Platform:
    """One registration of ours with one LMS. `courses` maps its courses' ids to cohorts."""

    issuer: str
    client_id: str
    deployments: tuple[str, ...]
    login_url: str
    token_url: str
    keys_url: str
    token_audience: str
    username_from: UsernameFrom
    email_domain: str
    courses: Mapping[str, str]

    @property
    def origins(self) -> set[str]:
        """Where its pages come from, which may show ours in a frame."""
        return {origin(self.login_url)} | ({origin(self.issuer)} if is_safe(self.issuer) else set())

    @property
    def account_issuer(self) -> str:
        """Under which name accounts of the LMS are tied to our people."""
        return f"lti:{self.issuer}"

    def username(self, subject: str, sourcedid: str, email: str) -> str:
        """The roster's name for somebody, by what the LMS says of her; '' when that gives none."""
        if self.username_from == "made":
            digest = hashlib.sha256(f"{self.issuer}\n{subject}".encode()).digest()
            return "lms-" + base64.b32encode(digest).decode().lower()[:12]
        name = sourcedid.lower()
        if self.username_from == "email":
            name, _, domain = email.lower().rpartition("@")
            name = name if domain == self.email_domain else ""
        return name if USERNAME.fullmatch(name) else ""


def file(site: Site) -> Path:
    """Where the registrations are written."""
    return site.root / FILE


def read(site: Site) -> list[Platform]:
    """All registrations; none when there is no file.

    Raises CourseError that names the file and the key that is not as it should be.
    """
    if not file(site).exists():
        return []
    top = read_toml(file(site))
    found = [_platform(table) for table in top.tables("platform")]
    top.done()
    _check_once(top, [f"{one.issuer} with {one.client_id}" for one in found])
    _check_once(top, [cohort for one in found for cohort in one.courses.values()])
    return found


def find(known: Sequence[Platform], issuer: str, client_id: str = "") -> Platform | None:
    """The registration with that issuer; `client_id` may be left out when it has but one."""
    mine = [one for one in known if one.issuer == issuer]
    if client_id:
        mine = [one for one in mine if one.client_id == client_id]
    return mine[0] if len(mine) == 1 else None


def _platform(table: Table) -> Platform:
    token_url, courses = _url(table, "token_url"), table.table("courses")
    audience = table.text("token_audience") if "token_audience" in table.data else token_url
    username_from = table.text("username_from") if "username_from" in table.data else "made"
    if username_from not in get_args(UsernameFrom):
        known = ", ".join(get_args(UsernameFrom))
        raise table.error("username_from", f"is {username_from!r}: give one of {known}")
    platform = Platform(
        issuer=table.text("issuer"),
        client_id=table.text("client_id"),
        deployments=table.texts("deployments"),
        login_url=_url(table, "login_url"),
        token_url=token_url,
        keys_url=_url(table, "keys_url"),
        token_audience=audience,
        username_from=cast(UsernameFrom, username_from),
        email_domain=table.text("email_domain").lower() if username_from == "email" else "",
        courses={course: courses.text(course) for course in courses.data},
    )
    table.done()
    return platform


def _url(table: Table, key: str) -> str:
    url = table.text(key)
    if not is_safe(url):
        raise table.error(key, f"is {url!r}: give an address that begins with https://")
    return url


def _check_once(top: Table, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise top.error("platform", f"has {name} twice: each may stand there once")
