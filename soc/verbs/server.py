"""Verbs that start something: hub, proxy, demo."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from hub import desks, settings, shared
from hub.proxy import TOKEN_VARIABLE
from programme.site import DATA_VARIABLE, Site
from soc.demo.build import ensure_demo
from soc.demo.run import run_demo
from soc.hub_command import HUB_COMMAND
from soc.verbs.options import data_option


@click.command()
@data_option
def hub(data: Path | None) -> None:
    """Run JupyterHub for the data folder, in the foreground."""
    site = Site.open(data)
    os.environ[DATA_VARIABLE] = str(site.root)
    os.chdir(site.root)
    os.execv(HUB_COMMAND[0], HUB_COMMAND)  # noqa: S606  the hub takes this process's place and signals


@click.command()
@data_option
def proxy(data: Path | None) -> None:
    """Run the hub's proxy by itself, for a hub with SOC_OWN_PROXY=1."""
    command = settings.proxy_command()
    os.environ[TOKEN_VARIABLE] = shared.secret(desks.state(Site.open(data)), shared.PROXY)
    os.execv(command[0], command)  # noqa: S606  as above


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Its own folder.",
)
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
def demo(data: Path, port: int) -> None:
    """Build the demo cohort if it isn't there, and run a hub with it until Ctrl-C."""
    root = data.expanduser().resolve()
    site = ensure_demo(root, datetime.now().astimezone().date(), say=click.echo)
    raise click.exceptions.Exit(run_demo(site, port, say=click.echo))
