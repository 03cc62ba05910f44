"""The loop of a service that the hub manages: do the work every so often until told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator

_stop = threading.Event()


def every(seconds: float) -> Iterator[None]:
    """Yield again and again, `seconds` apart, until SIGTERM or SIGINT; log to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: _stop.set())
    while not _stop.wait(seconds):
        yield


def stopped() -> bool:
    """Whether it was told to stop: for work that goes on for long within one round."""
    return _stop.is_set()
