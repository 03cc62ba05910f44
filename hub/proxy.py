"""configurable-http-proxy, compressing what it passes on, and heeding the host it is asked for.

It unpacks every answer of the servers behind it and would send it on unpacked: a first visit would
cost 6 MB instead of 1.7. So it is this proxy that compresses, once, for the hub's pages, the
students' servers and formgrader alike. It keeps routes by host (`--host-routing`), and then looks
none of them up by host: with subdomains every page would be missing.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from typing import Any

# Its own limit of 20 s would end a long cell.
COMMAND = (sys.executable, "-m", "hub.proxy", "--proxy-timeout=600000")
BY_HOST = "--host-routing"
TOKEN_VARIABLE = "CONFIGPROXY_AUTH_TOKEN"  # noqa: S105  # a variable's name


class AtHost:
    """A proxy as one request's host sees it: everything as it is, routes looked up at that host."""

    def __init__(self, proxy: Any, host: str) -> None:
        self._proxy, self._host = proxy, host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._proxy, name)

    def target_for_req(self, _host: None, path: str) -> Any:
        """The route of `path` at this host, of the hub where nobody else has the host."""
        return self._proxy.target_for_req(self._host, f"/{path.lstrip('/')}")


def run() -> int:
    """Run the proxy until it is told to stop."""
    from configurable_http_proxy import configproxy  # noqa: PLC0415  # the hub imports only COMMAND
    from configurable_http_proxy.cli import main  # noqa: PLC0415
    from tornado.web import Application  # noqa: PLC0415

    class ByHost(configproxy.ProxyHandler):
        """Passes a request on to who has its host and its path."""

        def initialize(self, proxy: Any) -> None:
            by_host = proxy.host_routing
            super().initialize(proxy=AtHost(proxy, self.request.host_name) if by_host else proxy)

    configproxy.Application = functools.partial(Application, compress_response=True)
    configproxy.ProxyHandler = ByHost
    # It tells the time of a route's last use without a zone, and JupyterHub takes that for UTC: in
    # Phnom Penh an idle server would be stopped seven hours late.
    os.environ["TZ"] = "UTC"
    time.tzset()
    # JupyterHub says it as a switch, this proxy expects a value.
    sys.argv = [f"{BY_HOST}=yes" if argument == BY_HOST else argument for argument in sys.argv]
    status: int = main()
    return status


if __name__ == "__main__":
    sys.exit(run())
