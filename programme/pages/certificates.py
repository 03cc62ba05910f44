"""A cohort's certificates: seen by who runs it, given and taken back by staff, printed by each."""

from __future__ import annotations

from datetime import UTC, datetime

from tornado.web import HTTPError, authenticated

from programme import roster
from programme.certificates import CertificateError, issuing, sheet
from programme.pages.base import COHORT, Page
from programme.store import RefusedError

NUMBER = r"([A-Z0-9-]{4,20})"


class Certificates(Page):
    """The list, and the button that gives one to each graduate who has none."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Show all of them, those that were taken back too."""
        asking = await self.runs(cohort)
        given = await self.run(issuing.of_cohort, self.site, cohort)
        seats = await self.run(roster.enrolled, self.site, cohort)
        names = {seat.person.username: seat.person.name_latin for seat in seats}
        self.show("certificates.html", asking, cohort=cohort, given=given, names=names)

    @authenticated
    async def post(self, cohort: str) -> None:
        """Give them, in the name of who pressed the button."""
        asking = await self.staff()
        await self.runs(cohort)
        try:
            await self.run(issuing.issue, self.site, cohort, by=asking.username, today=self.today())
        except CertificateError as error:
            raise RefusedError(str(error)) from error
        self.redirect(f"{self.prefix}cohort/{cohort}/certificates?done=saved")


class Revoke(Page):
    """Take one back."""

    @authenticated
    async def post(self, cohort: str, number: str) -> None:
        """With a reason, for good; only one of this cohort."""
        asking = await self.staff()
        given = await self.run(issuing.of_cohort, self.site, cohort)
        if number not in {one.number for one in given}:
            raise HTTPError(404)
        reason = self.get_body_argument("reason", "")
        now = datetime.now(UTC)
        await self.run(issuing.revoke, self.site, number, reason, asking.username, now)
        self.redirect(f"{self.prefix}cohort/{cohort}/certificates?done=saved")


class Sheet(Page):
    """One certificate as PDF, for who runs the cohort."""

    @authenticated
    async def get(self, cohort: str, number: str) -> None:
        """Send it; 404 for a number of another cohort."""
        await self.runs(cohort)
        given = await self.run(issuing.of_cohort, self.site, cohort)
        await self.send([one for one in given if one.number == number])

    async def send(self, chosen: list[issuing.Certificate]) -> None:
        """The one that is valid, as PDF; 404 when there is none."""
        valid = [one for one in chosen if one.revoked_at is None and one.payload]
        if not valid:
            raise HTTPError(404)
        try:
            made = await self.run(sheet.render, valid[0], self.site.public_url)
        except CertificateError as error:
            raise RefusedError(str(error)) from error
        self.set_header("Content-Type", "application/pdf")
        name = f"certificate-{valid[0].number}.pdf"
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(made)


class Mine(Sheet):
    """A student's own certificate."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Send it to herself; 404 while there is none."""
        asking = await self.viewer()
        if cohort not in asking.learns:
            raise HTTPError(403)
        given = await self.run(issuing.of_cohort, self.site, cohort)
        await self.send([one for one in given if one.username == asking.username])


ROUTES = [
    (rf"cohort/{COHORT}/certificates", Certificates),
    (rf"cohort/{COHORT}/certificates/{NUMBER}/revoke", Revoke),
    (rf"cohort/{COHORT}/certificates/{NUMBER}\.pdf", Sheet),
    (rf"me/{COHORT}/certificate\.pdf", Mine),
]
