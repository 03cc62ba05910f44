"""configurable-http-proxy, compressing what it passes on.

It unpacks every answer of the servers behind it and would send it on unpacked: a first visit would
cost 6 MB instead of 1.7. So it is this proxy that compresses, once, for the hub's pages, the
students' servers and formgrader alike.
"""

from __future__ import annotations

import functools
import sys

# Its own limit of 20 s would end a long cell.
COMMAND = (sys.executable, "-m", "hub.proxy", "--proxy-timeout=600000")
TOKEN_VARIABLE = "CONFIGPROXY_AUTH_TOKEN"  # noqa: S105  # a variable's name


def run() -> int:
    """Run the proxy until it is told to stop."""
    from configurable_http_proxy import configproxy  # noqa: PLC0415  # the hub imports only COMMAND
    from configurable_http_proxy.cli import main  # noqa: PLC0415
    from tornado.web import Application  # noqa: PLC0415

    configproxy.Application = functools.partial(Application, compress_response=True)
    status: int = main()
    return status


if __name__ == "__main__":
    sys.exit(run())
