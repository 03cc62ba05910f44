"""Deciding again, after what would change was looked at; and appeals, from her to the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from tornado.web import HTTPError, authenticated

from programme import appeals, decisions
from programme.appeals import Verdict
from programme.pages.base import COHORT, Page
from programme.roster import enrolled


class Decide(Page):
    """What the rules say today, beside what is kept: first shown, then confirmed."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Show who would be decided about anew, and every difference."""
        asking = await self.runs(cohort)
        changes = await self.run(
            decisions.decide_all, self.site, cohort, author=asking.username, today=self.today(),
            dry_run=True,
        )  # fmt: skip
        students = await self.run(enrolled, self.site, cohort)
        held = await self.run(decisions.standing, self.site, cohort)
        self.show(
            "decide.html",
            asking,
            cohort=cohort,
            changes=changes,
            names={one.person.username: one.person.name for one in students},
            by_hand={name for name, standing in held.items() if standing.override},
            seen=decisions.fingerprint(changes),
        )

    @authenticated
    async def post(self, cohort: str) -> None:
        """Keep what was looked at; when it is something else by now, nothing is written."""
        asking = await self.runs(cohort)
        here = f"{self.prefix}cohort/{cohort}"
        seen = self.get_body_argument("seen", "")
        if not seen:
            self.redirect(f"{here}/decide")
            return
        changes = await self.run(
            decisions.decide_all, self.site, cohort, author=asking.username, today=self.today(),
            seen=seen,
        )  # fmt: skip
        self.redirect(f"{here}?done=decided&count={len(changes)}")


class MyAppeal(Page):
    """A student's appeal against what is decided about her."""

    @authenticated
    async def post(self, cohort: str) -> None:
        """Write it down, in her own words."""
        asking = await self.viewer()
        if cohort not in asking.learns:
            raise HTTPError(403)
        words = self.get_body_argument("words", "")
        now = datetime.now(UTC)
        await self.run(appeals.appeal, self.site, cohort, asking.username, words, now)
        self.redirect(f"{self.prefix}me/{cohort}?done=appealed")


class Appeals(Page):
    """What waits for an answer, of all cohorts."""

    @authenticated
    async def get(self) -> None:
        """Show it to staff."""
        asking = await self.staff()
        waiting = await self.run(appeals.waiting, self.site)
        self.show("appeals.html", asking, waiting=waiting, verdicts=appeals.VERDICTS)


class Answer(Page):
    """The answer to one appeal."""

    @authenticated
    async def post(self, number: str) -> None:
        """Write it down, for good; and go on to her page, where a decision may follow."""
        asking = await self.staff()
        verdict = cast(Verdict, self.get_body_argument("verdict", ""))
        words = self.get_body_argument("answer", "")
        known = await self.run(
            appeals.answer, self.site, int(number), verdict, words, asking.username,
            datetime.now(UTC),
        )  # fmt: skip
        self.redirect(f"{self.prefix}cohort/{known.cohort}/student/{known.username}?done=answered")


ROUTES = [
    (rf"cohort/{COHORT}/decide", Decide),
    (rf"me/{COHORT}/appeal", MyAppeal),
    (r"appeals", Appeals),
    (r"appeals/([0-9]{1,9})", Answer),
]
