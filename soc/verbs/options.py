"""Options that verbs share."""

from __future__ import annotations

import functools
import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from programme.site import Cohort, Site
from soc.errors import SocError

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SOC_DATA",
    help="The data folder. Default: what SOC_DATA names.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would be done; write nothing."
)
DAY = click.DateTime(["%Y-%m-%d"])


def by_option(does: str) -> Callable[..., Any]:
    """--by, for who `does` something that is kept with her name."""
    return click.option(
        "--by", default=getpass.getuser, show_default="you", help=f"Who {does}: it is kept."
    )


author_option = by_option("decides")
doer_option = by_option("does it")


def for_cohort(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Give `verb` the arguments `site` and `cohort` from --data and --cohort.

    --cohort may be left out when there is one cohort only, or inside a cohort's folder.
    """

    @data_option
    @click.option("--cohort", "name", envvar="SOC_COHORT", help="The cohort or club.")
    @functools.wraps(verb)
    def with_cohort(data: Path | None, name: str | None, **options: Any) -> Any:
        site = Site.open(data or _site_around(Path.cwd()))
        return verb(site=site, cohort=_choose(site, name), **options)

    return with_cohort


def _site_around(here: Path) -> Path | None:
    """The data folder that `here` is in, if it is in one."""
    return next((p for p in (here, *here.parents) if (p / "soc.toml").is_file()), None)


def _choose(site: Site, name: str | None) -> Cohort:
    here = Path.cwd()
    if name is None and (here / "cohort.toml").is_file():
        name = here.name
    names = site.cohort_names()
    if name is None and len(names) == 1:
        name = names[0]
    if name is None:
        known = ", ".join(names) or "none yet; `soc cohort add` makes one"
        raise SocError(f"Which cohort? Say --cohort NAME. Known: {known}.")
    return site.cohort(name)
