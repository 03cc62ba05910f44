"""What every page has in common: who asks, in which language, and headers that keep it closed."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import jinja2
from jupyterhub.services.auth import HubOAuthenticated
from markupsafe import Markup
from tornado.web import HTTPError, RequestHandler

from programme.course import Both
from programme.messages import catalogue, message
from programme.pages.access import Viewer, viewer
from programme.site import LANGUAGES, Site, SiteError
from programme.store import RefusedError
from programme.taught import of_kind
from programme.written import parse_whole

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
LANGUAGE_COOKIE = "soc-language"
# Parts of addresses.
COHORT = r"([a-z][a-z0-9-]{1,39})"
USERNAME = r"([a-z][a-z0-9_-]{1,31})"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A strict undefined: a misspelt name in a template is an error, not an empty place.
templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Shown(RequestHandler):
    """What every page has: closed headers, a language, templates, errors in words."""

    site: Site

    def initialize(self, site: Site) -> None:
        """Tornado's hook: what the application gives every page."""
        self.site = site

    def set_default_headers(self) -> None:
        """Close the page: no scripts, no frames, no caches."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    @property
    def language(self) -> str:
        """The language asked for, chosen before, or preferred by the browser."""
        asked = self._query("lang")
        if asked in LANGUAGES:
            return asked
        chosen = self.get_cookie(LANGUAGE_COOKIE, "")
        if chosen in LANGUAGES:
            return str(chosen)
        preferred = self.request.headers.get("Accept-Language", "")
        return "km" if preferred.lower().startswith("km") else "en"

    def prepare(self) -> None:
        """Remember a language that is asked for."""
        asked = self._query("lang")
        if asked in LANGUAGES:
            self.set_cookie(
                LANGUAGE_COOKIE, asked, path=self.prefix, expires_days=365,
                samesite="Lax", httponly=True,
            )  # fmt: skip

    @property
    def prefix(self) -> str:
        """Where the service lives: /services/programme/."""
        return str(self.application.settings["prefix"])

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what waits for a database in a thread, so that others are served meanwhile."""
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(None, call)

    def today(self) -> date:
        """The day in Cambodia."""
        return of_kind(self.site.course, "ambassador").schedule.today()

    def say(self, message_id: str, **fields: object) -> str:
        """A text in the page's language."""
        return message(message_id, **fields).in_language(self.language)

    def show(self, template: str, asking: Viewer | None, **values: Any) -> None:
        """Render a template with what all of them use."""
        page = templates.get_template(template)
        self.finish(
            page.render(
                prefix=self.prefix,
                base_url=self.application.settings["base_url"],
                language=self.language,
                viewer=asking,
                say=self.say,
                both=_both,
                said=values.pop("said", self._said()),
                xsrf=Markup(self.xsrf_form_html()) if asking else "",  # noqa: S704  (tornado's own)
                **values,
            )
        )

    def _said(self) -> str:
        """What the page that sent her here has done: one of our texts, never hers."""
        done = self._query("done")
        count, number = (self._number(name) for name in ("count", "number"))
        if done == "marked":
            return self.say("page.marked", number=number, count=count)
        if done == "decided":
            return self.say("page.decided", count=count)
        known = f"page.done.{done}"
        if known in catalogue():
            return self.say(known, number=number, count=count)
        return self.say("page.saved") if done == "saved" else ""

    def _query(self, name: str) -> str:
        """A parameter of the address; empty when it is missing or no text."""
        try:
            return self.get_query_argument(name, "")
        except HTTPError:
            return ""

    def _number(self, name: str) -> int:
        return parse_whole(self._query(name)) or 0

    def whole(self, name: str, default: str = "") -> int:
        """A whole number from a form. Raises RefusedError."""
        text = self.get_body_argument(name, default)
        number = parse_whole(text)
        if number is None:
            raise RefusedError(f"{text[:20]!r} is not a whole number")
        return number

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error page in words. What was refused says why; the rest does not tell."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, RefusedError):
            self.set_status(400)
            text = self.say("page.error.400", reason=str(error))
        else:
            known = str(status_code) if status_code in (403, 404) else "500"
            old_form = status_code == 403 and self.request.method == "POST"
            text = self.say("page.error.form" if old_form else f"page.error.{known}")
        self.show("error.html", None, status=self.get_status(), text=text, said="")

    def log_exception(self, *args: Any) -> None:
        """Refusals are no faults of ours and stay out of the log."""
        if not isinstance(args[1], RefusedError):
            super().log_exception(*args)


class Page(HubOAuthenticated, Shown):
    """A page of somebody whom the hub has signed in."""

    async def viewer(self) -> Viewer:
        """Who asks. Raises 403 for another service: only people have progress."""
        model = self.current_user
        if model is None or model.get("kind") != "user":
            raise HTTPError(403)
        return await self.run(viewer, self.site, model["name"])

    async def runs(self, cohort: str) -> Viewer:
        """Who asks, if she may run the cohort; raises 403, or 404 for staff and no such cohort."""
        asking = await self.viewer()
        if not asking.may_run(cohort):
            raise HTTPError(403)
        try:
            self.site.cohort(cohort)
        except SiteError as error:
            raise HTTPError(404) from error
        return asking

    async def staff(self) -> Viewer:
        """Who asks, if she is staff; raises 403."""
        asking = await self.viewer()
        if not asking.staff:
            raise HTTPError(403)
        return asking


def _both(message_id: str, **fields: object) -> Both:
    return message(message_id, **fields)
