"""Deep linking: an instructor chooses, inside her LMS, which week a link opens.

This happens in a frame of the LMS, where browsers keep no cookies of ours. So it needs none: who
chooses is known from the token, what she may choose is written on a ticket that works once, and the
answer that goes back is signed. Nobody is signed in to the hub by it.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from hub.auth_roster import page_policy
from hub.lti import keys, weeks
from hub.lti.handler import LtiHandler
from hub.lti.message import DEEP, LTI, VERSION, Message
from hub.lti.platforms import Platform
from hub.people import Person

POINTS = 100  # of a line item: scores are sent with their own maximum, and the LMS scales them
_LIFE_S = 300


async def offer(handler: LtiHandler, platform: Platform, message: Message, person: Person) -> None:
    """Show the weeks to an instructor of the cohort; the LMS's word alone is not enough."""
    teaches = message.says_instructor and message.cohort in person.teaches
    if message.choice is None or not teaches:
        await handler.say("lti-not-teaching")
        return
    ticket = handler.desk.store.offer(
        json.dumps(
            {
                "iss": platform.client_id,
                "aud": platform.issuer,
                "deployment": message.deployment,
                "cohort": message.cohort,
                "return_url": message.choice.return_url,
                "data": message.choice.data,
            }
        )
    )
    handler.set_header("Content-Security-Policy", page_policy(handler.desk.frames))
    handler.set_header("Cache-Control", "no-store")
    offered = weeks.titles(handler.desk.site, message.cohort)
    page = await handler.render_template("lti_choose.html", weeks=offered, ticket=ticket)
    handler.finish(page)


class ChosenHandler(LtiHandler):
    """She has chosen. The ticket is what is relied on."""

    async def post(self) -> None:
        """Send the signed answer back by her browser."""
        written = self.desk.store.accept(self.get_body_argument("ticket", ""))
        if written is None:
            await self.say("lti-again")
            return
        offered = json.loads(written)
        titles = weeks.titles(self.desk.site, offered["cohort"])
        week = self.get_body_argument("week", "")
        if week not in titles:
            await self.say("lti-no-week", 404, detail=week[:40])
            return
        link = _link(week, titles[week], self.desk.here.launch)
        script_nonce = secrets.token_urlsafe(16)
        self.set_header(
            "Content-Security-Policy", page_policy(self.desk.frames, script_nonce=script_nonce)
        )
        self.set_header("Cache-Control", "no-store")
        page = await self.render_template(
            "lti_return.html",
            return_url=offered["return_url"],
            token=keys.sign(self.desk.site, _response(offered, link), _LIFE_S),
            script_nonce=script_nonce,
        )
        self.finish(page)


def _link(week: str, title: str, url: str) -> dict[str, Any]:
    """The link to a week, with a line item for its points."""
    return {
        "type": "ltiResourceLink",
        "title": title,
        "url": url,
        "custom": {"week": week},
        "window": {"targetName": "_blank"},
        "lineItem": {"label": title, "scoreMaximum": POINTS, "resourceId": week},
    }


def _response(offered: dict[str, Any], link: dict[str, Any]) -> dict[str, Any]:
    """The claims of the answer."""
    claims = {
        "iss": offered["iss"],
        "aud": offered["aud"],
        "nonce": secrets.token_urlsafe(16),
        f"{LTI}deployment_id": offered["deployment"],
        f"{LTI}message_type": "LtiDeepLinkingResponse",
        f"{LTI}version": VERSION,
        f"{DEEP}content_items": [link],
    }
    if offered["data"] is not None:
        claims[f"{DEEP}data"] = offered["data"]
    return claims
