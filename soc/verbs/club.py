"""Verbs about clubs: club build, club sheet, club results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from programme.export import write_csv, write_xlsx
from programme.site import CHECKOUT, LANGUAGES, Site
from soc.club.build import BOTH, build_club
from soc.club.results import blank_sheet, import_results
from soc.output import bar, show
from soc.verbs.options import by_option, data_option, dry_run_option, json_option

club_option = click.option("--club", "name", required=True, help="The club, as `soc cohort list`.")


@click.group()
def club() -> None:
    """Make the club edition, or bring in what a club did on paper."""


@club.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("club-edition"),
    show_default=True,
    help="The folder to write.",
)
@click.option("--session", type=int, help="One session only, by its number.")
@click.option(
    "--language",
    type=click.Choice([*LANGUAGES, BOTH]),
    default="en",
    show_default=True,
    help="Of exercises and labels; guides are in English with Khmer words.",
)
@json_option
def build(out: Path, session: int | None, language: str, as_json: bool) -> None:
    """Write the sessions as an nbgrader course, and as a book that needs no computer."""
    with bar("Building") as advance:
        rows = build_club(CHECKOUT, out, session=session, language=language, on_progress=advance)
    show(rows, title=str(out), as_json=as_json)


@club.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--session", type=int, required=True, help="Which session, by its number.")
@club_option
@data_option
def sheet(file: Path, session: int, name: str, data: Path | None) -> None:
    """Write an empty sheet for the points of a session: a CSV, or an XLSX by its name."""
    site = Site.open(data)
    table = blank_sheet(site, site.cohort(name), session)
    if file.suffix.lower() == ".xlsx":
        write_xlsx([table], file)
    else:
        write_csv(table, file)
    click.echo(f"{file}: fill it in, then `soc club results {file} --club {name}`.")


@club.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@by_option("marked")
@club_option
@data_option
@dry_run_option
@json_option
def results(
    file: Path, by: str, name: str, data: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Bring in what was done on paper: who came, the points of each exercise, projects shown."""
    site = Site.open(data)
    taken = import_results(
        site, site.cohort(name), file, by=by, at=datetime.now(UTC), dry_run=dry_run
    )
    said = "would be new" if dry_run else "is new"
    show(taken, title=f"What {said} in {name}", as_json=as_json)
