"""Signing in by password: the first one comes from an invitation code.

Rule: nobody owns a name because she typed it first. Known passwords exist in a demo alone, and a
demo listens on this machine alone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
from typing import Any

from firstuseauthenticator import FirstUseAuthenticator
from firstuseauthenticator.firstuseauthenticator import ResetPasswordHandler
from jupyterhub.handlers import BaseHandler, LoginHandler
from tornado import web

from hub import accounts
from hub.accounts import AccountError, invite
from hub.auth_roster import RosterRules, Vouched, notice
from hub.texts import both
from programme.site import Site

__all__ = ["RosterAuthenticator", "check_demo", "in_demo", "invite", "preset_password"]


class DemoError(Exception):
    """Known passwords are asked for where others could reach them."""


def in_demo() -> bool:
    """Whether this is the demo, whose passwords everybody knows."""
    return os.environ.get("SOC_DEMO") == "1"


def check_demo(address: str) -> None:
    """Refuse a demo on any address but this machine's own. Raises DemoError."""
    if not in_demo():
        return
    try:
        local = ipaddress.ip_address(address).is_loopback
    except ValueError:
        local = address == "localhost"
    if not local:
        raise DemoError(
            f"The demo has known passwords and would listen on {address or 'all addresses'}. "
            "Unset SOC_HUB_IP, or unset SOC_DEMO for real use."
        )


def preset_password(site: Site, username: str, password: str) -> None:
    """Give a demo's user a known password. Raises DemoError outside a demo."""
    if not in_demo():
        raise DemoError("Known passwords are for the demo alone (SOC_DEMO=1). Use `soc invite`.")
    accounts.set_password(site, username, password)


class FirstSignInHandler(BaseHandler):
    """The page where an invitation code becomes a password."""

    async def get(self) -> None:
        """Show the form; a link may carry the name and the code."""
        await self._show(self.get_argument("username", ""), self.get_argument("code", ""))

    async def post(self) -> None:
        """Use up the code, set the password, sign in."""
        username = self.get_body_argument("username", "").strip()
        code = self.get_body_argument("code", "")
        password = self.get_body_argument("password", "", strip=False)
        if password != self.get_body_argument("again", "", strip=False):
            await self._show(username, code, "password-differs")
            return
        problem = await self.authenticator.accept(username, code, password, self.request.remote_ip)
        if problem:
            await self._show(username, code, problem)
            return
        user = await self.login_user({"username": username, "password": password})
        self._jupyterhub_user = user  # as the hub's own login does: the landing page asks who
        self.redirect(self.get_next_url(user))

    async def _show(self, username: str, code: str, problem: str = "") -> None:
        if problem:
            self.set_status(403)
        html = await self.render_template(
            "first.html",
            username=username,
            code=code,
            problem=both(problem) if problem else None,
        )
        self.finish(html)


class SignInHandler(LoginHandler):
    """The hub's login form; what it says about a failure is said in both languages."""

    def _render(self, login_error: Any = None, username: Any = None, **more: Any) -> Any:
        if login_error == "Invalid username or password":
            login_error = " ".join(both("sign-in-unknown").values())
        return super()._render(login_error, username, **more)


class ChangePasswordHandler(ResetPasswordHandler):
    """A signed-in user's own new password."""

    @web.authenticated
    async def post(self) -> None:
        """Change it, after the present one was typed again."""
        user = self.current_user
        old = self.get_body_argument("old", "", strip=False)
        new = self.get_body_argument("password", "", strip=False)
        problem = await self.authenticator.change(user.name, old, new, self.request.remote_ip)
        await self._show(problem or "password-changed", failed=bool(problem))

    @web.authenticated
    async def get(self) -> None:
        """Show the form, unless she comes from an LMS and has no password here."""
        if accounts.without_password(self.authenticator.site, [self.current_user.name]):
            await notice(self, "outside-password", 200)
            return
        await self._show()

    async def _show(self, text: str = "", failed: bool = False) -> None:
        if failed:
            self.set_status(403)
        result = both(text) if text else None
        self.finish(await self.render_template("password.html", result=result, failed=failed))


class RosterAuthenticator(RosterRules, FirstUseAuthenticator):
    """firstuseauthenticator's pages and checks, over the roster and `hub.accounts`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("check_passwords_on_startup", False)  # there is no dbm file
        super().__init__(**kwargs)
        self.min_password_length = accounts.MIN_PASSWORD

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """The user's model when name and password fit and the roster knows her."""
        if isinstance(data, Vouched):
            return self.model(data["username"])
        username = self.normalize_username(data.get("username", ""))
        address = handler.request.remote_ip
        if not self.attempts.allowed(username, address):
            raise web.HTTPError(429, " ".join(both("too-many").values()))
        known = await asyncio.to_thread(
            accounts.is_password, self.site, username, data.get("password", "")
        )
        model = self.model(username)
        if not known or model is None:
            self.attempts.failed(username, address)
            return None
        self.attempts.succeeded(username)
        return model

    async def accept(self, username: str, code: str, password: str, address: str) -> str:
        """Use an invitation code; the id of the text that says why not, or ''."""
        username = self.normalize_username(username)
        if not self.attempts.allowed(username, address):
            return "too-many"
        try:
            if self.directory.find(username) is None:
                code = ""  # as slow and as silent as for a code that doesn't fit
            await asyncio.to_thread(accounts.accept, self.site, username, code, password)
        except AccountError as error:
            if error.args[0] == "code-unknown":
                self.attempts.failed(username, address)
            return str(error.args[0])
        return ""

    async def change(self, username: str, old: str, new: str, address: str) -> str:
        """Change a password; the id of the text that says why not, or ''."""
        if not self.attempts.allowed(username, address):
            return "too-many"
        if not await asyncio.to_thread(accounts.is_password, self.site, username, old):
            self.attempts.failed(username, address)
            return "password-old"
        try:
            await asyncio.to_thread(accounts.set_password, self.site, username, new)
        except AccountError as error:
            return str(error.args[0])
        return ""

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        """The pages of signing in."""
        del app
        return [
            (r"/login", SignInHandler),
            (r"/first", FirstSignInHandler),
            (r"/auth/change-password", ChangePasswordHandler),
            *self.lti_pages(),
        ]
