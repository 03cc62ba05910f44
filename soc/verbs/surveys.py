"""Verbs about surveys: `soc survey open | list | collect | results`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from programme import course
from programme.reason import percent
from programme.site import Site
from programme.store import reading
from programme.surveys import asking, plan
from programme.surveys import collecting as notebooks
from programme.surveys import results as counted
from soc.errors import SocError
from soc.output import show
from soc.verbs.options import DAY, data_option, dry_run_option, json_option


@click.group()
def survey() -> None:
    """Open surveys, collect answers from notebooks, show results."""


@survey.command("open")
@click.argument("programme")
@click.argument("moment", type=click.Choice(plan.MOMENTS))
@click.option("--opens", type=DAY, required=True)
@click.option("--closes", type=DAY, required=True)
@dry_run_option
@data_option
def open_(
    programme: str,
    moment: str,
    opens: datetime,
    closes: datetime,
    dry_run: bool,
    data: Path | None,
) -> None:
    """Ask a programme's students what surveys.toml has for this moment."""
    site = Site.open(data)
    name = asking.open_survey(site, programme, moment, opens.date(), closes.date(), dry_run=dry_run)
    click.echo(f"{name} {'would be' if dry_run else 'is'} open from {opens:%F} to {closes:%F}.")


@survey.command("list")
@json_option
@data_option
def list_(as_json: bool, data: Path | None) -> None:
    """List the surveys."""
    with reading(Site.open(data)) as connection:
        found = asking.all_surveys(connection)
    columns = ("name", "programme", "moment", "opens_on", "closes_on")
    rows = [{name: getattr(one, name) for name in columns} for one in found]
    show(rows, title="Surveys", as_json=as_json)


@survey.command()
@click.argument("name")
@dry_run_option
@json_option
@data_option
def collect(name: str, dry_run: bool, as_json: bool, data: Path | None) -> None:
    """Take the answers that students shared in their notebooks, after the survey has closed."""
    site = Site.open(data)
    today = course.today(site.course)
    show([notebooks.collect(site, name, today, dry_run=dry_run)], as_json=as_json)


@survey.command()
@click.argument("name")
@click.argument("username")
@click.argument("answers", nargs=-1, metavar="QUESTION=CHOICE...")
@click.option("--agrees", is_flag=True, help="She has agreed on her sheet that it is read.")
@dry_run_option
@data_option
def answer(
    name: str,
    username: str,
    answers: tuple[str, ...],
    agrees: bool,
    dry_run: bool,
    data: Path | None,
) -> None:
    """Type in a sheet of paper: belong=4 recommend=yes. Kept apart from her name, as on a phone."""
    site = Site.open(data)
    if not agrees:
        raise SocError("Without her agreement nothing is kept: --agrees, when her sheet says so.")
    with reading(site) as connection:
        asked = next((one for one in asking.all_surveys(connection) if one.name == name), None)
    given = dict(one.partition("=")[::2] for one in answers)
    _check(asked, given)
    if not dry_run:
        asking.answer(site, username, name, given, course.today(site.course))
    click.echo(f"{len(given)} answers {'would be' if dry_run else 'are'} kept, without a name.")


def _check(asked: asking.Survey | None, given: dict[str, str]) -> None:
    """Raises SocError for what nobody asked: typed by hand, it is a slip."""
    known = (
        {one.id: [choice.id for choice in one.choices] for one in asked.questions} if asked else {}
    )
    for question, choice in given.items():
        if choice not in known.get(question, []):
            raise SocError(
                f"{question}={choice} is no answer. Known: "
                + ", ".join(f"{name}={'|'.join(choices)}" for name, choices in known.items())
            )


@survey.command()
@json_option
@data_option
def results(as_json: bool, data: Path | None) -> None:
    """Show what was answered; fewer than five answers never."""
    site = Site.open(data)
    rules = plan.read(site.course)
    with reading(site) as connection:
        found = counted.results(
            connection, course.today(site.course), rules.counting_days,
            date.min, date.max,
        )  # fmt: skip
    show([line for one in found for line in _lines(one)], title="Surveys", as_json=as_json)
    show([_change(one) for one in counted.changes(found)], title="Change") if not as_json else None


def _lines(result: counted.Result) -> list[dict[str, Any]]:
    if result.sheets is None:
        return [{"survey": result.name, "question": "fewer than five", "answers": None, "%": None}]
    return [
        {
            "survey": result.name,
            "question": one.text.en,
            "answers": ", ".join(f"{text.en} {count}" for text, count in one.by_choice),
            "%": percent(one.share),
        }
        for one in result.questions
    ]


def _change(change: counted.Change) -> dict[str, Any]:
    shares = " → ".join(f"{moment} {percent(share)} %" for moment, share in change.shares.items())
    return {"programme": change.programme, "question": change.text.en, "agreed": shares}
