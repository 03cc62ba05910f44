"""The service: its addresses and its settings."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import Application, RequestHandler, StaticFileHandler

from programme.pages import (
    admitting,
    alumnae,
    apply,
    attendance,
    certificates,
    clubs,
    deciding,
    handlers,
    personal,
    reading,
    report,
    surveys,
    verify,
)
from programme.pages.base import COHORT, HEADERS, USERNAME
from programme.site import Site

LARGEST_FORM_BYTES = 256 * 1024
log = logging.getLogger(__name__)


class Static(StaticFileHandler):
    """Our style sheet, kept by the browser for a day."""

    def set_extra_headers(self, path: str) -> None:
        """The same closed headers, but cacheable."""
        for name, value in HEADERS.items():
            if name != "Cache-Control":
                self.set_header(name, value)
        self.set_header("Cache-Control", "public, max-age=86400")


def make_app(
    site: Site,
    prefix: str,
    base_url: str = "/",
    open_accounts: admitting.OpenAccounts | None = None,
) -> Application:
    """The application for the site below `prefix`, which ends with a slash.

    `open_accounts` makes the hub's accounts and letters: the hub stands above this package.
    """
    pages: list[tuple[str, type[RequestHandler]]] = [
        (r"", handlers.Start),
        (rf"me/{COHORT}", handlers.Me),
        (rf"cohort/{COHORT}", handlers.BoardPage),
        *deciding.ROUTES,
        *attendance.ROUTES,
        (rf"cohort/{COHORT}/student/{USERNAME}", handlers.StudentPage),
        (rf"cohort/{COHORT}/student/{USERNAME}/(call|lesson|override|lift)", handlers.StudentForm),
        (rf"cohort/{COHORT}/export/([a-z0-9-]+)\.(csv|xlsx)", handlers.Export),
        *clubs.ROUTES,
        *alumnae.ROUTES,
        *certificates.ROUTES,
        *personal.ROUTES,
        *report.ROUTES,
        *surveys.ROUTES,
        *verify.ROUTES,
        *admitting.ROUTES,
        *reading.ROUTES,
        (r"apply", apply.Calls),
        (rf"apply/{COHORT}", apply.Apply),
        (rf"apply/{COHORT}/([A-Za-z0-9_-]{{32}})", apply.Application),
    ]
    static = {"path": str(Path(__file__).parent / "static")}
    return Application(
        [
            (f"{prefix}oauth_callback", HubOAuthCallbackHandler),
            (f"{prefix}static/(.*)", Static, static),
            *((f"{prefix}{pattern}", page, {"site": site}) for pattern, page in pages),
        ],
        default_handler_class=handlers.Nothing,
        default_handler_args={"site": site},
        prefix=prefix,
        base_url=base_url,
        open_accounts=open_accounts,
        # Only for the sign-in's own cookies: a restart asks the hub again, unnoticed.
        cookie_secret=secrets.token_bytes(32),
        xsrf_cookies=True,
        compress_response=True,
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    """Which kind of page, how it went, how long; never whose."""
    log.info(
        "%s %s %d %.0f ms",
        handler.request.method,
        type(handler).__name__,
        handler.get_status(),
        1000 * handler.request.request_time(),
    )
