"""Admitting, for staff: places, readers, lists in and out, the selection, accounts and letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from tornado.web import HTTPError, authenticated

from programme import export
from programme.admitting import admit, exporting, importing, overview, places, reading
from programme.applying import programme_names
from programme.pages.access import Viewer
from programme.pages.base import COHORT, Page
from programme.people import province_names
from programme.roster import MODES
from programme.spreadsheet import SpreadsheetError
from programme.store import RefusedError

T = TypeVar("T")
A_PAGE = 100


class Opened(Protocol):
    """What making accounts gives back: who was invited just now, and her letter."""

    @property
    def letters(self) -> Sized:
        """One for each who was invited."""

    @property
    def pdf(self) -> bytes:
        """All letters, empty when there is none."""


OpenAccounts = Callable[..., Opened]  # (site, programme, address, on, at, again=…)


class Admission(Page):
    """A page of one programme, for staff."""

    async def of(self, programme: str) -> Viewer:
        """Who asks, if she is staff; raises 403, or 404 for an unknown programme."""
        asking = await self.staff()
        if programme not in await self.run(programme_names, self.site):
            raise HTTPError(404)
        return asking

    def back(self, programme: str, part: str = "", **said: object) -> None:
        """Go on to a page of the programme that says what was done."""
        query = urlencode({name: value for name, value in said.items() if value is not None})
        self.redirect(f"{self.prefix}admission/{programme}{part}?{query}")

    def paged(self, items: Sequence[T]) -> tuple[Sequence[T], int, int]:
        """The part of a long list that was asked for, which page it is, and of how many."""
        pages = max(1, -(-len(items) // A_PAGE))
        number = min(max(1, self._number("page")), pages)
        return items[(number - 1) * A_PAGE : number * A_PAGE], number, pages


class Calls(Page):
    """All programmes that were or can be applied for."""

    @authenticated
    async def get(self) -> None:
        """List them with how many are in which state."""
        asking = await self.staff()
        self.show("admission_calls.html", asking, calls=await self.run(overview.calls, self.site))


class Overview(Admission):
    """One programme: what is done, what is next, and the forms for it."""

    @authenticated
    async def get(self, programme: str) -> None:
        """Show it."""
        asking = await self.of(programme)
        calls = await self.run(overview.calls, self.site)
        self.show(
            "admission.html",
            asking,
            call=next(one for one in calls if one.name == programme),
            groups=await self.run(places.list_groups, self.site, programme),
            state=await self.run(reading.reading_state, self.site, programme),
            shown=await self.run(admit.preview, self.site, programme),
            cohorts=self.site.cohort_names(),
            modes=MODES,
        )


class Form(Admission):
    """The small forms of the overview: a group, a reader, taking an application back."""

    @authenticated
    async def post(self, programme: str, action: str) -> None:
        """Do what the form says, in the name of who sent it."""
        asking = await self.of(programme)
        field = self.get_body_argument
        now, part = datetime.now(UTC), ""
        if action == "group":
            await self.run(self._group, programme)
        elif action == "reader":
            await self.run(
                reading.name_reader, self.site, programme, field("username", ""),
                asking.username, now,
            )  # fmt: skip
        elif action == "drop-reader":
            await self.run(reading.drop_reader, self.site, programme, field("username", ""))
        else:
            number, part = self.whole("number"), "/list"
            await self.run(
                admit.withdraw, self.site, programme, number, asking.username,
                field("reason", ""), now,
            )  # fmt: skip
        self.back(programme, part, done="saved")

    def _group(self, programme: str) -> None:
        field = self.get_body_argument
        provinces = {part.zfill(2) for part in field("provinces", "").replace(",", " ").split()}
        places.set_group(
            self.site, programme, field("cohort", ""), field("name", ""), field("mode", ""),
            self.whole("places"), field("place", ""), provinces,
        )  # fmt: skip


class Selection(Admission):
    """What the rules would decide, before it is decided; no names."""

    @authenticated
    async def get(self, programme: str) -> None:
        """Show every application's outcome with its reasons."""
        asking = await self.of(programme)
        shown = await self.run(admit.preview, self.site, programme)
        lines, page, pages = self.paged(shown.lines)
        self.show(
            "selection.html", asking, programme=programme, shown=shown, lines=lines, page=page,
            pages=pages, provinces=province_names(),
        )  # fmt: skip

    @authenticated
    async def post(self, programme: str) -> None:
        """Decide what was shown."""
        asking = await self.of(programme)
        digest = self.get_body_argument("digest", "")
        now = datetime.now(UTC)
        made = await self.run(admit.confirm, self.site, programme, digest, asking.username, now)
        self.back(programme, "/list", done="admitted", count=made.totals["accepted"])


