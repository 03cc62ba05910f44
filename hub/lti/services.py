"""An LMS's services, asked by us: its gradebook's columns and scores, the members of its course.

Rule: every request bears a token that our own key was exchanged for, kept until it ends. A right
that the LMS has not given us is named, with where to give it.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from hub.fetch import Answer, FetchError, fetch, is_here, is_safe
from hub.lti import keys
from hub.lti.choosing import POINTS
from hub.lti.message import INSTRUCTOR, LEARNER, has_role
from hub.lti.platforms import Platform
from programme.site import Site

LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
_MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S = 60
_SPARE_S = 30  # a token that ends while it travels is of no use
_MOST_PAGES = 1000
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


class ServiceError(Exception):
    """The LMS did not do it. The text says what was asked, what it answered, what to do next."""


class AwayError(ServiceError):
    """The LMS does not answer, or is out of order: the same may work later."""


@dataclass(frozen=True)
class LmsMember:
    """A member of the LMS's course. `subject` is her id there; names may be ''."""

    subject: str
    sourcedid: str
    email: str
    name: str
    given: str
    family: str
    learner: bool
    instructor: bool


class Services:
    """One LMS, as long as a command runs."""

    def __init__(self, site: Site, platform: Platform) -> None:
        self._site = site
        self._platform = platform
        self._tokens: dict[str, tuple[str, float]] = {}

    async def find_lineitem(self, lineitems: str, week: str) -> str:
        """The address of the column that is named by the week, '' for none. Raises ServiceError."""
        for item in await self._all(lineitems, LINEITEM, _ITEMS_TYPE):
            if item.get("resourceId") == week and is_safe(str(item.get("id", ""))):
                return str(item["id"])
        return ""

    async def make_lineitem(self, lineitems: str, week: str, title: str) -> str:
        """Make a column for the week; its address. Raises ServiceError."""
        new = {"label": title, "scoreMaximum": POINTS, "resourceId": week}
        answer = await self._ask("POST", lineitems, LINEITEM, body=new, kind=_ITEM_TYPE)
        made = answer.body.get("id") if isinstance(answer.body, dict) else None
        if not isinstance(made, str) or not is_safe(made):
            raise ServiceError(f"{lineitems}: the LMS made a column and does not say where it is.")
        return made

    async def post_score(self, lineitem: str, subject: str, given: float, most: float) -> None:
        """Give somebody `given` of `most` points. Raises ServiceError."""
        # The address may have a query of its own, which stays behind the path.
        parts = urlsplit(lineitem)
        where = parts._replace(path=f"{parts.path.rstrip('/')}/scores").geturl()
        score = {
            "userId": subject,
            "scoreGiven": given,
            "scoreMaximum": most,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": datetime.now(UTC).isoformat(),
        }
        await self._ask("POST", where, SCORE, body=score, kind=_SCORE_TYPE)

    async def members(self, url: str) -> list[LmsMember]:
        """Everybody who is active in the course. Raises ServiceError."""
        found = [_member(entry) for entry in await self._all(url, MEMBERS, _MEMBERS_TYPE)]
        return [member for member in found if member is not None]

    async def _all(self, url: str, scope: str, kind: str) -> list[Mapping[str, Any]]:
        """The entries of all pages of a list."""
        entries: list[Mapping[str, Any]] = []
        for _ in range(_MOST_PAGES):
            answer = await self._ask("GET", url, scope, kind=kind)
            body = answer.body.get("members") if isinstance(answer.body, dict) else answer.body
            if not isinstance(body, list):
                raise ServiceError(f"{url}: the LMS's answer is no list.")
            entries += [entry for entry in body if isinstance(entry, dict)]
            following = _NEXT.search(answer.headers.get("Link", ""))
            if not following:
                return entries
            url = urljoin(url, following[1])
        raise ServiceError(f"{url}: the LMS's list has no end.")

    async def _ask(
        self, method: str, url: str, scope: str, *, body: Any = None, kind: str = ""
    ) -> Answer:
        answer = await self._send(method, url, scope, body, kind)
        if answer.status == 401:  # it forgot our token, or ended it early
            self._tokens.clear()
            answer = await self._send(method, url, scope, body, kind)
        if answer.ok:
            return answer
        if answer.status >= 500 or answer.status == 429:
            raise AwayError(f"{url} answers {answer.status}. Try again later.")
        if answer.status in (401, 403):
            raise ServiceError(
                f"{url} answers {answer.status}: the LMS refuses us {_right(scope)}. Its "
                "administrator gives it in the settings of the tool."
            )
        raise ServiceError(f"{url} answers {answer.status}: {str(answer.body)[:200]}")

    async def _send(self, method: str, url: str, scope: str, body: Any, kind: str) -> Answer:
        if is_here(url) and not is_here(self._platform.token_url):
            raise ServiceError(f"{url} is an address of this machine, not the LMS's: not asked.")
        headers = {"Authorization": f"Bearer {await self._token(scope)}"}
        if method == "GET":
            headers["Accept"] = kind
        else:  # some answer in the kind that they got, and refuse who asks for JSON by another name
            headers |= {"Content-Type": kind, "Accept": f"{kind}, */*;q=0.1"}
        return await _fetch(url, method, headers, None if body is None else json.dumps(body))

    async def _token(self, scope: str) -> str:
        token, ends = self._tokens.get(scope, ("", 0.0))
        if time.time() < ends - _SPARE_S:
            return token
        platform = self._platform
        claims = {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.token_audience,
            "jti": secrets.token_urlsafe(16),
        }
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION,
            "client_assertion": keys.sign(self._site, claims, _ASSERTION_LIFE_S),
            "scope": scope,
        }
        answer = await _fetch(
            platform.token_url,
            "POST",
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form),
        )
        body = answer.body if isinstance(answer.body, dict) else {}
        if not answer.ok or not isinstance(body.get("access_token"), str):
            raise self._no_token(answer, body, scope)
        life_s = body.get("expires_in")
        ends = time.time() + (life_s if isinstance(life_s, int) else 0)
        self._tokens[scope] = (body["access_token"], ends)
        return str(body["access_token"])

    def _no_token(self, answer: Answer, body: Mapping[str, Any], scope: str) -> ServiceError:
        url, said = self._platform.token_url, body.get("error", answer.status)
        if answer.status >= 500:
            return AwayError(f"{url} answers {answer.status}. Try again later.")
        if said == "invalid_scope":
            return ServiceError(
                f"{url}: the LMS has not given us {_right(scope)}. Its administrator gives it in "
                "the settings of the tool."
            )
        return ServiceError(
            f"{url} gives us no token ({said}). Does the LMS read our keys, and are client_id and "
            "token_url in lti.toml as it says? `soc lti show` prints what it has to know."
        )


async def _fetch(url: str, method: str, headers: dict[str, str], body: str | None) -> Answer:
    try:
        return await fetch(url, method, headers, body)
    except FetchError as error:
        raise AwayError(f"The LMS does not answer: {error}. Try again later.") from error


def _right(scope: str) -> str:
    names = {
        LINEITEM: "the right to make columns in its gradebook",
        SCORE: "the right to give scores",
        MEMBERS: "the right to read the members of a course",
    }
    return f"{names[scope]} ({scope})"


def _member(entry: Mapping[str, Any]) -> LmsMember | None:
    """The member; None for who is not active, or has no id."""
    texts = {name: value for name, value in entry.items() if isinstance(value, str)}
    subject = texts.get("user_id", "")
    if not subject or texts.get("status", "Active") != "Active":
        return None
    return LmsMember(
        subject=subject,
        sourcedid=texts.get("lis_person_sourcedid", ""),
        email=texts.get("email", ""),
        name=texts.get("name", "").strip(),
        given=texts.get("given_name", "").strip(),
        family=texts.get("family_name", "").strip(),
        learner=has_role(entry.get("roles"), LEARNER),
        instructor=has_role(entry.get("roles"), INSTRUCTOR),
    )
