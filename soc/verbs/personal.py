"""Verbs about personal data: `soc person export | erase | requests`, `soc retention`."""

from __future__ import annotations

from pathlib import Path

import click

from hub import accounts
from programme import course
from programme.personal import erasing, requests
from programme.personal import export as copying
from programme.personal import retention as terms
from programme.site import Site
from soc.cli import finish
from soc.output import bar, show
from soc.verbs.options import data_option, doer_option, dry_run_option, json_option


@click.group()
def person() -> None:
    """Give somebody a copy of what is kept about her, or make her anonymous."""


@person.command()
@click.argument("username")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@doer_option
@data_option
def export(username: str, file: Path, by: str, data: Path | None) -> None:
    """Write everything that is kept about her, and what she handed in, as a zip."""
    names = copying.export(Site.open(data), username, file, by)
    click.echo(f"{file}: {len(names)} files. It is for her alone: give it to nobody else.")


@person.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why: it is kept for good. Without her name.")
@doer_option
@dry_run_option
@json_option
@data_option
def erase(
    username: str, reason: str, by: str, dry_run: bool, as_json: bool, data: Path | None
) -> None:
    """Make her anonymous everywhere, for good. Statistics stay as they are."""
    site = Site.open(data)
    done = erasing.erase(site, username, reason, by, dry_run=dry_run)
    if not dry_run:
        accounts.forget(site, username)
    left = [*done.left, "the hub's own list of users: remove the account in its admin page"]
    row = {"now": done.mark, "rows": done.rows, "folders": done.folders, "left": "\n".join(left)}
    show([row], title="Would be erased" if dry_run else "Erased", as_json=as_json)
    finish(not done.left)


@person.command()
@click.argument("username")
@click.argument("kind", type=click.Choice(requests.KINDS))
@dry_run_option
@data_option
def ask(username: str, kind: str, dry_run: bool, data: Path | None) -> None:
    """Write down what she asked for by phone or letter; asking twice is one request."""
    if not dry_run:
        requests.ask(Site.open(data), username, kind)
    click.echo(f"Her request for {kind} {'would be' if dry_run else 'is'} written down.")


@person.command("requests")
@json_option
@data_option
def requests_(as_json: bool, data: Path | None) -> None:
    """List who asked for a copy or for erasure, those that wait first."""
    show(requests.all_requests(Site.open(data)), title="Requests", as_json=as_json)


@person.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why not: she sees it.")
@doer_option
@data_option
def refuse(number: int, reason: str, by: str, data: Path | None) -> None:
    """Close a request without doing it."""
    requests.refuse(Site.open(data), number, reason, by)
    click.echo(f"Request {number} is closed: {reason}")


@click.command()
@doer_option
@dry_run_option
@json_option
@data_option
def retention(by: str, dry_run: bool, as_json: bool, data: Path | None) -> None:
    """Erase what is no longer needed, by the terms in personal.toml and admission.toml."""
    site = Site.open(data)
    today = course.today(site.course)
    with bar("retention") as advance:
        done = terms.run(site, today, by, dry_run=dry_run, advance=advance)
    show(done, title="Would be erased" if dry_run else "Erased", as_json=as_json)
    finish(not any(one.refused for one in done))
