"""Verbs from application to invitation: all that the pages of reading and admitting do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from programme import course, export
from programme.admitting import admit, exporting, importing, overview, places, reading
from programme.admitting.enrolling import Placed, enrol_accepted
from programme.admitting.why import Why
from programme.roster import MODES
from programme.site import LANGUAGES, Site
from programme.whole_file import write_whole
from soc.errors import SocError
from soc.output import show
from soc.verbs.options import data_option, doer_option, dry_run_option, json_option

language_option = click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", help="Of the reasons."
)


def of_programme(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Give `verb` the programme's name, and --data."""
    return click.argument("programme")(data_option(verb))


@click.group()
def admission() -> None:
    """Read applications, give places, make accounts and letters."""


@admission.command("list")
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List the programmes, with how many applications are in which state."""
    rows = [
        {"programme": one.name, "closes": one.closes_on, **one.counts}
        for one in overview.calls(Site.open(data))
    ]
    show(rows, title="Applications", as_json=as_json)


@admission.command()
@of_programme
@click.option("--cohort", help="Give a group of this cohort places.")
@click.option("--group", default="", help="Its name.")
@click.option("--mode", type=click.Choice(MODES), default="online", show_default=True)
@click.option("--count", type=click.IntRange(0, places.MOST_PLACES), help="How many places.")
@click.option("--place", default="", help="Where it meets, in person.")
@click.option("--from", "provinces", default="", help="Codes of provinces: 08,12. Default: all.")
@json_option
def groups(
    programme: str, data: Path | None, cohort: str | None, group: str, mode: str,
    count: int | None, place: str, provinces: str, as_json: bool,
) -> None:  # fmt: skip
    """Show the groups and their places, or give one (--cohort, --group, --count) places."""
    site = Site.open(data)
    if cohort is not None:
        if count is None:
            raise SocError("How many places? Say --count N.")
        codes = {code.zfill(2) for code in provinces.replace(",", " ").split()}
        places.set_group(site, programme, cohort, group, mode, count, place, codes)
    rows = [
        {
            "cohort": one.cohort, "group": one.name, "mode": one.mode, "place": one.place,
            "from": ", ".join(sorted(one.provinces)) or "everywhere", "places": one.places,
            "taken": taken,
        }
        for one, taken in places.list_groups(site, programme)
    ]  # fmt: skip
    show(rows, title=programme, as_json=as_json)


@admission.command()
@of_programme
@click.option("--add", help="Let this instructor read.")
@click.option("--drop", help="Let her read no more.")
@doer_option
@json_option
def readers(
    programme: str, data: Path | None, add: str | None, drop: str | None, by: str, as_json: bool
) -> None:
    """Show how far a programme is read and by whom; name a reader, or let one go."""
    site = Site.open(data)
    if add:
        reading.name_reader(site, programme, add, by, datetime.now(UTC))
    if drop:
        reading.drop_reader(site, programme, drop)
    state = reading.reading_state(site, programme)
    everybody = sorted({*state.named, *state.by_reader})
    rows: list[dict[str, Any]] = [
        {"reader": one, "named": one in state.named, "read": state.by_reader.get(one, 0)}
        for one in everybody
    ]
    rows.append({"reader": "applications", "named": None, "read": dict(state.states)})
    show(rows, title=programme, as_json=as_json)


@admission.command()
@of_programme
@click.option("--number", type=int, help="Give points for this application.")
@click.option("--points", help="motivation=7,sharing=5")
@doer_option
@json_option
def read(
    programme: str, data: Path | None, number: int | None, points: str | None, by: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Show the next application without its name, or give points (--number, --points)."""
    site = Site.open(data)
    if number is not None:
        given = _points(points or "")
        made = reading.give(site, programme, number, by, given, datetime.now(UTC))
        row = {"number": number, "state": made.state, "points": _float(made.points)}
        show([row], as_json=as_json)
        return
    sheet = reading.next_sheet(site, programme, by)
    if sheet is None:
        show([], title=f"Left for {by}", as_json=as_json)
        return
    answers = {question.id: answer for question, answer in sheet.answers}
    most = {criterion.id: f"0 to {criterion.most}" for criterion in sheet.criteria}
    head = {"number": sheet.number, "third": sheet.third, "left": sheet.left}
    show([{**head, **answers, **most}], as_json=as_json)


@admission.command()
@of_programme
@doer_option
@language_option
@dry_run_option
@json_option
def select(
    programme: str, data: Path | None, by: str, language: str, dry_run: bool, as_json: bool
) -> None:
    """Decide by the rules who gets a place, waits or is declined; with --dry-run, show it only."""
    site = Site.open(data)
    shown = admit.preview(site, programme)
    if not dry_run:
        admit.confirm(site, programme, shown.digest, by, datetime.now(UTC))
    rows = [
        {
            "number": line.choice.number, "before": line.before, "outcome": line.choice.status,
            "why": _words(line.choice.reasons, language),
        }
        for line in shown.lines
    ]  # fmt: skip
    show(rows, title=f"{programme}: {shown.places} places, {shown.held} held", as_json=as_json)
    if not as_json:
        would = "would be" if dry_run else "are"
        counted = ", ".join(f"{count} {status}" for status, count in shown.totals.items())
        click.echo(f"{counted} {would} written down; {shown.unread} are not read to the end.")


