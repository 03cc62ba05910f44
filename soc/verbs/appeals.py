"""Verbs about appeals: appeal list, write, answer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from programme import appeals as appeals_of
from programme.appeals import VERDICTS, Verdict
from programme.site import Cohort, Site
from soc.output import show
from soc.verbs.options import author_option, data_option, for_cohort, json_option


@click.group()
def appeal() -> None:
    """Read, write and answer appeals against decisions."""


@appeal.command("list")
@data_option
@json_option
def list_appeals(data: Path | None, as_json: bool) -> None:
    """List what waits for an answer, the oldest first."""
    rows = [asdict(one) for one in appeals_of.waiting(Site.open(data))]
    names = ("id", "cohort", "username", "outcome", "words", "made_at")
    show([{n: row[n] for n in names} for row in rows], title="Appeals", as_json=as_json)


@appeal.command()
@click.argument("username")
@click.argument("words")
@for_cohort
def write(site: Site, cohort: Cohort, username: str, words: str) -> None:
    """Write one down for USERNAME, who said it by phone or letter."""
    appeals_of.appeal(site, cohort.name, username, words, datetime.now(UTC))
    click.echo(f"{username}'s appeal is written down; `soc appeal list` shows it.")


@appeal.command()
@click.argument("number", type=int)
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--reason", required=True, help="Words that she reads; kept for good.")
@author_option
@data_option
def answer(number: int, verdict: Verdict, reason: str, by: str, data: Path | None) -> None:
    """Answer appeal NUMBER, once."""
    site = Site.open(data)
    known = appeals_of.answer(site, number, verdict, reason, by, datetime.now(UTC))
    click.echo(f"{known.username} reads it on her page. A decision is another step: soc override.")
