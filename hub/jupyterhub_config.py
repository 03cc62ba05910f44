"""The hub of the installation that SOC_DATA names. All settings are in hub/settings.py."""

from hub import settings
from programme.site import Site

settings.update(get_config(), Site.open())  # `get_config` is given by traitlets
