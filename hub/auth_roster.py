"""What every way of signing in shares: the roster decides who somebody is and what she may do.

Rule: a way of signing in finds out *who* it is; groups and admin rights come from here, at every
sign-in and again every few minutes. An outside account belongs to one person for good: it is tied
to her by its issuer's own id, not by a name or an address that can be changed over there.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from traitlets import Any as AnyTrait

from hub import accounts
from hub.accounts import AccountError
from hub.attempts import Attempts
from hub.people import Person, is_username
from hub.texts import both


class Vouched(dict[str, str]):
    """A username that a page of ours has made sure of. No form can send one: forms give dicts."""


class RosterRules(Authenticator):
    """The roster's rules for an authenticator of the hub."""

    site = AnyTrait(help="The installation.").tag(config=True)
    directory = AnyTrait(help="Who is in the roster.").tag(config=True)
    lti = AnyTrait(None, help="The LTI pages' own state; None when they are off.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attempts = Attempts()

    def model(self, username: str) -> dict[str, Any] | None:
        """The hub's model of somebody; None for who is not in the roster."""
        person: Person | None = self.directory.find(username)
        if person is None:
            return None
        return {"name": person.username, "admin": person.staff, "groups": person.groups}

    async def refresh_user(self, user: Any, handler: Any = None) -> bool | dict[str, Any]:
        """Follow the roster: False signs out who has left it."""
        del handler  # the hub passes it; who asks makes no difference
        return self.model(user.name) or False

    def validate_username(self, name: str) -> bool:
        """A name that can be a folder's."""
        return is_username(name)

    def delete_user(self, user: Any) -> None:
        """Forget her password and her outside accounts too."""
        self.allowed_users.discard(user.name)
        accounts.forget(self.site, user.name)

    async def identify(self, issuer: str, subject: str, claimed: str) -> Person | None:
        """Whose the outside account is. `claimed`: the roster's name that its issuer gives it.

        The account is tied to her the first time. None when the roster doesn't know the name, or
        when it is tied to another account of the same issuer.
        """
        known = await asyncio.to_thread(accounts.whose, self.site, issuer, subject)
        person: Person | None = self.directory.find(known or claimed)
        if known is not None or person is None:
            return person
        try:
            await asyncio.to_thread(accounts.tie, self.site, issuer, subject, person.username)
        except AccountError:
            return None
        return person

    def lti_pages(self) -> list[tuple[str, type[BaseHandler]]]:
        """The pages that an LMS needs; none when LTI is off."""
        return self.lti.pages() if self.lti else []


async def notice(
    handler: BaseHandler, text: str, status: int = 403, *, detail: str = "", frames: str = ""
) -> None:
    """Finish with a page that says one thing in both languages, and a detail to tell a teacher.

    `frames`: the origins that may show it in a frame of theirs; one comes from there, so it has no
    link to our own sign-in page.
    """
    handler.set_status(status)
    handler.set_header("Content-Security-Policy", page_policy(frames))
    handler.set_header("Cache-Control", "no-store")
    page = await handler.render_template(
        "notice.html", said=both(text), detail=detail, elsewhere=bool(frames)
    )
    handler.finish(page)


def page_policy(frames: str = "", script_nonce: str = "") -> str:
    """A policy for plain pages of ours."""
    script = f"script-src 'nonce-{script_nonce}'; " if script_nonce else ""
    ancestors = frames or "'none'"
    return (
        f"default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; {script}"
        f"base-uri 'none'; frame-ancestors {ancestors}"
    )
