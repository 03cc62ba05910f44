"""After graduation: mentors, the chain; and finding somebody among all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from tornado.web import HTTPError, authenticated

from programme import chain, clubs, mentors, search
from programme.matching import LANGUAGES, MEETS, SIDES, Side
from programme.messages import message
from programme.pages.base import USERNAME, Page
from programme.people import province_names
from programme.store import RefusedError


class Mentoring(Page):
    """A girl's own wish, her consent, and her pairs."""

    @authenticated
    async def get(self) -> None:
        """Show it to anybody of the programme."""
        asking = await self.viewer()
        if not (asking.learns or asking.teaches):
            raise HTTPError(403)
        name = asking.username
        self.show(
            "mentoring.html",
            asking,
            wish=await self.run(mentors.wish_of, self.site, name),
            pairs=await self.run(mentors.pairs, self.site, name),
            minor=await self.run(mentors.is_minor, self.site, name, self.today()),
            graduate=await self.run(clubs.may_propose, self.site, name),
            sides=SIDES,
            languages=LANGUAGES,
            meets=MEETS,
            most=mentors.MOST_PLACES,
        )

    @authenticated
    async def post(self) -> None:
        """Keep the wish with the consent, or take it back."""
        asking = await self.viewer()
        if not (asking.learns or asking.teaches):
            raise HTTPError(403)
        if "take_back" in self.request.body_arguments:
            await self.run(mentors.take_back, self.site, asking.username, datetime.now(UTC))
            self.redirect(f"{self.prefix}mentoring?done=ended")
            return
        await self.run(self._offer, asking.username, asking.name)
        self.redirect(f"{self.prefix}mentoring?done=saved")

    def _offer(self, username: str, name: str) -> None:
        field = self.get_body_argument
        minor = mentors.is_minor(self.site, username, self.today())
        agreed = field("agreed", "") == "yes"
        by = field("guardian", "")[:120] if minor else name
        wording = message(f"mentor.consent.{'guardian' if minor else 'self'}")
        mentors.offer(
            self.site, username, cast(Side, field("side", "")), field("language", ""),
            field("meets", ""), self.whole("places", "1"),
            by if agreed else "", wording.in_language(self.language), datetime.now(UTC),
        )  # fmt: skip


class Mentors(Page):
    """Pairs that fit, for staff to make; and those that are."""

    @authenticated
    async def get(self) -> None:
        """Show both."""
        asking = await self.staff()
        proposed = await self.run(mentors.proposals, self.site)
        pairs = await self.run(mentors.pairs, self.site)
        self.show("mentors.html", asking, proposed=proposed, pairs=pairs[:200])

    @authenticated
    async def post(self) -> None:
        """Make one pair."""
        asking = await self.staff()
        names = [self.get_body_argument(side, "") for side in SIDES]
        await self.run(
            mentors.confirm, self.site, names[0], names[1], asking.username, self.today()
        )
        self.redirect(f"{self.prefix}mentors?done=saved")


class ChainPage(Page):
    """The chain through one person, for staff and herself."""

    @authenticated
    async def get(self, username: str) -> None:
        """Show who taught her, and whom she taught."""
        asking = await self.viewer()
        if not asking.staff and asking.username != username:
            raise HTTPError(403)
        try:
            found = await self.run(chain.read_chain, self.site, username)
        except RefusedError as error:
            raise HTTPError(404) from error
        self.show("chain.html", asking, chain=found)


class Chains(Page):
    """How far all chains reach, for staff."""

    @authenticated
    async def get(self) -> None:
        """Count them, over everybody."""
        asking = await self.staff()
        self.show("chains.html", asking, totals=await self.run(chain.totals, self.site))


class Search(Page):
    """Somebody by name or phone, among everybody, for staff."""

    @authenticated
    async def get(self) -> None:
        """Show the form, and who was found."""
        asking = await self.staff()
        asked = self._query("q")[:100]
        found = await self.run(search.search, self.site, asked) if asked else []
        self.show(
            "search.html", asking, asked=asked, found=found, most=search.MOST,
            provinces=province_names(),
        )  # fmt: skip


ROUTES = [
    (r"mentoring", Mentoring),
    (r"mentors", Mentors),
    (r"chain", Chains),
    (rf"chain/{USERNAME}", ChainPage),
    (r"search", Search),
]
