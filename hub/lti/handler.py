"""What the pages share that an LMS opens."""

from __future__ import annotations

from jupyterhub.handlers import BaseHandler

from hub.auth_roster import notice
from hub.lti.desk import Desk


class LtiHandler(BaseHandler):
    """What the pages share."""

    @property
    def desk(self) -> Desk:
        """The installation's LTI."""
        desk: Desk = self.authenticator.lti
        return desk

    def check_xsrf_cookie(self) -> None:
        """An LMS posts here from its own site; each page says what it relies on instead."""

    async def say(self, text: str, status: int = 403, detail: str = "") -> None:
        """A page with one text; it may be shown in an LMS's frame."""
        await notice(self, text, status, detail=detail, frames=self.desk.frames)

    async def refuse(self, reason: str) -> None:
        """Count and log a launch that is refused; never who or what it carried."""
        address = self.request.remote_ip
        self.desk.failures.failed("", address)
        self.log.warning("LTI launch refused: %s", reason)
        await self.say("lti-refused", detail=reason)
