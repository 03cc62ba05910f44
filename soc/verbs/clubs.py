"""Verbs about clubs that graduates lead: clubs list, propose, approve, refuse, close, kit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from programme import clubs as clubs_of
from programme import course, kit
from programme.roster import MODES
from programme.site import Site
from soc.clubs import ensure_desks
from soc.output import show
from soc.verbs.options import DAY, author_option, data_option, dry_run_option, json_option


@click.group()
def clubs() -> None:
    """See, propose, approve and close clubs, and their kit."""


@clubs.command("list")
@click.option("--status", default="proposed", show_default=True,
              type=click.Choice(["proposed", "approved", "refused", "closed"]))  # fmt: skip
@click.option("--province", default="", help="Its two digits.")
@data_option
@json_option
def list_clubs(status: str, province: str, data: Path | None, as_json: bool) -> None:
    """List clubs, those that wait for an answer by default."""
    found, total = clubs_of.listed(Site.open(data), status, province, most=10_000)
    names = ("name", "programme", "leader", "mode", "province_code", "place", "proposed_at")
    rows = [{n: asdict(one)[n] for n in names} for one in found]
    show(rows, title=f"{total} clubs, {status}", as_json=as_json)


@clubs.command()
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
    name = clubs_of.propose(Site.open(data), leader, fields, datetime.now(UTC))
    click.echo(f"{name} is proposed; `soc clubs approve {name}` answers.")


@clubs.command()
@click.argument("name")
@click.option("--starts", type=DAY, required=True, help="First day.")
@author_option
@dry_run_option
@data_option
def approve(name: str, starts: datetime, by: str, dry_run: bool, data: Path | None) -> None:
    """Approve a club: its cohort, its desk, its leader's seat."""
    site = Site.open(data)
    club = clubs_of.find(site, name)
    if not dry_run:
        clubs_of.approve(site, name, starts.date(), by, datetime.now(UTC))
        ensure_desks(site)
    click.echo(f"{name} {'would be' if dry_run else 'is'} led by {club.leader} from {starts:%F}.")


@clubs.command()
@click.argument("name")
@click.option("--reason", required=True, help="Words that she reads.")
@author_option
@data_option
def refuse(name: str, reason: str, by: str, data: Path | None) -> None:
    """Refuse a proposal, with the reason."""
    clubs_of.refuse(Site.open(data), name, reason, by, datetime.now(UTC))
    click.echo(f"{name} is refused by {by}.")


@clubs.command()
@click.argument("name")
@click.option("--reason", required=True)
@author_option
@data_option
def close(name: str, reason: str, by: str, data: Path | None) -> None:
    """Close a club that runs; what was marked in it stays."""
    clubs_of.close(Site.open(data), name, reason, by, datetime.now(UTC))
    click.echo(f"{name} is closed by {by}.")


@clubs.command("kit")
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
