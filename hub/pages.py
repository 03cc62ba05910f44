"""The hub's own pages for teachers, and where everybody goes after signing in.

Rule: a teacher needs no server of her own to teach, so she lands on a page of the hub; a student
lands in her week, on her own server.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_path_join
from tornado import web

from hub.condition import Glance
from hub.people import Directory


class TeachHandler(BaseHandler):
    """Where everybody lands: links to grading and to the programme's board; students go on."""

    def initialize(self, directory: Directory) -> None:
        """The roster."""
        self.directory = directory

    @web.authenticated
    async def get(self) -> None:
        """Show the classes of who asks. A student is led to her week."""
        person = self.directory.find(self.current_user.name)
        if person is None or not (person.staff or person.teaches):
            self.redirect(url_path_join(self.hub.base_url, "spawn"))
            return
        page = await self.render_template(
            "teach.html",
            teaches=person.teaches,
            prefix=self.base_url,
        )
        self.finish(page)


class ConditionHandler(BaseHandler):
    """Whether everything works and who waits, in an instructor's words: her cohorts, or all."""

    def initialize(self, directory: Directory, glance: Glance) -> None:
        """The roster, and what looks at the installation."""
        self.directory = directory
        self.glance = glance

    @web.authenticated
    async def get(self) -> None:
        """The page. Raises 404 for a student: it is none of hers."""
        person = self.directory.find(self.current_user.name)
        if person is None or not (person.staff or person.teaches):
            raise web.HTTPError(404)
        now = await asyncio.to_thread(self.glance.now)
        mine = [one for one in now.cohorts if person.staff or one.name in person.teaches]
        page = await self.render_template(
            "condition.html", now=now, cohorts=mine, minutes=_minutes, prefix=self.base_url
        )
        self.finish(page)


class HealthHandler(web.RequestHandler):
    """For a program that watches: 200 when the installation works by itself, else 503."""

    def initialize(self, glance: Glance) -> None:
        """What looks at the installation."""
        self.glance = glance

    async def get(self) -> None:
        """Yes or no and nothing else, since everybody may ask."""
        now = await asyncio.to_thread(self.glance.now)
        self.set_status(200 if now.healthy else 503)
        self.finish({"healthy": now.healthy})


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))


class StaticHandler(web.StaticFileHandler):
    """Our style sheet and fonts; they may be kept for a day."""

    def get_cache_time(self, *_args: Any) -> int:
        """Seconds."""
        return 86_400
