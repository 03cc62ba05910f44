"""Verbs about who was there: attendance show, mark, online, catch-up, sheet, import, move."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from programme import attendance, catch_up, course, online, paper
from programme.attendance import Sheet
from programme.record import MARKS, Mark
from programme.site import Cohort, Site
from programme.whole_file import write_whole
from soc.output import show
from soc.verbs.options import DAY, author_option, dry_run_option, for_cohort, json_option


@click.group("attendance")
def attendance_() -> None:
    """See and set who was at a session: in class, online, on paper, caught up."""


@attendance_.command("show")
@click.argument("number", type=int)
@json_option
@for_cohort
def show_(site: Site, cohort: Cohort, number: int, as_json: bool) -> None:
    """Show the marks of session NUMBER, who set them and how."""
    sheet = attendance.read_sheet(site, cohort.name, number)
    show(_lines(sheet), title=_title(sheet), as_json=as_json)


@attendance_.command()
@click.argument("number", type=int)
@click.argument("marks", nargs=-1, metavar="[USERNAME=MARK]...")
@click.option("--rest", type=click.Choice(MARKS), help="The mark of all who have none yet.")
@author_option
@dry_run_option
@for_cohort
def mark(
    site: Site, cohort: Cohort, number: int, marks: tuple[str, ...], rest: Mark | None, by: str,
    dry_run: bool,
) -> None:  # fmt: skip
    """Set marks of session NUMBER: sokha=absent --rest present."""
    chosen: dict[str, Mark] = {}
    for one in marks:
        username, equals, value = one.partition("=")
        if not equals or value not in MARKS:
            raise click.BadParameter(f"{one!r}: write USERNAME={'|'.join(MARKS)}")
        chosen[username] = value
    if rest:
        for line in attendance.read_sheet(site, cohort.name, number).lines:
            if line.mark is None:
                chosen.setdefault(line.person.username, rest)
    count = len(chosen)
    if not dry_run:
        count = attendance.mark(site, cohort.name, number, chosen, by, datetime.now(UTC))
    click.echo(f"{count} marks {'would be set' if dry_run else 'are new or changed'}.")


@attendance_.command("online")
@click.argument("number", type=int)
@click.option("--confirm", is_flag=True, help="Write the proposed marks of those without one.")
@author_option
@json_option
@for_cohort
def online_(site: Site, cohort: Cohort, number: int, confirm: bool, by: str, as_json: bool) -> None:
    """Show what the hub saw of session NUMBER, and the marks that follow by the rule."""
    found = online.proposals(site, cohort.name, number)
    rows = [
        {"student": one.line.person.username, "minutes": one.minutes, "handed in": one.handed_in,
         "mark": one.line.mark, "proposed": one.mark}
        for one in found
    ]  # fmt: skip
    show(rows, title=f"Session {number} of {cohort.name}", as_json=as_json)
    if confirm:
        marks = {o.line.person.username: o.mark for o in found if o.mark and o.line.mark is None}
        now = datetime.now(UTC)
        count = attendance.mark(site, cohort.name, number, marks, by, now, source="online")
        click.echo(f"{count} marks are confirmed by {by}.", err=as_json)


@attendance_.command("catch-up")
@click.argument("number", type=int)
@click.option("--on", type=DAY, help="Plan it: session NUMBER is held again on this day.")
@click.option("--came", multiple=True, metavar="USERNAME", help="Who came; may be given again.")
@author_option
@dry_run_option
@for_cohort
def catch_up_(
    site: Site, cohort: Cohort, number: int, on: datetime | None, came: tuple[str, ...], by: str,
    dry_run: bool,
) -> None:  # fmt: skip
    """Hold session NUMBER again, or mark who came to it; without options: who missed it."""
    if on and not dry_run:
        catch_up.plan(site, cohort.name, number, on.date())
    if came and not dry_run:
        catch_up.mark_caught_up(site, cohort.name, number, came, by, datetime.now(UTC))
    sheet = attendance.read_sheet(site, cohort.name, number)
    held = ", ".join(str(day) for day in sheet.catch_ups) or "never"
    missed = ", ".join(line.person.username for line in catch_up.missed(sheet)) or "nobody"
    click.echo(f"Session {number} of {cohort.name} is held again: {held}. Missed: {missed}.")


@attendance_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@for_cohort
def sheet(site: Site, cohort: Cohort, file: Path) -> None:
    """Write the sheet to print and fill in: FILE.pdf, FILE.xlsx or FILE.csv."""
    kind = file.suffix.removeprefix(".").lower()
    if kind not in paper.CONTENT_TYPES:
        raise click.BadParameter(f"{file}: end it with .{', .'.join(paper.CONTENT_TYPES)}")
    made = paper.read_paper(site, cohort.name, course.today(site.course))
    now = datetime.now(UTC).replace(microsecond=0)
    write_whole(file, paper.as_file(made, kind, cohort.language, now))
    click.echo(file)


@attendance_.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@author_option
@dry_run_option
@for_cohort
def import_(site: Site, cohort: Cohort, file: Path, by: str, dry_run: bool) -> None:
    """Take over marks from a CSV or XLSX file: all of it, or nothing and every bad row named."""
    count = paper.import_marks(
        site, cohort.name, file.name, file.read_bytes(), by, datetime.now(UTC), dry_run=dry_run
    )
    click.echo(f"{count} marks {'would be' if dry_run else 'are'} new or changed.")


@attendance_.command()
@click.argument("number", type=int)
@click.argument("day", type=DAY)
@click.option("--at", type=click.DateTime(["%H:%M"]), help="Its hour in Cambodia.")
@for_cohort
def move(site: Site, cohort: Cohort, number: int, day: datetime, at: datetime | None) -> None:
    """Give session NUMBER another day, and an hour if it has one of its own."""
    hour = at.time() if at else None
    attendance.move_session(site, cohort.name, number, day.date(), hour)
    click.echo(f"Session {number} of {cohort.name} is on {day.date()}.")


def _title(sheet: Sheet) -> str:
    return f"Session {sheet.session.number} of {sheet.cohort}, {sheet.session.held_on}"


def _lines(sheet: Sheet) -> list[dict[str, object]]:
    return [
        {"student": one.person.username, "name": one.person.name_latin, "mark": one.mark,
         "by": one.marked_by, "at": one.marked_at, "source": one.source}
        for one in sheet.lines
    ]  # fmt: skip
