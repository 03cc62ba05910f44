"""configurable-http-proxy, compressing what it passes on.

It unpacks every answer of the servers behind it and would send it on unpacked: a first visit would
cost 6 MB instead of 1.7. So it is this proxy that compresses, once, for the hub's pages, the
students' servers and formgrader alike.
"""

from __future__ import annotations

import functools
import sys

from configurable_http_proxy import configproxy
from configurable_http_proxy.cli import main
from tornado.web import Application

if __name__ == "__main__":
    configproxy.Application = functools.partial(Application, compress_response=True)
    sys.exit(main())
