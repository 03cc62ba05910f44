"""Verbs for who runs the server: backup, backup-key, restore, doctor."""

from __future__ import annotations

from pathlib import Path

import click

from programme.site import Site
from soc import archive
from soc.backup import back_up
from soc.cli import finish
from soc.doctor import examine
from soc.errors import SocError
from soc.output import show
from soc.restore import restore as restore_from
from soc.verbs.options import data_option, json_option


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@click.option(
    "--for", "recipient", envvar="SOC_BACKUP_FOR", help="The age public key that can open it."
)
@click.option("--not-encrypted", is_flag=True, help="For a disk that is encrypted itself.")
@click.option("--keep", default=0, help="Keep the newest N in the folder. Default: all.")
@data_option
def backup(
    to: Path, recipient: str | None, not_encrypted: bool, keep: int, data: Path | None
) -> None:
    """Write a backup of the data folder into a folder or a new file, while all runs."""
    if bool(recipient) == not_encrypted:
        raise SocError(
            "The data are minors': say --for with a public key (`soc backup-key FILE` makes one; "
            "keep the file elsewhere), or --not-encrypted."
        )
    done = back_up(Site.open(data), to.expanduser(), recipient=recipient, keep=keep)
    size = done.path.stat().st_size / 1e6
    click.echo(f"{done.path}: {len(done.manifest.files)} files, {size:.1f} MB")
    for name in done.manifest.left_out:
        click.echo(f"Left out, its owner closed it: {name}", err=True)


@click.command("backup-key")
@click.argument("file", type=click.Path(path_type=Path))
def backup_key(file: Path) -> None:
    """Make a key for backups: the secret one in FILE, the public one on the screen."""
    public = archive.new_key(file)
    click.echo(f"SOC_BACKUP_FOR={public}")
    click.echo(f"Take {file} off this machine: who has it reads all backups.", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", type=click.Path(path_type=Path), required=True, help="New data folder.")
@click.option("--key", type=click.Path(path_type=Path, exists=True), help="The secret key's file.")
@click.option("--database", default="", help="postgresql+psycopg://…/{cohort}, if it moved.")
def restore(file: Path, to: Path, key: Path | None, database: str) -> None:
    """Make a data folder from a backup, on an empty machine."""
    manifest = restore_from(file, to, key_file=key, database=database)
    click.echo(
        f"{to} is as it was at {manifest.made_at}: {len(manifest.files)} files, "
        f"{len(manifest.dumps)} PostgreSQL databases. Check it: soc doctor --data {to}"
    )


@click.command()
@click.option(
    "--backups",
    envvar="SOC_BACKUPS",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where `soc backup` writes to.",
)
@data_option
@json_option
def doctor(backups: Path | None, data: Path | None, as_json: bool) -> None:
    """Check this machine and the data folder, and say what to do. Exit code 1 on a failure."""
    findings = examine(Site.open(data), backups)
    show(findings, title="This machine", as_json=as_json)
    finish(not [finding for finding in findings if finding.state == "failed"])
