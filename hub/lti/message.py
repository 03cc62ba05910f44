"""What an LMS's message says, checked: which course and week, who, and which services there are.

Pure: it gets the claims of a token whose signature, issuer, audience, times and nonce were checked
by `hub.tokens`, and knows nothing of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.fetch import is_safe
from hub.lti.platforms import Platform
from hub.lti.store import Course

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
VERSION = "1.3.0"
RESOURCE_LINK, DEEP_LINKING = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"


class MessageError(Exception):
    """The message is refused. `args[0]` is a short reason."""


@dataclass(frozen=True)
class Addresses:
    """Our own addresses, as the LMS knows them. `base` is the hub's, with a slash at its end."""

    base: str

    @property
    def login(self) -> str:
        """Where every launch begins."""
        return f"{self.base}lti/login"

    @property
    def launch(self) -> str:
        """Where tokens are sent, and what a week's link points to."""
        return f"{self.base}lti/launch"

    @property
    def choose(self) -> str:
        """What the LMS opens for an instructor who chooses a week."""
        return f"{self.base}lti/choose"

    @property
    def keys(self) -> str:
        """Our public keys."""
        return f"{self.base}lti/keys.json"


@dataclass(frozen=True)
class DeepLinking:
    """Where the chosen week goes, and what has to go with it: any JSON, None for nothing."""

    return_url: str
    data: Any


@dataclass(frozen=True)
class Message:
    """One launch. `week` is '' when the link names none, `lineitem` when it has no column of its
    own; `choice` is None but for deep linking.
    """

    subject: str
    sourcedid: str
    email: str
    cohort: str
    deployment: str
    week: str
    lineitem: str
    says_instructor: bool
    choice: DeepLinking | None
    course: Course


def read(claims: Mapping[str, Any], platform: Platform, here: Addresses) -> Message:
    """The message of these claims. Raises MessageError."""
    kind = claims.get(f"{LTI}message_type")
    wanted = {RESOURCE_LINK: here.launch, DEEP_LINKING: here.choose}
    _check(kind in wanted, "message-type")
    _check(claims.get(f"{LTI}version") == VERSION, "version")
    _check(claims.get(f"{LTI}deployment_id") in platform.deployments, "deployment")
    _check(claims.get(f"{LTI}target_link_uri") == wanted[str(kind)], "target")
    if kind == RESOURCE_LINK:
        _check(_text(_part(claims, "resource_link"), "id"), "resource-link")
    cohort = platform.courses.get(_text(_part(claims, "context"), "id"))
    if cohort is None:
        raise MessageError("course")
    verified = claims.get("email_verified", True) is not False
    return Message(
        subject=claims["sub"],
        sourcedid=_text(_part(claims, "lis"), "person_sourcedid"),
        email=_text(claims, "email") if verified else "",
        cohort=cohort,
        deployment=claims[f"{LTI}deployment_id"],
        week=_text(_part(claims, "custom"), "week"),
        lineitem=_safe(_text(_dict(claims.get(GRADES)), "lineitem")),
        says_instructor=has_role(claims.get(f"{LTI}roles"), INSTRUCTOR),
        choice=_deep_linking(claims) if kind == DEEP_LINKING else None,
        course=_course(claims, platform, cohort),
    )


def has_role(roles: object, role: str) -> bool:
    """Whether it is among them, by its full name or, as the standard allows, by its last part."""
    return isinstance(roles, list) and (role in roles or role.rpartition("#")[2] in roles)


def _deep_linking(claims: Mapping[str, Any]) -> DeepLinking:
    settings = _dict(claims.get(f"{DEEP}deep_linking_settings"))
    url, kinds = _text(settings, "deep_link_return_url"), settings.get("accept_types")
    _check(is_safe(url), "return-url")
    _check(isinstance(kinds, list) and "ltiResourceLink" in kinds, "accept-types")
    return DeepLinking(url, settings.get("data"))


def _course(claims: Mapping[str, Any], platform: Platform, cohort: str) -> Course:
    grades, roles = _dict(claims.get(GRADES)), _dict(claims.get(ROLES))
    scopes = grades.get("scope")
    return Course(
        cohort=cohort,
        issuer=platform.issuer,
        client_id=platform.client_id,
        lineitems=_safe(_text(grades, "lineitems")),
        memberships=_safe(_text(roles, "context_memberships_url")),
        scopes=tuple(map(str, scopes)) if isinstance(scopes, list) else (),
    )


def _part(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _dict(claims.get(f"{LTI}{name}"))


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _safe(url: str) -> str:
    return url if is_safe(url) else ""


def _check(holds: object, reason: str) -> None:
    if not holds:
        raise MessageError(reason)
