"""Verbs about clubs: club build, club results."""

from __future__ import annotations

from pathlib import Path

import click

from programme.site import CHECKOUT, LANGUAGES
from soc.club.build import BOTH, build_club
from soc.output import bar, show
from soc.verbs.options import json_option


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
