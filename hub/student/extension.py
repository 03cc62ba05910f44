"""The page where a student lands: her weeks, checking, handing in, feedback.

Rule: plain pages and forms that work without a script, and nothing from elsewhere, so that a phone
on a weak line can use them. One small script asks for the state of what was handed in, until it is
settled. Feedback is shown in a frame that can run nothing: it holds what a program printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from hub.student import fetch, seed, weeks
from hub.student.texts import text

_HERE = Path(__file__).resolve().parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; "
)
_FEEDBACK_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "frame-ancestors 'self'"
)
_TIME_LIMIT_S = 300
_pages = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


class Work:
    """Runs `hub.student.work`, one command at a time: two at once would write the same files."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def run(self, command: str, *names: str) -> dict[str, Any]:
        """The command's answer; {"ok": False, "error": …} when it ended without one."""
        async with self._lock:
            return await asyncio.to_thread(_run, [command, *names])

    async def catch_up(self, place: weeks.Place) -> None:
        """Fetch released weeks that she lacks, and new feedback."""
        if "SOC_EXCHANGE_URL" in os.environ:
            await self.run("bring", "")
        async with self._lock:
            with contextlib.suppress(OSError):  # a full home: her page says what is there
                await asyncio.to_thread(fetch.fetch, place)
        if ready := weeks.new_feedback(place):
            await self.run("feedback", *ready)


def _hub_base() -> str:
    """Where the hub and its services are: at another host, if servers have subdomains."""
    host = os.environ.get("JUPYTERHUB_HOST", "")
    return f"{host}{os.environ.get('JUPYTERHUB_BASE_URL', '/')}"


