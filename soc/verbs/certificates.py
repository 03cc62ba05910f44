"""Verbs about certificates: `soc certificate key | issue | list | print | revoke | check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from programme import course
from programme.certificates import issuing, keys, sheet, signed
from programme.site import Cohort, Site
from soc.cli import finish
from soc.errors import SocError
from soc.output import bar, show
from soc.verbs.options import data_option, doer_option, dry_run_option, for_cohort, json_option


@click.group()
def certificate() -> None:
    """Give certificates, print them, check them, take one back."""


@certificate.command()
@click.option("--replace", is_flag=True, help="Make a new one; what was signed before stays good.")
@data_option
def key(replace: bool, data: Path | None) -> None:
    """Make the key that certificates are signed with."""
    site = Site.open(data)
    made = keys.make_key(site, replace=replace)
    click.echo(f"The signing key is {keys.folder(site) / 'signing-key.pem'}; only you can read it.")
    click.echo("Its public half, to publish, so that anybody can check without asking:")
    click.echo(keys.as_pem(made.secret.public_key()), nl=False)


@certificate.command()
@click.argument("usernames", nargs=-1)
@doer_option
@dry_run_option
@json_option
@for_cohort
def issue(
    site: Site, cohort: Cohort, usernames: tuple[str, ...], by: str, dry_run: bool, as_json: bool
) -> None:
    """Give a certificate to each graduate who has none, or to those who are named."""
    given = issuing.issue(
        site,
        cohort.name,
        by=by,
        today=course.today(site.course),
        usernames=usernames,
        dry_run=dry_run,
    )
    title = "Would be given" if dry_run else "Given"
    show([{"student": name} for name in given], title=title, as_json=as_json)


@certificate.command("list")
@json_option
@for_cohort
def list_(site: Site, cohort: Cohort, as_json: bool) -> None:
    """List a cohort's certificates, those that were taken back too."""
    show([_line(one) for one in issuing.of_cohort(site, cohort.name)], as_json=as_json)


@certificate.command("print")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@for_cohort
def print_(site: Site, cohort: Cohort, folder: Path) -> None:
    """Write a cohort's certificates as PDF. What is in the folder already is not made again."""
    given = issuing.of_cohort(site, cohort.name)
    with bar("certificates") as advance:
        files = sheet.write_all(site, given, folder, advance)
    click.echo(f"{len(files)} certificates are in {folder}.")


@certificate.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why: it is kept for good.")
@doer_option
@dry_run_option
@data_option
def revoke(number: str, reason: str, by: str, dry_run: bool, data: Path | None) -> None:
    """Take a certificate back, for good."""
    site, number = Site.open(data), signed.as_number(number)
    found = issuing.find(site, number)
    if found is None or found.revoked_at is not None:
        raise SocError(f"There is no certificate {number} that could be taken back.")
    if not dry_run:
        issuing.revoke(site, number, reason, by)
    click.echo(f"{number} of {found.username} {'would be' if dry_run else 'is'} taken back.")


@certificate.command()
@click.argument("scanned")
@click.option(
    "--key", "files", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A published key. Default: those of the data folder.",
)  # fmt: skip
@json_option
@data_option
def check(scanned: str, files: tuple[Path, ...], as_json: bool, data: Path | None) -> None:
    """Check what a certificate's QR code holds, without the network. 0: good; 1: not."""
    site = None if files else Site.open(data)
    known = keys.public_keys(site) if site else keys.read_public_keys(list(files))
    found = signed.check(scanned, known)
    taken_back = _taken_back(site, found) if found.verdict == "good" else None
    good = found.verdict == "good" and not taken_back
    answer: dict[str, Any] = {"good": good, "verdict": found.verdict, "taken_back": taken_back}
    if found.statement is not None and found.verdict == "good":
        answer |= {"name": found.statement.name, "name_km": found.statement.name_km}
        answer |= {"programme": sheet.programme_name(found.statement.programme).en}
        answer |= {"on": found.statement.on, "number": found.statement.number}
    show([answer], as_json=as_json)
    if taken_back is None and good and not as_json:
        click.echo("Whether it was taken back later, only the page behind the QR code can say.")
    finish(good)


def _taken_back(site: Site | None, found: signed.Checked) -> bool | None:
    """None when it can't be known here: without a data folder, or from another installation."""
    if site is None or found.statement is None:
        return None
    kept = issuing.find(site, found.statement.number)
    return None if kept is None else kept.revoked_at is not None


def _line(one: issuing.Certificate) -> dict[str, Any]:
    return {
        "student": one.username,
        "number": one.number,
        "issued on": one.issued_on,
        "by": one.issued_by,
        "taken back": one.revoked_at,
        "reason": one.revoked_reason,
    }
