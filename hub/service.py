"""The loop of a service that the hub manages: do the work every so often until told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator


def every(seconds: float) -> Iterator[None]:
    """Yield again and again, `seconds` apart, until SIGTERM or SIGINT; log to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    stop = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    while not stop.wait(seconds):
        yield