@admission.command()
@of_programme
@language_option
@json_option
def decided(programme: str, data: Path | None, language: str, as_json: bool) -> None:
    """Show everybody who has a place, waits, was declined or left, with the reasons."""
    rows = [
        {
            "number": one.number, "name": f"{one.name_km} {one.name_latin}".strip(),
            "phone": one.phone, "status": one.status, "place": admit.waiting_place(one) or None,
            "username": one.username, "why": _words(one.reasons, language), "by": one.decided_by,
        }
        for one in admit.decided(Site.open(data), programme)
    ]  # fmt: skip
    show(rows, title=programme, as_json=as_json)


@admission.command()
@of_programme
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why: it is kept.")
@doer_option
@dry_run_option
def withdraw(
    programme: str, number: int, data: Path | None, reason: str, by: str, dry_run: bool
) -> None:
    """Take an application back; its place is free then, and `select` lets the list move up."""
    if not dry_run:
        admit.withdraw(Site.open(data), programme, number, by, reason, datetime.now(UTC))
    click.echo(f"Number {number} {'would be' if dry_run else 'is'} taken back: {reason}")


@admission.command("import")
@of_programme
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@language_option
@dry_run_option
@json_option
def import_(
    programme: str, file: Path, data: Path | None, language: str, dry_run: bool, as_json: bool
) -> None:
    """Take applications from a CSV or XLSX file, all of them or none."""
    site = Site.open(data)
    try:
        done = importing.import_applications(
            site, programme, file.read_bytes(), datetime.now(UTC), dry_run=dry_run
        )
    except importing.ImportRefusedError as error:
        if not as_json and language == "en":
            raise
        show([_bad(cell, language) for cell in error.bad], title=str(file), as_json=as_json)
        raise SocError(f"{file}: nothing was imported.") from error
    row = {"new": done.new, "here before": done.known, "unused columns": ", ".join(done.unused)}
    show([row], title=f"{file.name}{' (nothing written)' if dry_run else ''}", as_json=as_json)


@admission.command("export")
@of_programme
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_(programme: str, file: Path, data: Path | None) -> None:
    """Write all applications of a programme as CSV or XLSX, by the file's name."""
    table = exporting.applications_table(Site.open(data), programme)
    if file.suffix == ".xlsx":
        export.write_xlsx([table], file)
    elif file.suffix == ".csv":
        export.write_csv(table, file)
    else:
        raise SocError(f"{file}: end its name with .csv or .xlsx.")
    click.echo(f"{file}: personal data of minors. Keep it on one machine, and remove it after use.")


@admission.command()
@of_programme
@click.argument("letters", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--address", default="", help="The hub's, as girls type it. Default: public_url.")
@click.option("--again", is_flag=True, help="New letters also for who has not signed in yet.")
@dry_run_option
@json_option
def accounts(
    programme: str,
    letters: Path,
    data: Path | None,
    address: str,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Enrol who has a place, form the groups, make accounts, and write the LETTERS as PDF."""
    from soc.accounts import open_accounts  # noqa: PLC0415  (it brings nbgrader)

    site = Site.open(data)
    address = (address or site.public_url).rstrip("/")
    if not address:
        raise SocError("Where is the hub? Say --address https://…, or set public_url in soc.toml.")
    if letters.exists():
        raise SocError(
            f"{letters} is there already. Its codes are nowhere else: choose a new name."
        )
    today, now = course.today(site.course), datetime.now(UTC)
    if dry_run:
        placed = tuple(enrol_accepted(site, programme, today, dry_run=True))
        show(
            [_placed(one) for one in placed], title=f"{programme}: nothing written", as_json=as_json
        )
        return
    made = open_accounts(site, programme, address, today, now, again=again)
    if made.pdf:
        write_whole(letters, made.pdf)
    invited = {letter.placed.username for letter in made.letters}
    rows = [{**_placed(one), "letter": one.username in invited} for one in made.placed]
    show(rows, title=programme, as_json=as_json)
    if not as_json:
        click.echo(f"{len(invited)} letters in {letters}." if invited else "No letter was needed.")


def _placed(one: Placed) -> dict[str, object]:
    return {
        "username": one.username, "cohort": one.group.cohort, "group": one.group.name,
        "not as wished": one.unmet.text.en if one.unmet else None, "new": one.new,
    }  # fmt: skip


def _words(reasons: tuple[Why, ...], language: str) -> str:
    return " ".join(why.text.in_language(language) for why in reasons)


def _float(points: Any) -> float | None:
    return None if points is None else float(points)


def _points(text: str) -> dict[str, int]:
    try:
        pairs = [part.split("=") for part in text.replace(" ", "").split(",")]
        return {name: int(value) for name, value in pairs}
    except ValueError as error:
        raise SocError(f"{text!r}: write --points motivation=7,sharing=5.") from error


def _bad(cell: importing.BadCell, language: str) -> Mapping[str, object]:
    hint = cell.suggestion.in_language(language) if cell.suggestion else None
    return {
        "row": cell.row, "column": cell.column, "reason": cell.reason.in_language(language),
        "suggestion": hint,
    }  # fmt: skip
