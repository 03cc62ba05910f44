"""What is kept about her: her own page with two buttons; the requests, for staff."""

from __future__ import annotations

from tornado.web import HTTPError, authenticated

from programme.course import Both
from programme.messages import message
from programme.pages.access import Viewer
from programme.pages.base import Page
from programme.personal import register, requests

A_YEAR_DAYS = 365


def long(days: int) -> Both:
    """A term in years where it is whole ones, leap days or not; else in days."""
    years, over = divmod(days, A_YEAR_DAYS)
    if not years or over > (years + 3) // 4:
        return message("personal.long.days", count=days)
    return message(f"personal.long.{'year' if years == 1 else 'years'}", count=years)


class Mine(Page):
    """What is kept about whoever asks, why and how long."""

    @authenticated
    async def get(self) -> None:
        """Show it to whom the programme knows."""
        asking = await self._known()
        self.show(
            "personal.html",
            asking,
            kept=register.kept(),
            terms=await self.run(register.terms, self.site),
            counts=await self.run(requests.counts, self.site, asking.username),
            asked=await self.run(requests.all_requests, self.site, asking.username),
            kinds=requests.KINDS,
            long=long,
        )

    @authenticated
    async def post(self) -> None:
        """Write her request down."""
        asking = await self._known()
        kind = self.get_body_argument("kind", "")
        await self.run(requests.ask, self.site, asking.username, kind)
        self.redirect(f"{self.prefix}privacy?done=saved")

    async def _known(self) -> Viewer:
        asking = await self.viewer()
        if not (asking.staff or asking.teaches or asking.learns):
            raise HTTPError(403)
        return asking


class Requests(Page):
    """Who asked for what."""

    @authenticated
    async def get(self) -> None:
        """Show those that wait first."""
        staff = await self.staff()
        found = await self.run(requests.all_requests, self.site)
        self.show("requests.html", staff, found=found)


class Refuse(Page):
    """Close a request without doing it."""

    @authenticated
    async def post(self, number: str) -> None:
        """With a reason that she sees."""
        staff = await self.staff()
        reason = self.get_body_argument("reason", "")
        await self.run(requests.refuse, self.site, int(number), reason, staff.username)
        self.redirect(f"{self.prefix}privacy/requests?done=saved")


ROUTES = [
    (r"privacy", Mine),
    (r"privacy/requests", Requests),
    (r"privacy/requests/([0-9]{1,9})/refuse", Refuse),
]
