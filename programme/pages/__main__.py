"""Runs the pages as the hub starts them: `python -m programme.pages`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer

from programme.pages import activity
from programme.pages.admitting import OpenAccounts
from programme.pages.app import LARGEST_FORM_BYTES, make_app
from programme.site import Site, SiteError
from programme.store import StoreError, ensure_database


async def serve(
    site: Site, url: str, prefix: str, base_url: str, open_accounts: OpenAccounts | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, and look who is online while sessions are held."""
    app = make_app(site, prefix, base_url, open_accounts)
    server = HTTPServer(app, max_body_size=LARGEST_FORM_BYTES, xheaders=True)
    address = urlsplit(url)
    server.listen(address.port or 80, address.hostname or "127.0.0.1")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watching = None
    if api_url := os.environ.get("JUPYTERHUB_API_URL"):
        token = os.environ["JUPYTERHUB_API_TOKEN"]
        watching = asyncio.create_task(activity.watch(site, api_url, token))
    await stop.wait()
    if watching:
        watching.cancel()
    server.stop()
    await server.close_all_connections()


def main(open_accounts: OpenAccounts | None = None) -> int:
    """Read the hub's environment and serve; 1 with a sentence when something is missing."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    wanted = ("JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_API_TOKEN")
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        print(f"The hub starts this service; missing: {', '.join(missing)}.", file=sys.stderr)
        return 1
    try:
        site = Site.open()
        ensure_database(site.programme_url)
    except (SiteError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    url, prefix, _ = (os.environ[name] for name in wanted)
    base_url = os.environ.get("JUPYTERHUB_BASE_URL", "/")
    asyncio.run(serve(site, url, prefix, base_url, open_accounts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
