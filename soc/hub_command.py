"""How the hub is started: by `soc hub` for good, by `soc demo` for an afternoon."""

from __future__ import annotations

import sys

from programme.site import CHECKOUT

HUB_COMMAND = (sys.executable, "-m", "jupyterhub", "-f", f"{CHECKOUT}/hub/jupyterhub_config.py")
