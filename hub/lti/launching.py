"""A launch: the LMS sends a browser here, we send it back with a question, it returns with a token.

Rule: a launch ends only in the browser in which it began (a cookie says so) and only once. Nobody
is signed in inside a frame: browsers keep no cookies there, so a page in a frame offers to go on in
a window of its own, and the launch begins anew there. Only choosing a week works in a frame: it
needs no account of the hub, see `hub.lti.choosing`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

from jupyterhub.utils import url_path_join
from tornado.httputil import url_concat

from hub.auth_roster import Vouched, page_policy
from hub.lti import choosing, keys, weeks
from hub.lti.handler import LtiHandler
from hub.lti.message import Message, MessageError
from hub.lti.platforms import Platform
from hub.lti.store import LAUNCH_S
from hub.people import Person
from hub.tokens import TokenError

_FRAMES = ("iframe", "frame", "object", "embed", "fencedframe")
_PASSED_ON = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "client_id",
              "lti_deployment_id")  # fmt: skip


class LoginHandler(LtiHandler):
    """Where a launch begins: the LMS says which of its users comes, as a hint."""

    async def get(self) -> None:
        """Ask the LMS for a token; in a frame, offer a window first."""
        address = self.request.remote_ip
        if not self.desk.may_try(address):
            await self.say("too-many", 429)
            return
        self.desk.launches.failed("", address)  # every launch counts here, not the failed alone
        asked = {name: self.get_argument(name, "") for name in _PASSED_ON}
        platform = self.desk.platform(asked["iss"], asked["client_id"])
        if platform is None:
            await self.refuse("issuer")
            return
        if asked["target_link_uri"] not in (self.desk.here.launch, self.desk.here.choose):
            await self.refuse("target")
            return
        if not asked["login_hint"]:
            await self.refuse("login-hint")
            return
        framed = self.request.headers.get("Sec-Fetch-Dest") in _FRAMES
        if framed and asked["target_link_uri"] == self.desk.here.launch:
            await self._offer_window(asked)
            return
        self._ask(platform, asked, framed)

    post = get

    async def _offer_window(self, asked: dict[str, str]) -> None:
        self.set_header("Content-Security-Policy", page_policy(self.desk.frames))
        given = {name: value for name, value in asked.items() if value}
        link = f"{self.desk.here.login}?{urlencode(given)}"
        self.finish(await self.render_template("lti_open.html", link=link))

    def _ask(self, platform: Platform, asked: dict[str, str], framed: bool) -> None:
        state, begun = self.desk.store.begin(platform.issuer, platform.client_id, framed)
        # The LMS's page posts the token to us, and browsers send a cookie along with a post from
        # another site only when it says None, which they accept for https alone. On this machine
        # without TLS they have an exception of two minutes for cookies that say nothing.
        secure = self.desk.here.base.startswith("https:")
        crossing = {"samesite": "None", "secure": True} if secure else {}
        self._set_cookie(
            _cookie(state), state, encrypted=False,
            path=url_path_join(self.hub.base_url, "lti/"), max_age=LAUNCH_S, **crossing,
        )  # fmt: skip
        question = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": self.desk.here.launch,
            "login_hint": asked["login_hint"],
            "state": state,
            "nonce": begun.nonce,
        }
        if asked["lti_message_hint"]:
            question["lti_message_hint"] = asked["lti_message_hint"]
        self.set_header("Cache-Control", "no-store")
        self.redirect(url_concat(platform.login_url, question))


class LaunchHandler(LtiHandler):
    """Where the token arrives, in a post from the LMS's page. The state is what is relied on."""

    async def get(self) -> None:
        """Somebody opened the address by itself."""
        await self.say("lti-again", 400)

    async def post(self) -> None:
        """Check everything, then sign in or let choose."""
        if not self.desk.may_try(self.request.remote_ip):
            await self.say("too-many", 429)
            return
        state = self.get_body_argument("state", "")
        begun = self.desk.store.take(state)
        cookie = self.get_cookie(_cookie(state), "")
        self.clear_cookie(_cookie(state), path=url_path_join(self.hub.base_url, "lti/"))
        if begun is None or self.get_body_argument("error", ""):
            self.desk.failures.failed("", self.request.remote_ip)
            await self.say("lti-again")
            return
        if not begun.framed and not hmac.compare_digest(cookie.encode(), state.encode()):
            await self.refuse("cookie")
            return
        try:
            token = self.get_body_argument("id_token", "")
            platform, message = await self.desk.read(token, begun)
        except (TokenError, MessageError) as error:
            await self.refuse(str(error.args[0]))
            return
        if begun.framed and message.choice is None:
            await self.refuse("frame")
            return
        await self._welcome(platform, message)

    async def _welcome(self, platform: Platform, message: Message) -> None:
        self.desk.store.note_course(message.course)
        if message.week and message.lineitem:
            self.desk.store.note_column(message.cohort, message.week, message.lineitem)
        claimed = platform.username(message.subject, message.sourcedid, message.email)
        named = self.authenticator.directory.find(claimed)
        if named is not None and named.staff:
            await self.say("lti-staff")
            return
        person: Person | None = await self.authenticator.identify(
            platform.account_issuer, message.subject, claimed
        )
        if person is None:
            await self.say("outside-unknown", detail=claimed or message.subject)
        elif person.staff:
            await self.say("lti-staff")
        elif message.cohort not in (*person.studies, *person.teaches):
            await self.say("lti-not-in-cohort")
        elif message.choice is not None:
            await choosing.offer(self, platform, message, person)
        else:
            await self._open(message, person)

    async def _open(self, message: Message, person: Person) -> None:
        """Sign in and go to the week; an instructor goes to her classes."""
        teaches = message.cohort in person.teaches
        if message.week and not teaches:
            if message.week not in weeks.titles(self.desk.site, message.cohort):
                await self.say("lti-no-week", 404, detail=message.week[:40])
                return
            if not weeks.is_open(self.desk.site, message.cohort, message.week):
                await self.say("lti-week-later", 404)
                return
        user = await self.login_user(Vouched(username=person.username))
        self._jupyterhub_user = user
        where = f"user-redirect/school/week/{message.week}" if message.week else "spawn"
        self.redirect(url_path_join(self.hub.base_url, "teach" if teaches else where))


class BareHandler(LtiHandler):
    """The address that the LMS knows for choosing; a launch never ends there by itself."""

    async def get(self) -> None:
        """Somebody opened the address by itself."""
        await self.say("lti-again", 400)


class KeysHandler(LtiHandler):
    """Our public keys."""

    async def get(self) -> None:
        """As a JSON web key set."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "public, max-age=3600")
        self.finish(json.dumps(keys.key_set(self.desk.site)))


def _cookie(state: str) -> str:
    """A name for each launch: several windows may be opened side by side."""
    return f"lti-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
