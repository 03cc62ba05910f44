"""The hub of the installation that SOC_DATA names. All settings are in hub/settings.py."""

from hub import settings
from hub.spawner import SandboxSpawner
from programme.site import Site

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by traitlets
settings.update(c, Site.open())
SandboxSpawner.zygote.warm_up()
