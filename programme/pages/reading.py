"""Reading applications on a phone: the next one, its criteria, and not whose it is."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from tornado.web import HTTPError, authenticated

from programme.admitting import reading
from programme.applying import programme_names
from programme.pages.access import Viewer
from programme.pages.base import COHORT, Page


class Reader(Page):
    """What staff and those whom staff have named may open."""

    async def reads(self, programme: str) -> Viewer:
        """Who asks, if she may read this programme's applications; raises 403 or 404."""
        asking = await self.viewer()
        named = await self.run(reading.programmes_to_read, self.site, asking.username)
        if not asking.staff and programme not in named:
            raise HTTPError(403)
        if programme not in await self.run(programme_names, self.site):
            raise HTTPError(404)
        return asking


class ToRead(Reader):
    """The programmes that she may read for."""

    @authenticated
    async def get(self) -> None:
        """List them; 403 for who is no reader."""
        asking = await self.viewer()
        named = await self.run(reading.programmes_to_read, self.site, asking.username)
        if asking.staff:
            named = await self.run(programme_names, self.site)
        elif not named:
            raise HTTPError(403)
        self.show("to_read.html", asking, programmes=named)


class Read(Reader):
    """The next application for whoever asks, and the form for her points."""

    @authenticated
    async def get(self, programme: str) -> None:
        """Show it, or that nothing is left."""
        asking = await self.reads(programme)
        sheet = await self.run(reading.next_sheet, self.site, programme, asking.username)
        self.show("read.html", asking, programme=programme, sheet=sheet)

    @authenticated
    async def post(self, programme: str) -> None:
        """Keep her points, and go on to the next."""
        asking = await self.reads(programme)
        points = {
            name.removeprefix("points-"): self.whole(name)
            for name in self.request.body_arguments
            if name.startswith("points-")
        }
        number = self.whole("number")
        now = datetime.now(UTC)
        await self.run(reading.give, self.site, programme, number, asking.username, points, now)
        done = urlencode({"done": "read", "number": number})
        self.redirect(f"{self.prefix}read/{programme}?{done}")


ROUTES = [(r"read", ToRead), (rf"read/{COHORT}", Read)]
