"""A student's single-user server: JupyterHub's own, with the limits and the seed that ours have.

On one machine it is a fork (`hub.zygote`); in a cluster's pod it starts by itself. Limits that must
hold for all its kernels (processes, size of a file, address space) are set here, before anything
else starts.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from pathlib import Path

from jupyterhub.singleuser.extension import JupyterHubSingleUser

from hub.student import seed


def set_limits(limits: dict[str, int]) -> None:
    """Set soft and hard rlimits by name; never above what is already the hard limit."""
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (limit, limit))


def link_style(config: Path) -> None:
    """Notebook looks for its style sheet in the (throw-away) user configuration only."""
    config.mkdir(exist_ok=True)
    link = config / "custom"
    if not link.is_symlink():
        link.symlink_to(Path(__file__).parent / "config" / "custom")


def end_with(child: int) -> None:
    """End in good order when `child` has ended: without its seed a server can start no kernel."""

    def wait() -> None:
        os.waitpid(child, 0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def settle() -> None:
    """Take the limits of SOC_LIMITS, plant the seed, find our style sheet."""
    set_limits(json.loads(os.environ.pop("SOC_LIMITS")))
    end_with(seed.plant())
    link_style(Path(os.environ["JUPYTER_CONFIG_DIR"]))


def main() -> None:
    """Start by itself."""
    settle()
    JupyterHubSingleUser.launch_instance()


if __name__ == "__main__":
    main()
