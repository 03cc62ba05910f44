"""The loop of a service that the hub manages: do the work every so often until told to stop."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Iterator

from hub import condition
from programme.site import Site

_stop = threading.Event()


def every(seconds: float, site: Site, service: str) -> Iterator[None]:
    """Yield again and again, `seconds` apart, until SIGTERM or SIGINT; log to standard error.

    Each round is a sign of life of `service`.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: _stop.set())
    while not _stop.wait(seconds):
        with contextlib.suppress(OSError):  # a full disk costs the sign, not the service
            condition.beat(site, service)
        yield


def stopped() -> bool:
    """Whether it was told to stop: for work that goes on for long within one round."""
    return _stop.is_set()
