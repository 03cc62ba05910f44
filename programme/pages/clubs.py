"""Clubs: a graduate's proposal, staff's answer, and the leader's page with its kit."""

from __future__ import annotations

from datetime import UTC, datetime

from tornado.web import HTTPError, authenticated

from programme import clubs, kit
from programme.applying import FormError
from programme.clubs import Club
from programme.course import Both
from programme.pages.access import Viewer
from programme.pages.base import COHORT, Page
from programme.people import province_names
from programme.roster import MODES
from programme.store import RefusedError
from programme.written import parse_date


class Propose(Page):
    """The form for a graduate, and what became of her proposals."""

    @authenticated
    async def get(self) -> None:
        """Show it."""
        await self._form(await self._graduate(), {}, {})

    @authenticated
    async def post(self) -> None:
        """Write the proposal down; a field that is not right says why."""
        asking = await self._graduate()
        fields = {name: self.get_body_argument(name, "") for name in clubs.FIELDS}
        try:
            await self.run(clubs.propose, self.site, asking.username, fields, datetime.now(UTC))
        except FormError as error:
            self.set_status(400)
            return await self._form(asking, fields, error.problems)
        self.redirect(f"{self.prefix}clubs/new?done=proposed")
        return None

    async def _graduate(self) -> Viewer:
        asking = await self.viewer()
        if not await self.run(clubs.may_propose, self.site, asking.username):
            raise HTTPError(403)
        return asking

    async def _form(
        self, asking: Viewer, fields: dict[str, str], problems: dict[str, Both]
    ) -> None:
        self.show(
            "club_new.html",
            asking,
            mine=await self.run(clubs.led_by, self.site, asking.username),
            years=await self.run(clubs.open_years, self.site, self.today()),
            fields=fields,
            problems=problems,
            provinces=province_names(),
            modes=MODES,
        )


class Clubs(Page):
    """All clubs, for staff: what waits for an answer first."""

    @authenticated
    async def get(self) -> None:
        """Show what waits and the newest that run, of one province if it is asked for."""
        asking = await self.staff()
        province = self._query("province")
        waiting = await self.run(clubs.listed, self.site, "proposed", province)
        running = await self.run(clubs.listed, self.site, "approved", province)
        self.show(
            "clubs.html", asking, waiting=waiting, running=running, province=province,
            provinces=province_names(),
        )  # fmt: skip


class ClubPage(Page):
    """One club, for its leader and staff."""

    @authenticated
    async def get(self, name: str) -> None:
        """Show its plan, its safeguarding adult, its kit and the way to its desk."""
        asking, club = await self._seen(name)
        self.show(
            "club.html",
            asking,
            club=club,
            kit=await self.run(kit.read_kit, self.site, name),
            desk=club.cohort is not None and club.cohort in self.site.cohort_names(),
            provinces=province_names(),
            today=self.today(),
        )

    async def _seen(self, name: str) -> tuple[Viewer, Club]:
        """Who asks and the club, if it is hers to see; a stranger learns nothing of a name."""
        asking = await self.viewer()
        try:
            club = await self.run(clubs.find, self.site, name)
        except RefusedError as error:
            raise HTTPError(404 if asking.staff else 403) from error
        if not asking.staff and club.leader != asking.username:
            raise HTTPError(403)
        return asking, club


class Answer(Page):
    """What staff decide about a club, and write down of its kit."""

    @authenticated
    async def post(self, name: str, action: str) -> None:
        """Approve, refuse or close; or write the kit down."""
        asking = await self.staff()
        await self.run(self._do, name, action, asking.username)
        self.redirect(f"{self.prefix}club/{name}?done=saved")

    def _do(self, name: str, action: str, by: str) -> None:
        field, now = self.get_body_argument, datetime.now(UTC)
        if action == "approve":
            day = parse_date(field("starts_on", ""))
            if day is None:
                raise RefusedError("that is no date: write 2026-03-09 or 9/3/2026")
            clubs.approve(self.site, name, day, by, now)
        elif action == "refuse":
            clubs.refuse(self.site, name, field("reason", "")[:1000], by, now)
        elif action == "close":
            clubs.close(self.site, name, field("reason", "")[:1000], by, now)
        else:
            count, returned = (self.whole(what) for what in ("count", "returned"))
            kit.set_kit(self.site, name, field("item", ""), count, returned, self.today())


ROUTES = [
    (r"clubs", Clubs),
    (r"clubs/new", Propose),
    (rf"club/{COHORT}", ClubPage),
    (rf"club/{COHORT}/(approve|refuse|close|kit)", Answer),
]