def _run(arguments: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        home, env = str(Path.home()), dict(os.environ)
        work = seed.fork("hub.student.work", arguments, env, home, out.fileno(), log.fileno())
        if work.wait(_TIME_LIMIT_S) is None:
            work.kill()
            return {"ok": False, "error": f"{arguments[0]} took longer than {_TIME_LIMIT_S} s."}
        out.seek(0)
        log.seek(0)
        try:
            answer: dict[str, Any] = json.loads(out.read().decode().strip().rpartition("\n")[2])
        except ValueError:
            said = log.read().decode(errors="replace").strip()
            return {"ok": False, "error": said.rpartition("\n")[2][-300:]}
        return answer


class SchoolHandler(JupyterHandler):
    """What the pages share."""

    def initialize(self, work: Work) -> None:
        """`work` is the server's only one."""
        self.work = work
        self.place = weeks.Place.here()

    def show(self, page: str, **values: Any) -> None:
        """Render a page of ours; nothing but our style sheet and fonts may be loaded."""
        self.set_header("Content-Security-Policy", f"{_PAGE_POLICY}frame-src 'self'; "
                        "form-action 'self'; frame-ancestors 'none'")  # fmt: skip
        self.set_header("Cache-Control", "no-store")
        html = _pages.get_template(page).render(
            base=self.base_url,
            hub=url_path_join(_hub_base(), "hub/"),
            programme=url_path_join(_hub_base(), "services/programme/"),
            xsrf=self.xsrf_token.decode("ascii"),
            language=os.environ.get("SOC_LANGUAGE", "en"),
            text=text,
            **values,
        )
        self.finish(html)

    def known_week(self, name: str) -> str:
        """The week, if it is released. Raises 404."""
        if not _NAME.fullmatch(name) or name not in weeks.released(self.place):
            raise web.HTTPError(404)
        return name


class WeeksHandler(SchoolHandler):
    """Her weeks, the newest one open."""

    @web.authenticated
    async def get(self, week: str = "") -> None:
        """Fetch what is new, show everything, `week` open; also a page that a button brought."""
        await self.work.catch_up(self.place)
        self.weeks(at_week=week if week in weeks.released(self.place) else "")

    def weeks(self, **values: Any) -> None:
        """Show the weeks, with a result on top if there is one."""
        titles = json.loads(os.environ.get("SOC_WEEKS", "{}"))
        shown = weeks.weeks(self.place, titles) if self.place.cohort else []
        values = {"result": None, "problem": "", "notice": "", "at_week": ""} | values
        self.show("weeks.html", weeks=shown, name=os.environ.get("SOC_NAME", ""),
                  cohort=self.place.cohort, **values)  # fmt: skip


class StateHandler(SchoolHandler):
    """One week's state as a part of a page, for who waits for it."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Fetch new feedback and show where the week stands."""
        # Read first: when it says "answered", the feedback that is fetched next is that answer.
        known = weeks.week(self.place, self.known_week(name))
        await self.work.catch_up(self.place)
        feedback = weeks.week(self.place, name).feedback
        self.show("state.html", week=replace(known, feedback=feedback), handed_in=False)


class CheckHandler(WeeksHandler):
    """Check my work."""

    @web.authenticated
    async def post(self, name: str) -> None:
        """Run the visible tests and show what they say."""
        week = self.known_week(name)
        answer = await self.work.run("check", week)
        if not answer["ok"]:
            self.weeks(problem=text("failed", error=answer["error"]), at_week=week)
            return
        self.weeks(result=answer["notebooks"], at_week=week)


class SubmitHandler(WeeksHandler):
    """Hand in."""

    @web.authenticated
    async def post(self, name: str) -> None:
        """Hand in the week's folder through nbgrader, and say so."""
        week = self.known_week(name)
        answer = await self.work.run("submit", week)
        if not answer["ok"]:
            self.weeks(problem=text("failed", error=answer["error"]), at_week=week)
            return
        self.weeks(notice=text("handed-in"), at_week=week)


class FeedbackHandler(SchoolHandler):
    """One page of feedback, in a frame."""

    @web.authenticated
    async def get(self, week: str, sent: str, notebook: str) -> None:
        """Show the frame."""
        self.show("feedback.html", week=self.known_week(week), sent=sent, notebook=notebook)


class FeedbackPageHandler(SchoolHandler):
    """The feedback itself, as nbgrader wrote it; it may load nothing and run nothing."""

    @web.authenticated
    async def get(self, week: str, sent: str, notebook: str) -> None:
        """Send the file if it is one of the week's."""
        folder = self.place.home / self.known_week(week) / "feedback"
        for page in folder.glob("*/*.html"):
            if (page.parent.name, page.stem) == (sent, notebook):
                self.set_header("Content-Security-Policy", _FEEDBACK_POLICY)
                self.set_header("Content-Type", "text/html; charset=utf-8")
                self.finish(page.read_bytes())
                return
        raise web.HTTPError(404)


class StaticHandler(web.StaticFileHandler):
    """Our style sheet and fonts. They hold no secret and may be kept."""

    def get_cache_time(self, *_args: Any) -> int:
        """Seconds: a week."""
        return 604_800


def _load_jupyter_server_extension(app: Any) -> None:
    """Add the pages to the server, and fetch what is new while nobody waits for it."""
    work = Work()
    shared = {"work": work}
    part = r"([^/]+)"
    pages: list[tuple[Any, ...]] = [
        (r"/school/?", WeeksHandler, shared),
        (rf"/school/week/{part}", WeeksHandler, shared),
        (rf"/school/check/{part}", CheckHandler, shared),
        (rf"/school/submit/{part}", SubmitHandler, shared),
        (rf"/school/state/{part}", StateHandler, shared),
        (rf"/school/feedback/{part}/{part}/{part}", FeedbackHandler, shared),
        (rf"/school/page/{part}/{part}/{part}", FeedbackPageHandler, shared),
        (r"/school/static/(.*)", StaticHandler, {"path": str(_HERE / "static")}),
    ]
    base = app.web_app.settings["base_url"]
    app.web_app.add_handlers(".*$", [(url_path_join(base, p[0]), *p[1:]) for p in pages])
    place = weeks.Place.here()
    if place.cohort:
        app.io_loop.add_callback(work.catch_up, place)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hub.student.extension"}]
