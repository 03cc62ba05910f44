"""A cohort's formgrader is started when somebody who may grade there opens its address.

Rule: none runs before it is asked for. So a hub of thousands of clubs starts as fast as one with
two cohorts, and a club that was approved a moment ago needs no restart. The hub's own functions
make it from the same words as a service of its configuration: from then on it is one, under the
same rights, started again when it dies and stopped with the hub. The next hub forgets it. When one
has started, those that nobody has used for long end.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from jupyterhub import orm, roles
from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_path_join
from tornado import web

from hub import graders
from hub.auth_roster import notice
from hub.managed import Services
from hub.people import Directory
from programme.site import Cohort, Site, SiteError


class Gradebooks:
    """Starts each only once, however many open it at the same time, and ends idle ones."""

    def __init__(self, idle: timedelta) -> None:
        self._idle = idle
        self._running: set[str] = set()
        self._turn: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # starts and ends, by name
        self._making_room: asyncio.Task[None] | None = None

    async def ensure(self, app: Any, site: Site, cohort: Cohort) -> bool:
        """Have the cohort's formgrader running; False when it can't start (see the hub's log)."""
        name = cohort.name
        async with self._turn[name]:
            running = app.tornado_settings["services"].get(name)
            if running is not None:  # and a proxy that was restarted doesn't know of it
                await app.proxy.add_service(running)
                return True
            wanted = Services()
            graders.add(wanted, site, cohort)
            if not await _start(app, wanted):
                return False
            self._running.add(name)
        self._making_room = asyncio.create_task(self._make_room(app))
        return True

    async def _make_room(self, app: Any) -> None:
        """End those that nobody has asked for anything for long; the proxy knows."""
        for route in (await app.proxy.get_all_routes()).values():
            name, used = route["data"].get("service"), route["data"].get("last_activity")
            if name in self._running and used and _ago(used) > self._idle:
                async with self._turn[name]:
                    self._running.remove(name)
                    await _end(app, name)


def _ago(moment: str) -> timedelta:
    """How long ago a time of the proxy's is. Without a zone it is UTC (hub/proxy.py)."""
    at = datetime.fromisoformat(moment)
    return datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))


async def _end(app: Any, name: str) -> None:
    """Do for one service what the hub does for all when it stops."""
    service = app.tornado_settings["services"].pop(name)
    await app.proxy.delete_service(service)
    await service.stop()


async def _start(app: Any, wanted: Services) -> bool:
    """Do at run time what the hub does at its start with `services` and `load_roles`."""
    (spec,) = wanted.services
    service = app.service_from_spec(spec)
    for role in wanted.roles:
        _give(app.db, role)
    app.tornado_settings["oauth_no_confirm_list"].add(service.oauth_client_id)
    if not await app.start_service(service.name, service):
        await service.stop()
        del app.tornado_settings["services"][service.name]
        return False
    await app.proxy.add_service(service)
    return True


def _give(db: Any, role: dict[str, Any]) -> None:
    """Make the role, and give it to its services and groups; a group that isn't there is made."""
    made = roles.create_role(db, role)
    for name in role.get("services", ()):
        roles.grant_role(db, orm.Service.find(db, name=name), made)
    for name in role.get("groups", ()):
        group = orm.Group.find(db, name)
        if group is None:
            group = orm.Group(name=name)
            db.add(group)
        roles.grant_role(db, group, made)


class OpenHandler(BaseHandler):
    """The address of a formgrader that doesn't run: the proxy sends here what it doesn't know."""

    def initialize(self, site: Site, directory: Directory, gradebooks: Gradebooks) -> None:
        """The installation, its roster, and what starts formgraders."""
        self.site = site
        self.directory = directory
        self.gradebooks = gradebooks

    @web.authenticated
    async def get(self, name: str, rest: str | None) -> None:
        """Start it and lead there. Raises 403 for who doesn't grade there, 404 for staff."""
        person = self.directory.find(self.current_user.name)
        if person is None or not (person.staff or name in person.teaches):
            raise web.HTTPError(403)
        # A seat that is a minute old: the hub learns now, not at the next refresh, of her group.
        await self.refresh_auth(self.current_user, force=True)
        try:
            cohort = self.site.cohort(name)
        except SiteError as error:
            if name not in person.teaches:
                raise web.HTTPError(404) from error
            return await notice(self, "gradebook-soon", status=503)
        if not await self.gradebooks.ensure(self.app, self.site, cohort):
            return await notice(self, "gradebook-failed", status=503)
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(url_path_join(self.base_url, "services", name, rest or "/") + query)
        return None
