"""The verb `report`: the funder's report of a period, as HTML, PDF and XLSX."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from programme.report import Period, figures
from programme.site import LANGUAGES, Site
from soc.output import show
from soc.verbs.options import DAY, data_option, json_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--from", "first", type=DAY, required=True, help="The first day of the period.")
@click.option("--to", "last", type=DAY, required=True, help="The last day of the period.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@json_option
@data_option
def report(
    folder: Path | None,
    first: datetime,
    last: datetime,
    language: str,
    as_json: bool,
    data: Path | None,
) -> None:
    """Write the funder's report into a folder; without one, print its figures."""
    site = Site.open(data)
    counted = figures.read(site, Period(first.date(), last.date()))
    if folder is None:
        show(counted.programmes, title=f"{first:%F} to {last:%F}", as_json=as_json)
        return
    from programme.report import render  # noqa: PLC0415  (typst and xlsxwriter, only to write)

    for file in render.write_all(counted, language, folder):
        click.echo(file)
