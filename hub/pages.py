"""The hub's own pages for teachers, and where everybody goes after signing in.

Rule: a teacher needs no server of her own to teach, so she lands on a page of the hub; a student
lands in her week, on her own server.
"""

from __future__ import annotations

from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_path_join
from tornado import web

from hub.people import Directory


class TeachHandler(BaseHandler):
    """Where everybody lands: links to grading and to the programme's board; students go on."""

    def initialize(self, directory: Directory, board: bool) -> None:
        """`board`: whether the programme's pages are served."""
        self.directory = directory
        self.board = board

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
            board=self.board,
            prefix=self.base_url,
        )
        self.finish(page)


class StaticHandler(web.StaticFileHandler):
    """Our style sheet and fonts; they may be kept for a day."""

    def get_cache_time(self, *_args: Any) -> int:
        """Seconds."""
        return 86_400
