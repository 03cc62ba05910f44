"""An LMS whose LTI was written by others: lti1p3platform begins its launches, signs its tokens,
gives access to its services, and judges what we send. Ours are its pages and what it remembers.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from lti1p3platform.exceptions import LineItemNotFoundException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request as ItsRequest
from lti1p3platform.response import Response, generate_next_link
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService
from requests.structures import CaseInsensitiveDict

from tests.hub.issuer import Reply, Request, Server
from tests.hub.platform import User

CLIENT, DEPLOYMENT, COURSE = "another-tool-id", "7", "math-101"
DOMAIN = "school.example"
PAGE = 2


def new_key() -> tuple[str, str]:
    """A key pair as PEM: what signs, what is shown."""
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class Independent(Server):
    """The LMS. `items` are its columns, `scores` (column, subject) → score."""

    def __init__(self, users: list[User]) -> None:
        super().__init__()
        self.users = {user.subject: user for user in users}
        self.items: dict[str, dict[str, Any]] = {}
        self.scores: dict[tuple[str, str], dict[str, Any]] = {}
        self.links: dict[str, dict[str, Any]] = {}  # chosen by deep linking
        self.returned: list[dict[str, Any]] = []
        self.life_s = 300  # of a token
        self.link_column = ""  # every link's own; the tool may then make none
        self.tool_url = ""
        self.key = new_key()

    @property
    def conf(self) -> _Conf:
        """The tool as it is registered there."""
        registration = (
            Registration()
            .set_iss(self.url)
            .set_client_id(CLIENT)
            .set_deployment_id(DEPLOYMENT)
            .set_oidc_login_url(f"{self.tool_url}/lti/login")
            .set_launch_url(f"{self.tool_url}/lti/launch")
            .set_deeplink_launch_url(f"{self.tool_url}/lti/choose")
            .set_tool_key_set_url(f"{self.tool_url}/lti/keys.json")
            .set_platform_private_key(self.key[0])
            .set_platform_public_key(self.key[1])
        )
        return _Conf(registration=registration)

    def registration(self, cohort: str) -> str:
        """What staff write into lti.toml."""
        return f"""[[platform]]
