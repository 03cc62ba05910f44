"""Asks the hub who is active while an online session is held; what is kept is in online.py."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from programme import online
from programme.errors import ProgrammeError
from programme.site import Site

PAGE = 200  # users an answer: the hub gives no more
PAGINATED = "application/jupyterhub-pagination+json"
log = logging.getLogger(__name__)


async def watch(site: Site, api_url: str, token: str) -> None:
    """Take samples until it is cancelled. A hub that does not answer costs one sample."""
    while True:
        pause_s = 60.0
        try:
            pause_s *= online.read_rule(site.course).sample_minutes
            if await asyncio.to_thread(online.windows, site, datetime.now(UTC)):
                seen = await last_active(api_url, token)
                count = await asyncio.to_thread(online.count, site, seen, datetime.now(UTC))
                log.info("online sessions: %d students seen", count)
        except (OSError, HTTPClientError, ProgrammeError, ValueError) as error:
            log.warning("no sample of who is online: %s", error)
        await asyncio.sleep(pause_s)


async def last_active(api_url: str, token: str) -> Mapping[str, datetime]:
    """Users with a running server → when they were last active. Raises HTTPClientError."""
    client, found, offset = AsyncHTTPClient(), dict[str, datetime](), 0
    headers = {"Authorization": f"token {token}", "Accept": PAGINATED}
    while True:
        url = f"{api_url}/users?state=active&limit={PAGE}&offset={offset}"
        answer = json.loads((await client.fetch(url, headers=headers)).body)
        for user in answer["items"]:
            if user.get("last_activity"):
                found[user["name"]] = datetime.fromisoformat(user["last_activity"])
        if not answer["_pagination"]["next"]:
            return found
        offset = answer["_pagination"]["next"]["offset"]
