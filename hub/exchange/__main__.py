"""Runs the exchange as the hub starts it: `python -m hub.exchange`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from urllib.parse import urlsplit

from tornado import web
from tornado.httpserver import HTTPServer

from hub import condition
from hub.exchange import access, handlers
from hub.exchange.shelf import Shelf
from hub.exchange.uploads import Rules, Uploads
from programme.site import Site

_SWEEP_EACH_S = 10
_log = logging.getLogger("hub.exchange")


def make_app(
    site: Site, who_is: access.WhoIs, prefix: str = "/", rules: Rules | None = None
) -> web.Application:
    """All addresses of the service."""
    exchange = handlers.Exchange(site, who_is, Uploads(site, rules), Shelf(site))
    shared = {"exchange": exchange}
    cohort, digest = "(?P<cohort>[a-z][a-z0-9-]{1,39})", "[0-9a-f]{64}"
    upload = f"(?P<week>[A-Za-z0-9_-]{{1,64}})/(?P<length>[0-9]{{1,9}})/(?P<sha256>{digest})"
    return web.Application(
        [
            (f"{prefix}files/{cohort}", handlers.FilesHandler, shared),
            (f"{prefix}files/{cohort}/(?P<digest>{digest})", handlers.FileHandler, shared),
            (f"{prefix}uploads/{cohort}/{upload}", handlers.UploadHandler, shared),
            (f"{prefix}settings/{cohort}", handlers.SettingsHandler, shared),
        ],
        exchange=exchange,
    )


async def serve(site: Site) -> None:
    """Serve until SIGTERM or SIGINT. What a kill left half done is finished first."""
    app = make_app(site, access.by_hub(), os.environ["JUPYTERHUB_SERVICE_PREFIX"])
    server = HTTPServer(app, xheaders=True, max_body_size=handlers.MOST_PIECE_BYTES)
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    server.listen(address.port or 80, address.hostname or "127.0.0.1")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while not stop.is_set():
        await _sweep(site, app.settings["exchange"])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _SWEEP_EACH_S)
    condition.rest(site, "exchange")
    server.stop()
    await server.close_all_connections()


async def _sweep(site: Site, exchange: handlers.Exchange) -> None:
    """Tidy up, and give a sign of life."""
    try:
        async with exchange.unpacking:
            await asyncio.to_thread(exchange.uploads.sweep)
        condition.beat(site, "exchange")
    except OSError as error:
        _log.error("The exchange goes on after: %s", error)


if __name__ == "__main__":
    logging.getLogger("tornado.access").setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(Site.open()))
