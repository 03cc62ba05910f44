"""Attendance: in class on a phone, from what the hub saw, from paper, and sessions held again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, cast

from tornado.web import HTTPError, authenticated

from programme import attendance, catch_up, online, paper
from programme.attendance import Sheet, Source
from programme.pages.base import COHORT, Page
from programme.record import Mark
from programme.spreadsheet import BadRowsError
from programme.store import RefusedError
from programme.written import parse_date

IN_CLASS: tuple[Mark, ...] = ("present", "absent", "excused")
SESSION = rf"cohort/{COHORT}/session/([0-9]{{1,2}})"


class SessionPage(Page):
    """One session: everybody is taken as here until a tap says otherwise."""

    source: ClassVar[Source] = "class"

    @authenticated
    async def get(self, cohort: str, number: str) -> None:
        """Show the form with the marks as they are; nothing is written before it is saved."""
        asking = await self.runs(cohort)
        sheet = await self._sheet(cohort, number)
        self.show(
            "session.html",
            asking,
            sheet=sheet,
            here=self._here(cohort, number),
            unmarked=all(line.mark is None for line in sheet.lines),
            marks=IN_CLASS,
            missed=catch_up.missed(sheet),
            counts={mark: _named(sheet, mark) for mark in (*IN_CLASS, "caught_up")},
            today=self.today(),
        )

    @authenticated
    async def post(self, cohort: str, number: str) -> None:
        """Save what was tapped. The same form sent again changes nothing more."""
        asking = await self.runs(cohort)
        marks = self._marks()
        seen = self.get_body_argument("seen", "") or None
        await self.run(
            attendance.mark, self.site, cohort, int(number), marks, asking.username,
            datetime.now(UTC), source=self.source, seen=seen,
        )  # fmt: skip
        self._done(cohort, number, "marked", len(marks))

    async def _sheet(self, cohort: str, number: str) -> Sheet:
        try:
            return await self.run(attendance.read_sheet, self.site, cohort, int(number))
        except RefusedError as error:
            raise HTTPError(404) from error

    def _marks(self) -> dict[str, Mark]:
        return {
            name.removeprefix("mark-"): cast(Mark, self.get_body_argument(name))
            for name in self.request.body_arguments
            if name.startswith("mark-") and self.get_body_argument(name)
        }

    def _here(self, cohort: str, number: str) -> str:
        return f"{self.prefix}cohort/{cohort}/session/{int(number)}"

    def _done(self, cohort: str, number: str, done: str, count: int = 0) -> None:
        here = self._here(cohort, number)
        self.redirect(f"{here}?done={done}&number={int(number)}&count={count}")


class CatchUp(SessionPage):
    """The session held again: when, and who came."""

    @authenticated
    async def get(self, cohort: str, number: str) -> None:
        """It is a part of the session's page."""
        await self.runs(cohort)
        self.redirect(self._here(cohort, number))

    @authenticated
    async def post(self, cohort: str, number: str) -> None:
        """Plan it for a day, or mark those who came."""
        asking = await self.runs(cohort)
        if "held_on" in self.request.body_arguments:
            day = parse_date(self.get_body_argument("held_on"))
            if day is None:
                raise RefusedError("that is no date: write 2026-03-09 or 9/3/2026")
            await self.run(catch_up.plan, self.site, cohort, int(number), day)
            self._done(cohort, number, "planned")
        else:
            came = self.get_body_arguments("came")
            count = await self.run(
                catch_up.mark_caught_up, self.site, cohort, int(number), came, asking.username,
                datetime.now(UTC),
            )  # fmt: skip
            self._done(cohort, number, "caught_up", count)


class Online(SessionPage):
    """What the hub saw of an online session: proposed, and written when somebody confirms."""

    source: ClassVar[Source] = "online"

    @authenticated
    async def get(self, cohort: str, number: str) -> None:
        """Show for each student how long she was seen, and the mark that follows by the rule."""
        asking = await self.runs(cohort)
        sheet = await self._sheet(cohort, number)
        found = await self.run(online.proposals, self.site, cohort, int(number))
        here = f"{self._here(cohort, number)}/online"
        self.show("online.html", asking, sheet=sheet, here=here, proposals=found, marks=IN_CLASS)


class Paper(Page):
    """A sheet to print and to mark by pen, and the way back from a spreadsheet."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Show the sheet, made for printing."""
        asking = await self.runs(cohort)
        made = await self.run(paper.read_paper, self.site, cohort, self.today())
        self.show("paper.html", asking, paper=made, bad=[], marks=paper.LETTERS)

    @authenticated
    async def post(self, cohort: str) -> None:
        """Take over a file of marks, all of it or nothing; every bad row is named."""
        asking = await self.runs(cohort)
        files = self.request.files.get("table")
        if not files:
            raise RefusedError("choose a file first: CSV or XLSX")
        name, body = str(files[0]["filename"]), bytes(files[0]["body"])
        try:
            count = await self.run(
                paper.import_marks, self.site, cohort, name, body, asking.username,
                datetime.now(UTC),
            )  # fmt: skip
        except BadRowsError as error:
            self.set_status(400)
            made = await self.run(paper.read_paper, self.site, cohort, self.today())
            self.show("paper.html", asking, paper=made, bad=error.bad_rows, marks=paper.LETTERS)
            return
        self.redirect(f"{self.prefix}cohort/{cohort}/paper?done=marks_imported&count={count}")


class PaperFile(Page):
    """The same sheet as a file: PDF to print, XLSX or CSV to fill in."""

    @authenticated
    async def get(self, cohort: str, kind: str) -> None:
        """Send it."""
        await self.runs(cohort)
        made = await self.run(paper.read_paper, self.site, cohort, self.today())
        content = await self.run(paper.as_file, made, kind, self.language, _now())
        self.set_header("Content-Type", paper.CONTENT_TYPES[kind])
        self.set_header("Content-Disposition", f'attachment; filename="{cohort}-attendance.{kind}"')
        self.finish(content)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)  # finer than a PDF's own date


def _named(sheet: Sheet, mark: str) -> list[str]:
    return [line.person.name_latin for line in sheet.lines if line.mark == mark]


ROUTES = [
    (SESSION, SessionPage),
    (rf"{SESSION}/catch-up", CatchUp),
    (rf"{SESSION}/online", Online),
    (rf"cohort/{COHORT}/paper", Paper),
    (rf"cohort/{COHORT}/paper\.(pdf|xlsx|csv)", PaperFile),
]