class Decided(Admission):
    """Everybody about whom something is decided, with her name, so that she can be called."""

    @authenticated
    async def get(self, programme: str) -> None:
        """List them: accepted, waiting, declined, taken back."""
        asking = await self.of(programme)
        people, page, pages = self.paged(await self.run(admit.decided, self.site, programme))
        self.show(
            "decided.html", asking, programme=programme, people=people, page=page, pages=pages,
            provinces=province_names(), waiting_place=admit.waiting_place,
        )  # fmt: skip


class Import(Admission):
    """A list of applications from a spreadsheet."""

    @authenticated
    async def post(self, programme: str) -> None:
        """Take all of it, or show every row that needs a look."""
        asking = await self.of(programme)
        sent = self.request.files.get("list", [])
        if not sent or not sent[0]["body"]:
            raise RefusedError("There is no file. Choose one, and send it again.")
        bad: Sequence[importing.BadCell] = ()
        said = ""
        try:
            done = await self.run(
                importing.import_applications, self.site, programme, sent[0]["body"],
                datetime.now(UTC),
            )  # fmt: skip
        except importing.ImportRefusedError as error:
            bad = error.bad
        except SpreadsheetError as error:
            said = error.text.in_language(self.language)
        else:
            self.back(programme, done="imported", count=done.new, number=done.known)
            return
        self.set_status(400)
        self.show(
            "not_imported.html", asking, programme=programme, why=said,
            bad=bad[: importing.MOST_SHOWN], more=max(0, len(bad) - importing.MOST_SHOWN),
        )  # fmt: skip


class Export(Admission):
    """All applications of a programme, to take away."""

    @authenticated
    async def get(self, programme: str, kind: str) -> None:
        """Send them as CSV or XLSX."""
        await self.of(programme)
        table = await self.run(exporting.applications_table, self.site, programme)
        self.set_header(
            "Content-Disposition", f'attachment; filename="{programme}-applications.{kind}"'
        )
        if kind == "csv":
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            for chunk in export.csv_chunks(table):
                self.write(chunk)
        else:
            self.set_header("Content-Type", export.XLSX_TYPE)
            self.write(await self.run(export.xlsx_bytes, [table]))


class Accounts(Admission):
    """One click from accepted to invited."""

    @authenticated
    async def post(self, programme: str) -> None:
        """Make people, groups and accounts, and send the letters; may be pressed again."""
        await self.of(programme)
        make: OpenAccounts | None = self.application.settings.get("open_accounts")
        if make is None:
            raise RefusedError("Accounts are not made on this page: use `soc admission accounts`.")
        made = await self.run(
            make, self.site, programme, self._address(), self.today(), datetime.now(UTC),
            again=self.get_body_argument("again", "") == "yes",
        )  # fmt: skip
        if not made.pdf:
            self.back(programme, done="accounts")
            return
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{programme}-letters.pdf"')
        self.finish(made.pdf)

    def _address(self) -> str:
        """Where the hub is reached: as it was set, or as this page was."""
        base = str(self.application.settings["base_url"]).rstrip("/")
        here = f"{self.request.protocol}://{self.request.host}"
        return (self.site.public_url or here) + base


ROUTES: list[tuple[str, Any]] = [
    (r"admission", Calls),
    (rf"admission/{COHORT}", Overview),
    (rf"admission/{COHORT}/(group|reader|drop-reader|withdraw)", Form),
    (rf"admission/{COHORT}/selection", Selection),
    (rf"admission/{COHORT}/list", Decided),
    (rf"admission/{COHORT}/import", Import),
    (rf"admission/{COHORT}/applications\.(csv|xlsx)", Export),
    (rf"admission/{COHORT}/accounts", Accounts),
]
