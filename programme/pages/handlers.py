"""The pages and what their forms do. Each checks first who asks."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from tornado.web import HTTPError, authenticated

from programme import appeals, clubs, contacts, decisions, export, mentoring, roster
from programme.admitting.reading import programmes_to_read
from programme.board import Board, Row, read_board
from programme.graduation import Outcome
from programme.pages import views
from programme.pages.base import Page
from programme.surveys import asking as surveys

CHUNK_BYTES = 64 * 1024
MOST_COHORTS = 60


class Start(Page):
    """The cohorts of whoever asks; straight on when there is one."""

    @authenticated
    async def get(self) -> None:
        """Show what is hers, or go to the only page there is for her."""
        asking = await self.viewer()
        known = await self.run(self.site.cohort_names)
        runs = [name for name in known if asking.may_run(name)]
        if len(runs) > MOST_COHORTS:  # a page of thousands helps nobody: clubs have their own
            there = set(runs)
            rows = await self.run(roster.known_cohorts, self.site)
            runs = [row.name for row in rows if row.kind != "club" and row.name in there]
            runs = runs[:MOST_COHORTS]
        learns = [name for name in known if name in asking.learns]
        reads = await self.run(programmes_to_read, self.site, asking.username)
        if len(runs) + len(learns) == 1 and not reads:
            self.redirect(
                f"{self.prefix}cohort/{runs[0]}" if runs else f"{self.prefix}me/{learns[0]}"
            )
            return
        self.show("cohorts.html", asking, runs=runs, learns=learns, reads=asking.staff or reads)


class Me(Page):
    """A student's own progress."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Show it to herself; everybody else gets 403."""
        asking = await self.viewer()
        if cohort not in asking.learns:
            raise HTTPError(403)
        board = await self.run(read_board, self.site, cohort, self.today())
        row = _row(board, asking.username)
        written = await self.run(appeals.of_student, self.site, cohort, asking.username)
        open_now = await self.run(surveys.for_student, self.site, asking.username, self.today())
        self.show(
            "me.html",
            asking,
            row=row,
            course=board.course,
            points=views.points,
            appeals=written[::-1],
            surveys=[one for one, answered in open_now if not answered],
            may_propose=await self.run(clubs.may_propose, self.site, asking.username),
            may_appeal=row.standing is not None and all(one.verdict for one in written),
        )


class BoardPage(Page):
    """A cohort at a glance."""

    @authenticated
    async def get(self, cohort: str) -> None:
        """Show the board, those who need somebody first."""
        asking = await self.runs(cohort)
        board = await self.run(read_board, self.site, cohort, self.today())
        led = await self.run(clubs.led_by, self.site, asking.username)
        self.show(
            "board.html",
            asking,
            board=board,
            leads=any(club.cohort == cohort for club in led),
            rows=views.by_need(board.rows),
            totals=views.totals(board.rows),
            sessions=views.session_lines(board)[::-1],
            active=sum(row.progress.withdrawn_on is None for row in board.rows),
            attended=views.attended,
            missing=lambda progress: len(views.missing(progress, board.today)),
            week_cells=lambda progress: views.week_cells(progress, board.course, board.today),
        )


class StudentPage(Page):
    """One student, for those who run her cohort."""

    @authenticated
    async def get(self, cohort: str, username: str) -> None:
        """Show her progress, calls, lessons, and everything that was decided."""
        asking = await self.runs(cohort)
        board = await self.run(read_board, self.site, cohort, self.today())
        row = _row(board, username)
        history = await self.run(decisions.history, self.site, cohort, username)
        written = await self.run(appeals.of_student, self.site, cohort, username)
        numbers = await self.run(contacts.contacts, self.site, username)
        self.show(
            "student.html",
            asking,
            row=row,
            course=board.course,
            history=history[::-1],
            points=views.points,
            appeals=written[::-1],
            contacts=numbers,
        )


class StudentForm(Page):
    """The forms on a student's page: call, lesson, override, lift."""

    @authenticated
    async def post(self, cohort: str, username: str, action: str) -> None:
        """Do what the form says, in the name of who sent it."""
        asking = await self.runs(cohort)
        await self.run(self._do, action, cohort, username, asking.username)
        self.redirect(_done(f"{self.prefix}cohort/{cohort}/student/{username}", done="saved"))

    def _do(self, action: str, cohort: str, username: str, by: str) -> None:
        field = self.get_body_argument
        now = datetime.now(UTC)
        if action == "call":
            mentoring.log_call(self.site, username, cohort, by, field("note", "")[:1000], now)
        elif action == "lesson":
            number, score = (self.whole(name) for name in ("number", "score"))
            mentoring.record_observation(
                self.site, username, cohort, number, score, by, self.today()
            )
        elif action == "override":
            outcome = cast(Outcome, field("outcome", ""))
            reason = field("reason", "")[:1000]
            decisions.override(self.site, cohort, username, outcome, reason, by, now)
        else:
            decisions.lift(self.site, cohort, username, field("reason", "")[:1000], by, now)


class Export(Page):
    """A table to take away, sent piece by piece."""

    @authenticated
    async def get(self, cohort: str, name: str, kind: str) -> None:
        """Send one table as CSV, or all of them as XLSX."""
        await self.runs(cohort)
        board = await self.run(read_board, self.site, cohort, self.today())
        made = export.tables(board, self.language)
        if kind == "xlsx" and name == cohort:
            await self._send_xlsx(list(made.values()), f"{cohort}.xlsx")
        elif kind == "csv" and name in made:
            self._attach(f"{cohort}-{name}.csv", "text/csv; charset=utf-8")
            for chunk in export.csv_chunks(made[name]):
                self.write(chunk)
                await self.flush()
        else:
            raise HTTPError(404)

    async def _send_xlsx(self, tables: list[export.Table], name: str) -> None:
        with tempfile.TemporaryDirectory(prefix="soc-export-") as folder:
            file = Path(folder) / name
            await self.run(export.write_xlsx, tables, file)
            self._attach(name, export.XLSX_TYPE)
            with file.open("rb") as made:
                while chunk := made.read(CHUNK_BYTES):
                    self.write(chunk)
                    await self.flush()

    def _attach(self, name: str, content_type: str) -> None:
        self.set_header("Content-Type", content_type)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')


class Nothing(Page):
    """Whatever else is asked for."""

    async def prepare(self) -> None:  # type: ignore[override]
        """There is no such page."""
        raise HTTPError(404)


def _row(board: Board, username: str) -> Row:
    for row in board.rows:
        if row.progress.person.username == username:
            return row
    raise HTTPError(404)


def _done(path: str, **fields: object) -> str:
    return f"{path}?{urlencode(fields)}"
