"""The formgrader server of a cohort: what it may see, when it can be walled in.

Rule: an instructor grades her cohort and sees no other, nor the hub's state. The walls need a hub
that runs as an ordinary user, as a real one should: as root, files of a cohort belong to root, and
the autograder's own sandbox gives up root by itself, which it could not do inside of ours.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hub import desks, sandbox
from hub.managed import Services
from programme.site import CHECKOUT, DATA_VARIABLE, Cohort, Site

_CONFIG = Path(__file__).resolve().parent / "grader_config"


def add(to: Services, site: Site, cohort: Cohort) -> None:
    """nbgrader's formgrader for one cohort, for its instructors alone."""
    name = cohort.name
    to.page(name, _command(site, cohort), ["read:users:groups", "list:users"],
            cwd=str(cohort.root), environment=_environment(site, cohort))  # fmt: skip
    to.add(
        f"formgrade-{name}",
        [f"access:services!service={name}", "list:services", f"read:services!service={name}"],
        groups=[f"formgrade-{name}"],
    )


def _command(site: Site, cohort: Cohort) -> list[str]:
    server = [sys.executable, "-m", "jupyterhub.singleuser"]
    if os.geteuid() == 0:
        return server
    exchange = cohort.exchange / cohort.name
    for folder in (cohort.root, exchange):
        folder.mkdir(parents=True, exist_ok=True)
    walls = sandbox.Walls(
        home=str(cohort.root),
        uid=os.geteuid(),
        read=[
            (path, str(path))
            for path in (CHECKOUT, site.course, site.root / "soc.toml", Path("/etc/passwd"))
        ],
        write=[(path, str(path)) for path in (cohort.root, exchange)],
        network=True,  # the hub's API, and a PostgreSQL gradebook
        our_packages=True,
        die_with_parent=True,
    )
    return sandbox.command(walls, server)


def _environment(site: Site, cohort: Cohort) -> dict[str, str]:
    """What the server's process is told. Its own files are thrown away, or stay with the hub's."""
    own = desks.state(site) / "graders" / cohort.name if os.geteuid() == 0 else Path("/tmp/own")  # noqa: S108
    return {
        DATA_VARIABLE: str(site.root),
        "HOME": str(own),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_CONFIG_PATH": str(_CONFIG),
        "JUPYTER_DATA_DIR": str(own),
        "JUPYTERHUB_DEFAULT_URL": "/formgrader",
    }
