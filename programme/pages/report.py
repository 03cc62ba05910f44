"""The funder's report as a page for staff, for any period, with its PDF and its workbook."""

from __future__ import annotations

from datetime import date

from tornado.web import HTTPError, authenticated

from programme import export
from programme.pages.base import Page
from programme.report import Period, ReportError, document, figures, render
from programme.store import RefusedError

DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"


class Report(Page):
    """The page. Without a period it shows this year and the one before."""

    @authenticated
    async def get(self) -> None:
        """Count and show."""
        staff = await self.staff()
        today = self.today()
        first = self._query("from") or f"{today.year - 1}-01-01"
        period = _period(first, self._query("to") or today.isoformat())
        counted = await self.run(figures.read, self.site, period)
        made = await self.run(document.write, counted, self.language)
        self.show("report.html", staff, report=made, period=period, drawn=render.drawn)


class File(Page):
    """The same to take away."""

    @authenticated
    async def get(self, first: str, last: str, kind: str) -> None:
        """Send the PDF or the workbook, in the page's language."""
        await self.staff()
        period = _period(first, last)
        content = await self.run(self._make, period, kind)
        self.set_header("Content-Type", export.XLSX_TYPE if kind == "xlsx" else "application/pdf")
        name = f"report-{period.first}-{period.last}-{self.language}.{kind}"
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)

    def _make(self, period: Period, kind: str) -> bytes:
        counted = figures.read(self.site, period)
        if kind == "pdf":
            return render.as_pdf(document.write(counted, self.language), counted)
        return export.xlsx_bytes(render.tables(counted, self.language))


def _period(first: str, last: str) -> Period:
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise HTTPError(400) from error
    except ReportError as error:
        raise RefusedError(str(error)) from error


ROUTES = [
    (r"report", Report),
    (rf"report/{DAY}/{DAY}\.(pdf|xlsx)", File),
]
