"""Verbs about who takes part: init, cohort, call, enrol, withdraw, invite."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from hub import accounts
from programme import applying, course, roster, roster_file
from programme.people import Person
from programme.site import LANGUAGES, Cohort, Site
from soc.cohorts import (
    ensure_cohort,
    ensure_site,
    ensure_students_in_gradebook,
    grade_arrivals,
    list_cohorts,
)
from soc.errors import SocError
from soc.output import show
from soc.verbs.options import DAY, data_option, dry_run_option, for_cohort, json_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--course", "course_folder", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--database", default="", help="postgresql+psycopg://…/{cohort}; default: SQLite.")
def init(folder: Path, course_folder: Path | None, database: str) -> None:
    """Make a data folder: the one place of all live data."""
    site = ensure_site(folder, course_folder=course_folder, database=database)
    click.echo(f"The data folder is {site.root}. To use it: export SOC_DATA={site.root}")


@click.group()
def cohort() -> None:
    """List cohorts and clubs, or add one."""


@cohort.command("list")
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List the cohorts."""
    show(list_cohorts(Site.open(data)), title="Cohorts", as_json=as_json)


@cohort.command()
@click.argument("name")
@click.option("--starts", type=DAY, required=True, help="First day.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--kind", type=click.Choice(roster.KINDS), default="ambassador", show_default=True)
@click.option("--mode", type=click.Choice(roster.MODES), default="online", show_default=True)
@data_option
def add(
    name: str, starts: datetime, language: str, kind: str, mode: str, data: Path | None
) -> None:
    """Add a cohort: an nbgrader course of its own, in one language."""
    site = Site.open(data)
    made = ensure_cohort(site, name, starts.date(), language=language, kind=kind, mode=mode)
    click.echo(f"{made.name} is ready in {made.root}; `nbgrader` works there too.")


@cohort.command()
@click.argument("switch", type=click.Choice(["on", "off"]))
@for_cohort
def arrivals(site: Site, cohort: Cohort, switch: str) -> None:  # noqa: ARG001  # a verb gets both
    """Let the hub grade each submission as it arrives and give the feedback back, or don't."""
    grade_arrivals(cohort, datetime.now(UTC) if switch == "on" else None)
    done = (
        "what arrives from now on is graded at once" if switch == "on" else "you collect and grade"
    )
    click.echo(f"{cohort.name}: {done}. A hub that runs takes it over by itself.")


@click.command()
@click.argument("name")
@click.option("--opens", type=DAY, required=True, help="First day.")
@click.option("--closes", type=DAY, required=True, help="Last day.")
@click.option("--kind", type=click.Choice(roster.KINDS), default="ambassador", show_default=True)
@data_option
def call(name: str, opens: datetime, closes: datetime, kind: str, data: Path | None) -> None:
    """Open a programme for applications from one day to another."""
    applying.add_programme(Site.open(data), name, kind, opens.date(), closes.date())
    click.echo(f"{name} can be applied for at /services/programme/apply/{name} on the hub.")


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--username", help="Enrol one person instead of a file.")
@click.option("--name", "name_latin", help="Her name in Latin letters, with --username.")
@click.option("--role", type=click.Choice(roster.ROLES), default="student", show_default=True)
@for_cohort
def enrol(
    site: Site,
    cohort: Cohort,
    file: Path | None,
    username: str | None,
    name_latin: str | None,
    role: roster.Role,
) -> None:
    """Enrol people in a cohort, from a CSV or XLSX file, or one by --username and --name."""
    today = course.today(site.course)
    if file and not username:
        new = roster_file.import_roster(site, file, cohort.name, role, on=today)
    elif username and name_latin and not file:
        where = None if role == "staff" else cohort.name
        new = roster.enrol(site, [Person(username, name_latin)], where, role, on=today)
    else:
        raise SocError("Say whom: a CSV or XLSX file, or --username with --name.")
    if role == "student":
        ensure_students_in_gradebook(site, cohort)
    click.echo(f"{new} enrolled as {role} in {cohort.name}. `soc invite` makes their codes.")


@click.command()
@click.argument("username")
@click.option("--reason", required=True)
@dry_run_option
@for_cohort
def withdraw(site: Site, cohort: Cohort, username: str, reason: str, dry_run: bool) -> None:
    """Withdraw a student from a cohort. Her marks stay."""
    if not dry_run:
        roster.withdraw(site, username, cohort.name, reason, on=course.today(site.course))
    said = "would be" if dry_run else "is"
    click.echo(f"{username} {said} withdrawn from {cohort.name}: {reason}")


@click.command()
@click.argument("usernames", nargs=-1)
@json_option
@for_cohort
def invite(site: Site, cohort: Cohort, usernames: tuple[str, ...], as_json: bool) -> None:
    """Make invitation codes: for those named, or for all who can't log in yet.

    A code is shown once, here. Each is for one person, works once, and lasts thirty days.
    """
    known = [m.username for m in roster.members(site) if m.cohort in (cohort.name, None)]
    strangers = sorted(set(usernames) - set(known))
    if strangers:
        raise SocError(f"Not in {cohort.name}: {', '.join(strangers)}. `soc enrol` adds them.")
    codes = accounts.invite(site, usernames or accounts.without_password(site, known))
    show([{"username": name, "code": code} for name, code in codes.items()], as_json=as_json)
