"""A student's single-user server: JupyterHub's own, on a socket that the hub opened for it.

There is no network behind the walls, so it can't open a port itself; in a cluster's pod it does.
Limits that must hold for all its kernels (processes, size of a file, address space) are set here,
before anything else starts.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import threading
from pathlib import Path

from jupyter_server.serverapp import ServerApp
from jupyterhub.singleuser.extension import JupyterHubSingleUser

from hub.student import seed


class ListeningServerApp(ServerApp):
    """Jupyter's server on an open socket (SOC_LISTEN_FD)."""

    def _bind_http_server_tcp(self) -> bool:
        listener = socket.socket(fileno=int(os.environ["SOC_LISTEN_FD"]))
        listener.setblocking(False)
        listener.set_inheritable(False)
        self.http_server.add_socket(listener)
        return True


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


def main() -> None:
    """Start, with the limits of SOC_LIMITS."""
    set_limits(json.loads(os.environ.pop("SOC_LIMITS")))
    end_with(seed.plant())
    link_style(Path(os.environ["JUPYTER_CONFIG_DIR"]))
    if "SOC_LISTEN_FD" in os.environ:
        JupyterHubSingleUser.serverapp_class = ListeningServerApp
    JupyterHubSingleUser.launch_instance()


if __name__ == "__main__":
    main()