issuer = "{self.url}"
client_id = "{CLIENT}"
deployments = ["{DEPLOYMENT}"]
login_url = "{self.url}/authorize"
token_url = "{self.url}/token"
keys_url = "{self.url}/jwks"
username_from = "email"
email_domain = "{DOMAIN}"
[platform.courses]
"{COURSE}" = "{cohort}"
"""

    def login_url(self, subject: str, target: str = "launch", hint: str = "week01") -> str:
        """Where a launch begins. `hint` is the week of a link made by hand, or a chosen link."""
        login = _Login(None, self.conf)
        login.set_lti_message_hint(hint if target == "launch" else target)
        if target == "choose":
            login.set_deeplinking_launch_url()
        return str(login.initiate_login(subject))

    def answer(self, request: Request) -> Reply:
        """One page or service."""
        asked, members = _Asked(request), _Members(_Asked(request), self)
        page, *rest = request.path.split("/")[1:]
        pages: dict[str, Callable[[], Reply]] = {
            "jwks": lambda: Reply.json(self.conf.get_jwks()),
            "authorize": lambda: _Launch(asked, self).lti_launch(),
            "returned": lambda: self._returned(request.form),
            "token": lambda: Reply.json(self.conf.get_access_token(request.form)),
            "members": lambda: _reply(members.handle_resp(members.handle_get_members)),
            "columns": lambda: _reply(self._columns(_Columns(asked, self), request.method, rest)),
        }
        return pages.get(page, lambda: Reply(404))()

    def _columns(self, service: _Columns, method: str, path: list[str]) -> Response:
        match method, path:
            case "GET", []:
                return service.handle_resp(service.handle_get_lineitems)
            case "POST", []:
                return service.handle_resp(service.handle_create_lineitem)
            case "POST", [item, "scores"]:
                return service.handle_resp(service.handle_update_score, line_item_id=item)
        return Response(None, 404, "not found")

    def _returned(self, form: dict[str, str]) -> Reply:
        """Deep linking's answer: the library looks it over, then each link is put in the course."""
        items = self.conf.validate_deeplinking_resp(form)
        self.returned.append(self.conf.tool_validate_and_decode(form["JWT"]))
        for item in items:
            self.links[f"link-{len(self.links) + 1}"] = item
            self.add_item(item["lineItem"])
        return Reply.page("<p id=done>chosen")

    def add_item(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new column."""
        number = str(len(self.items) + 1)
        self.items[number] = {**body, "id": f"{self.url}/columns/{number}"}
        return self.items[number]


class _Conf(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration: Registration) -> None:
        self._registration = registration

    def get_registration_by_params(self, **_named: Any) -> Registration:
        raise NotImplementedError("there is but one")


class _Asked(ItsRequest):
    """A request of ours in the library's words."""

    def build_metadata(self, request: Request) -> Any:
        kind = request.headers.get("content-type", "")
        return {
            "method": request.method,
            "form_data": request.form,
            "get_data": {n: int(v) if v.isdigit() and n in ("page", "limit") else v
                         for n, v in request.query.items()},
            "headers": CaseInsensitiveDict(request.headers),
            "content_type": kind,
            "path": request.path,
            "json": json.loads(request.body) if "json" in kind else None,
        }  # fmt: skip


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class _Launch(LTIAdvantageMessageLaunchAbstract):
    def __init__(self, request: _Asked, lms: Independent) -> None:
        super().__init__(request, lms.conf)
        self._lms = lms

    def prepare_launch(self, preflight_response: dict[str, str]) -> None:
        lms, hint = self._lms, preflight_response["lti_message_hint"]
        user = lms.users[preflight_response["login_hint"]]
        role = f"http://purl.imsglobal.org/vocab/lis/v2/membership#{user.role}"
        self.set_user_data(user.subject, [role], user.name, f"{user.sourcedid}@{DOMAIN}")
        self.set_launch_context_claim(COURSE, context_title="គណិតវិទ្យា")
        self.set_id_token_expiration(lms.life_s)
        self.set_ags(f"{lms.url}/columns", lms.link_column or None, not lms.link_column)
        self.set_nrps(f"{lms.url}/members?limit={PAGE}")
        if hint == "choose":
            self.set_dl(f"{lms.url}/returned", extra_data={"csrf": "of the LMS"})
            return
        custom = lms.links[hint]["custom"] if hint in lms.links else {"week": hint}
        self.set_resource_link_claim(hint)
        self.set_custom_parameters_claim(custom)

    def render_launch_form(self, launch_data: dict[str, str]) -> Reply:
        fields = "".join(
            f'<input type=hidden name="{name}" value="{html.escape(launch_data[name])}">'
            for name in ("id_token", "state")
        )
        where = html.escape(launch_data["launch_url"])
        return Reply.page(f'<form method=post action="{where}">{fields}</form>')


class _Columns(AssignmentsGradesService):
    def __init__(self, request: _Asked, lms: Independent) -> None:
        super().__init__(request, lms.conf, f"{lms.url}/columns")
        self._lms = lms

    def find_lineitems(self, page: int = 1, **_filters: Any) -> Any:
        found = list(self._lms.items.values())
        return {
            "content": found[(page - 1) * PAGE : page * PAGE],
            "has_next": len(found) > page * PAGE,
        }

    def find_lineitem(self, line_item_id: str) -> Any:
        return self._lms.items[line_item_id]

    def create_lineitem(self, creation_data: Any) -> Any:
        return self._lms.add_item(creation_data)

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        if line_item_id not in self._lms.items:
            raise LineItemNotFoundException
        if score["userId"] not in self._lms.users:
            return UpdateScoreStatus.NOTAPPLIED
        self._lms.scores[line_item_id, score["userId"]] = score
        return UpdateScoreStatus.CREATED

    def update_lineitem(self, update_data: Any) -> Any:
        raise NotImplementedError("we don't change columns")

    def delete_lineitem(self, line_item_id: str) -> None:
        raise NotImplementedError("we don't remove columns")

    def get_results(self, line_item_id: str, **_named: Any) -> Any:
        raise NotImplementedError("we don't read results")


class _Members(NamesRoleProvisioningService):
    def __init__(self, request: _Asked, lms: Independent) -> None:
        super().__init__(request, lms.conf, f"{lms.url}/members")
        self._lms = lms

    def get_context_by_id(self) -> Context:
        return Context(COURSE, "M101", "គណិតវិទ្យា")

    def get_member_data_page(self, page: int = 1, limit: int = 0, **_filters: Any) -> Any:
        members = [
            {"user_id": user.subject, "roles": [user.role], "name": user.name,
             "given_name": user.given, "family_name": user.family,
             "email": f"{user.sourcedid}@{DOMAIN}"}
            for user in self._lms.users.values()
        ]  # fmt: skip
        return {
            "content": members[(page - 1) * limit : page * limit],
            "has_next": len(members) > page * limit,
        }


def _reply(response: Response) -> Reply:
    """The library's answer, sent as its adapter for Django sends it."""
    if not 200 <= response.code < 300:
        return Reply.json({"error": response.message}, response.code)
    result = response.result
    listed = isinstance(result, dict) and "content" in result
    reply = Reply.json(result["content"] if listed else result, response.code)
    reply.headers["Content-Type"] = response.media_type
    if isinstance(result, dict) and result.get("next"):
        reply.headers["Link"] = generate_next_link(result["next"])
    return reply
