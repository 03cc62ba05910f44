"""Verbs about clubs: club list, propose, approve, refuse, close, kit; build, sheet, results."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from programme import clubs, course, kit
from programme.export import write_csv, write_xlsx
from programme.roster import MODES
from programme.site import CHECKOUT, LANGUAGES, Site
from soc.club.desks import ensure_desks
from soc.club.texts import BOTH
from soc.output import bar, show
from soc.verbs.options import (
    DAY,
    author_option,
    by_option,
    data_option,
    dry_run_option,
    json_option,
)


@click.group()
def club() -> None:
    """Everything about clubs: proposals and kit, the edition to teach from, results on paper."""


@club.command("list")
@click.option("--status", default="proposed", show_default=True,
              type=click.Choice(["proposed", "approved", "refused", "closed"]))  # fmt: skip
@click.option("--province", default="", help="Its two digits.")
@data_option
@json_option
def list_clubs(status: str, province: str, data: Path | None, as_json: bool) -> None:
    """List clubs, those that wait for an answer by default."""
    found, total = clubs.listed(Site.open(data), status, province, most=10_000)
    names = ("name", "programme", "leader", "mode", "province_code", "place", "proposed_at")
    rows = [{n: asdict(one)[n] for n in names} for one in found]
    show(rows, title=f"{total} clubs, {status}", as_json=as_json)


@club.command()
@click.argument("name")
@click.option("--leader", required=True, help="Username of the graduate.")
@click.option("--year", "programme", required=True, help="The call of this year's clubs.")
@click.option("--mode", type=click.Choice(MODES), required=True)
@click.option("--province", "province_code", required=True, help="Its two digits.")
@click.option("--place", required=True)
@click.option("--plan", required=True)
@click.option("--adult", "safeguarding_adult", required=True, help="Who looks after safety.")
@click.option("--adult-phone", "safeguarding_phone", required=True)
@data_option
def propose(leader: str, data: Path | None, **fields: str) -> None:
    """Propose a club for a graduate."""
    name = clubs.propose(Site.open(data), leader, fields, datetime.now(UTC))
    click.echo(f"{name} is proposed; `soc club approve {name}` answers.")


@club.command()
@click.argument("name")
@click.option("--starts", type=DAY, required=True, help="First day.")
@author_option
@dry_run_option
@data_option
def approve(name: str, starts: datetime, by: str, dry_run: bool, data: Path | None) -> None:
    """Approve a club: its cohort, its desk, its leader's seat."""
    site = Site.open(data)
    leader = clubs.find(site, name).leader
    if not dry_run:
        clubs.approve(site, name, starts.date(), by, datetime.now(UTC))
        ensure_desks(site)
    click.echo(f"{name} {'would be' if dry_run else 'is'} led by {leader} from {starts:%F}.")


@club.command()
@click.argument("name")
@click.option("--reason", required=True, help="Words that she reads.")
@author_option
@data_option
def refuse(name: str, reason: str, by: str, data: Path | None) -> None:
    """Refuse a proposal, with the reason."""
    clubs.refuse(Site.open(data), name, reason, by, datetime.now(UTC))
    click.echo(f"{name} is refused by {by}.")


@club.command()
@click.argument("name")
@click.option("--reason", required=True)
@author_option
@data_option
def close(name: str, reason: str, by: str, data: Path | None) -> None:
    """Close a club that runs; what was marked in it stays."""
    clubs.close(Site.open(data), name, reason, by, datetime.now(UTC))
    click.echo(f"{name} is closed by {by}.")


@club.command("kit")
@click.argument("name")
@click.argument("item", required=False)
@click.option("--given", type=int, help="How many the club has got in all.")
@click.option("--returned", type=int, default=0, show_default=True, help="How many came back.")
@data_option
@json_option
def kit_(
    name: str, item: str | None, given: int | None, returned: int, data: Path | None, as_json: bool
) -> None:
    """Show a club's kit, or write down how many of ITEM it has."""
    site = Site.open(data)
    if item is not None and given is not None:
        kit.set_kit(site, name, item, given, returned, course.today(site.course))
    show(kit.read_kit(site, name), title=f"Kit of {name}", as_json=as_json)


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
    from soc.club.build import build_club  # noqa: PLC0415  (it brings nbgrader and typst)

    with bar("Building") as advance:
        rows = build_club(CHECKOUT, out, session=session, language=language, on_progress=advance)
    show(rows, title=str(out), as_json=as_json)


@club.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--session", type=int, required=True, help="Which session, by its number.")
@data_option
def sheet(name: str, file: Path, session: int, data: Path | None) -> None:
    """Write an empty sheet for the points of a session: a CSV, or an XLSX by its name."""
    from soc.club.results import blank_sheet  # noqa: PLC0415  (it brings nbgrader)

    site = Site.open(data)
    table = blank_sheet(site, site.cohort(name), session)
    if file.suffix.lower() == ".xlsx":
        write_xlsx([table], file)
    else:
        write_csv(table, file)
    click.echo(f"{file}: fill it in, then `soc club results {name} {file}`.")


@club.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@by_option("marked")
@data_option
@dry_run_option
@json_option
def results(
    name: str, file: Path, by: str, data: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Bring in what was done on paper: who came, the points of each exercise, projects shown."""
    from soc.club.results import import_results  # noqa: PLC0415  (it brings nbgrader)

    site = Site.open(data)
    taken = import_results(
        site, site.cohort(name), file, by=by, at=datetime.now(UTC), dry_run=dry_run
    )
    said = "would be new" if dry_run else "is new"
    show(taken, title=f"What {said} in {name}", as_json=as_json)
