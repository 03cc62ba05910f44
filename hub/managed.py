"""What the hub runs beside itself: services, each with a role that gives it the rights it needs.

Rule: a list of both, in the hub's own words, so that those of its configuration and those that are
started later (hub/gradebooks.py) are made alike.
"""

from __future__ import annotations

import os
import socket
from typing import Any

_START_S = 120  # the hub gives up, itself included, when a page service takes longer


class Services:
    """Collects services and the roles that give them, and who uses them, their rights."""

    def __init__(self) -> None:
        self.services: list[dict[str, Any]] = []
        self.roles: list[dict[str, Any]] = []
        self._ip = os.environ.get("SOC_SERVICES_IP", "127.0.0.1")
        self._used: set[int] = set()

    def add(self, name: str, scopes: list[str], **holders: list[str]) -> None:
        """A role, and who holds it (users, groups, services)."""
        self.roles.append({"name": name, "scopes": scopes, **holders})

    def service(self, name: str, command: list[str], scopes: list[str], **more: Any) -> None:
        """One that the hub starts."""
        # A hub that is killed takes its services with it, or the next one would find two of each.
        tied = ["/usr/bin/setpriv", "--pdeathsig", "TERM", *command]
        self.program(name, scopes, command=tied, **more)

    def program(self, name: str, scopes: list[str], **more: Any) -> None:
        """One that asks the hub; without a command, it is started by somebody else."""
        self.services.append({"name": name, "display": False, **more})
        if scopes:
            self.add(f"service-{name}", scopes, services=[name])

    def page(self, name: str, command: list[str], scopes: list[str], **more: Any) -> None:
        """One with pages below /services/<name>/."""
        url = f"http://{self._ip}:{self._free_port()}"
        page = {"url": url, "oauth_no_confirm": True, "timeout": _START_S}
        self.service(name, command, scopes, **page, **more)

    def _free_port(self) -> int:
        """A port that is free now. The hub wants to know it before the service runs."""
        while True:
            with socket.create_server((self._ip, 0)) as listener:
                port: int = listener.getsockname()[1]
            if port not in self._used:
                self._used.add(port)
                return port
