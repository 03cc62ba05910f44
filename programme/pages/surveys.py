"""A survey on the phone: asked once, kept without her name; and what all answered, for staff."""

from __future__ import annotations

from datetime import date

from tornado.web import HTTPError, authenticated

from programme.pages.base import Page
from programme.reason import percent
from programme.store import RefusedError, reading
from programme.surveys import asking, plan, results

SURVEY = r"([a-z][a-z0-9-]{1,60})"


class Mine(Page):
    """The surveys that are open for her."""

    @authenticated
    async def get(self) -> None:
        """List them; straight on when there is one that waits."""
        found = await self.open_for_her()
        waiting = [survey for survey, answered in found if not answered]
        if len(waiting) == 1 and self._query("done") == "":
            self.redirect(f"{self.prefix}survey/{waiting[0].name}")
            return
        self.show("surveys.html", await self.viewer(), found=found)

    async def open_for_her(self) -> list[tuple[asking.Survey, bool]]:
        """Each open survey of hers, and whether she has answered; only students have any."""
        her = await self.viewer()
        if not her.learns:
            raise HTTPError(403)
        return await self.run(asking.for_student, self.site, her.username, self.today())


class Answer(Mine):
    """One survey as a form."""

    @authenticated
    async def get(self, name: str) -> None:
        """Show the form, or thanks when she has answered it."""
        survey, answered = await self._survey(name)
        self.show("survey.html", await self.viewer(), survey=survey, answered=answered)

    @authenticated
    async def post(self, name: str) -> None:
        """Keep the sheet, if she agrees."""
        survey, _ = await self._survey(name)
        if self.get_body_argument("consent", "") != "yes":
            raise RefusedError(self.say("survey.consent_missing"))
        answers = {
            one.id: self.get_body_argument(f"answer-{one.id}", "") for one in survey.questions
        }
        her = await self.viewer()
        await self.run(asking.answer, self.site, her.username, name, answers, self.today())
        self.redirect(f"{self.prefix}surveys?done=saved")

    async def _survey(self, name: str) -> tuple[asking.Survey, bool]:
        for survey, answered in await self.open_for_her():
            if survey.name == name:
                return survey, answered
        raise HTTPError(403)  # whether there is such a survey or not


class Results(Page):
    """What all answered, of every survey that may be shown."""

    @authenticated
    async def get(self) -> None:
        """Show the counts and the change over time."""
        staff = await self.staff()
        found = await self.run(self._results)
        self.show(
            "survey_results.html",
            staff,
            found=found,
            changes=results.changes(found),
            percent=percent,
        )

    def _results(self) -> list[results.Result]:
        days = plan.read(self.site.course).counting_days
        with reading(self.site) as connection:
            return results.results(connection, self.today(), days, date.min, date.max)


ROUTES = [
    (r"surveys", Mine),
    (r"surveys/results", Results),
    (rf"survey/{SURVEY}", Answer),
]
