"""Who asks: a token of the hub that has this service's scope, and the roster as it is now.

Rule: the token says who she is and the roster what she may; no address, header or body names a
student. Tokens come in the header alone, so that no other site can make a browser send one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jupyterhub.services.auth import HubAuth

from hub.people import people
from programme.roster import members
from programme.site import Site

WhoIs = Callable[[str], Awaitable[str | None]]
TOKEN_FRESH_S = 5  # a token that was taken back works no longer than this


def by_hub() -> WhoIs:
    """Ask the hub whose token it is. None: unknown, expired, not a person's, or without scope."""
    auth = HubAuth(cache_max_age=TOKEN_FRESH_S)

    async def who_is(token: str) -> str | None:
        user = await auth.user_for_token(token, sync=False)
        if not user or user.get("kind") != "user":
            return None
        if not auth.check_scopes(auth.access_scopes, user):
            return None
        return str(user["name"])

    return who_is


async def studies(site: Site, username: str, cohort: str) -> bool:
    """Whether she is a student of the cohort now. A cohort that is not there is not hers either."""
    mine = await asyncio.to_thread(members, site, username)
    person = people(mine).get(username)
    return person is not None and cohort in person.studies
