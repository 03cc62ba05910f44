"""A small LMS on loopback that speaks LTI 1.3 as the standard says: launches, deep linking,
assignments and grades, names and roles. It refuses what a real one refuses.
"""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt

from tests.hub.issuer import Keyring, Reply, Request, Server

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LINEITEM, SCORE = f"{AGS}scope/lineitem", f"{AGS}scope/score"
MEMBERS = f"{NRPS}scope/contextmembership.readonly"
CLIENT, DEPLOYMENT, COURSE = "tool-7", "deployment-1", "course-42"
ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
PAGE = 2  # members and line items on a page: small, so that there is more than one


@dataclass(frozen=True)
class User:
    """Somebody at the LMS."""

    subject: str
    sourcedid: str
    name: str
    role: str = "Learner"
    given: str = ""
    family: str = ""
    status: str = "Active"


@dataclass
class LineItem:
    """A column of the LMS's gradebook; `scores` by subject."""

    body: dict[str, Any]
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)


class Platform(Server):
    """The LMS. `scopes` are those that the tool is granted."""

    def __init__(self, users: list[User]) -> None:
        super().__init__()
        self.keyring = Keyring()
        self.users = {user.subject: user for user in users}
        self.scopes = {LINEITEM, SCORE, MEMBERS}
        self.items: dict[str, LineItem] = {}
        self.tokens: dict[str, set[str]] = {}
        self.token_requests = 0
        self.scores_posted = 0
        self.broken_after: int | None = None  # so many scores are taken, then it fails
        self.returned: list[dict[str, Any]] = []
        self.tool_url = ""  # the hub's, with /hub
        self.tool_keys: Callable[[], dict[str, Any]] = lambda: {"keys": []}
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.keyring.sign

    def registration(self, cohort: str, username_from: str = "sourcedid") -> str:
        """What staff write into lti.toml."""
        return f"""[[platform]]
issuer = "{self.url}"
client_id = "{CLIENT}"
deployments = ["{DEPLOYMENT}"]
login_url = "{self.url}/authorize"
token_url = "{self.url}/token"
keys_url = "{self.url}/keys"
username_from = "{username_from}"
[platform.courses]
"{COURSE}" = "{cohort}"
"""

    def login(self, subject: str, target: str = "launch", hint: str = "week01") -> dict[str, str]:
        """The fields with which a launch begins; `hint` is the week, '' for none."""
        return {
            "iss": self.url,
            "login_hint": subject,
            "target_link_uri": f"{self.tool_url}/lti/{target}",
            "lti_message_hint": f"{target} {hint}",
            "client_id": CLIENT,
        }

    def login_url(self, subject: str, target: str = "launch", hint: str = "week01") -> str:
        """The same as a link."""
        return f"{self.tool_url}/lti/login?{urlencode(self.login(subject, target, hint))}"

    def answer(self, request: Request) -> Reply:
        """One page or service."""
        pages = {
            "authorize": self._authorize,
            "keys": lambda _: Reply.json(self.keyring.public()),
            "token": self._token,
            "returned": self._returned,
            "course": self._course,
            "lineitems": self._lineitems,
            "members": self._members,
        }
        return pages.get(request.path.split("/")[1], lambda _: Reply(404))(request)

    # Pages

    def _course(self, request: Request) -> Reply:
        """A course's page with the tool in a frame, and with a link into a window."""
        query = request.query
        where = html.escape(self.login_url(query["user"], query.get("target", "launch")))
        return Reply.page(
            f'<h1>LMS</h1><iframe id="tool" src="{where}" width=100% height=600></iframe>'
            f'<a id="window" href="{where}" target="_blank">open</a>'
        )

    def _authorize(self, request: Request) -> Reply:
        query = request.query
        wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post",
                  "prompt": "none", "client_id": CLIENT,
                  "redirect_uri": f"{self.tool_url}/lti/launch"}  # fmt: skip
        if any(query.get(name) != value for name, value in wanted.items()):
            return Reply(400, "this is no OpenID question of a registered tool")
        user = self.users[query["login_hint"]]
        target, _, hint = query["lti_message_hint"].partition(" ")
        token = self.sign(self.change(self.claims(user, query["nonce"], target, hint)))
        fields = {"id_token": token, "state": query["state"]}
        inputs = "".join(
            f'<input type=hidden name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        return Reply.page(
            f'<form method=post action="{query["redirect_uri"]}">{inputs}</form>'
            "<script>document.forms[0].submit()</script>"
        )

    def claims(self, user: User, nonce: str, target: str, week: str) -> dict[str, Any]:
        """What a token says."""
        deep = {
            "deep_link_return_url": f"{self.url}/returned",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "data": "csrf-of-the-lms",
        }
        common = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": user.subject,
            "nonce": nonce,
            "name": user.name,
            f"{LTI}version": "1.3.0",
            f"{LTI}deployment_id": DEPLOYMENT,
            f"{LTI}target_link_uri": f"{self.tool_url}/lti/{target}",
            f"{LTI}roles": [f"{MEMBERSHIP}{user.role}"],
            f"{LTI}context": {"id": COURSE, "title": "វគ្គសរសេរកូដ"},
            f"{LTI}lis": {"person_sourcedid": user.sourcedid},
            f"{AGS}claim/endpoint": {
                "lineitems": f"{self.url}/lineitems?course={COURSE}",
                "scope": sorted(self.scopes),
            },
            f"{NRPS}claim/namesroleservice": {
                "context_memberships_url": f"{self.url}/members?course={COURSE}",
                "service_versions": ["2.0"],
            },
        }
        if target == "choose":
            return common | {
                f"{LTI}message_type": "LtiDeepLinkingRequest",
                f"{DEEP}deep_linking_settings": deep,
            }
        return common | {
            f"{LTI}message_type": "LtiResourceLinkRequest",
            f"{LTI}resource_link": {"id": "link-1"},
            f"{LTI}custom": {"week": week} if week else {},
        }

    def _returned(self, request: Request) -> Reply:
        """Deep linking's answer."""
        claims = self._from_tool(request.form["JWT"], audience=self.url)
        self.returned.append(claims)
        return Reply.page("<p id=done>chosen")

    def _from_tool(self, token: str, audience: str) -> dict[str, Any]:
        kid = jwt.get_unverified_header(token)["kid"]
        (key,) = [entry for entry in self.tool_keys()["keys"] if entry["kid"] == kid]
        return jwt.decode(
            token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=audience, issuer=CLIENT
        )

    # Services

    def _token(self, request: Request) -> Reply:
        self.token_requests += 1
        form = request.form
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        if (form["grant_type"], form["client_assertion_type"]) != ("client_credentials", kind):
            return Reply.json({"error": "unsupported_grant_type"}, 400)
        claims = self._from_tool(form["client_assertion"], audience=f"{self.url}/token")
        if claims["sub"] != CLIENT or "jti" not in claims:
            return Reply.json({"error": "invalid_client"}, 401)
        asked = set(form["scope"].split())
        if not asked <= self.scopes:
            return Reply.json({"error": "invalid_scope"}, 400)
        token = secrets.token_hex(16)
        self.tokens[token] = asked
        return Reply.json({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _may(self, request: Request, scope: str) -> Reply | None:
        """Why not; None when it may."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return Reply.json({"error": "invalid_token"}, 401)
        return None if scope in self.tokens[token] else Reply.json({"error": "scope"}, 403)

    def _lineitems(self, request: Request) -> Reply:
        if request.query.get("course") != COURSE:
            return Reply(404, "the query of an address belongs to it")
        _, _, rest = request.path.removeprefix("/").partition("/")
        number, _, scores = rest.partition("/")
        if scores == "scores":
            return self._score(request, self.items[number])
        if refused := self._may(request, LINEITEM):
            return refused
        if request.method == "POST":
            if ITEM_TYPE not in request.headers["accept"]:
                return Reply(406, "we answer with a line item")
            return self._add_item(json.loads(request.body))
        wanted = [item.body for item in self.items.values()]
        return self._paged(wanted, request, lambda page: page)

    def _add_item(self, body: dict[str, Any]) -> Reply:
        number = str(len(self.items) + 1)
        body = {**body, "id": f"{self.url}/lineitems/{number}?course={COURSE}"}
        self.items[number] = LineItem(body)
        return Reply.json(body, 201)

    def _score(self, request: Request, item: LineItem) -> Reply:
        if refused := self._may(request, SCORE):
            return refused
        if request.headers["content-type"] != "application/vnd.ims.lis.v1.score+json":
            return Reply(415)
        if self.broken_after is not None and self.scores_posted >= self.broken_after:
            return Reply(503, "down")
        score = json.loads(request.body)
        older = item.scores.get(score["userId"])
        if score["userId"] not in self.users:
            return Reply.json({"error": "no such user"}, 400)
        if older and older["timestamp"] >= score["timestamp"]:
            return Reply(409, "an older score")
        item.scores[score["userId"]] = score
        self.scores_posted += 1
        return Reply(204)

    def _members(self, request: Request) -> Reply:
        if refused := self._may(request, MEMBERS):
            return refused
        members = [
            {"user_id": user.subject, "status": user.status, "name": user.name,
             "given_name": user.given, "family_name": user.family,
             "lis_person_sourcedid": user.sourcedid, "roles": [f"{MEMBERSHIP}{user.role}"]}
            for user in self.users.values()
        ]  # fmt: skip
        return self._paged(
            members,
            request,
            lambda page: {"id": request.path, "context": {"id": COURSE}, "members": page},
        )

    def _paged(self, rows: list[Any], request: Request, wrap: Callable[[list[Any]], Any]) -> Reply:
        first = int(request.query.get("from", 0))
        following = {**request.query, "from": str(first + PAGE)}
        link = f'<{self.url}{request.path}?{urlencode(following)}>; rel="next"'
        more = {"Link": link} if first + PAGE < len(rows) else {}
        return Reply.json(wrap(rows[first : first + PAGE]), **more)
