"""Does this certificate hold? A public page that confirms name, programme and date, nothing else.

Nobody is signed in. Whoever asks for numbers that don't exist is counted: a number has 50 random
bits, so that what the limit leaves is no search.
"""

from __future__ import annotations

import logging
import time

from tornado.web import HTTPError

from programme.certificates import issuing, keys, sheet, signed
from programme.pages.apply import RateLimit
from programme.pages.base import Shown

MOST_MISSES, PER_S = 20, 600
log = logging.getLogger(__name__)


class Ask(Shown):
    """A field for the number, for whoever can't scan."""

    async def get(self) -> None:
        """Show the field, or go to the number that was typed into it."""
        typed = signed.as_number(self._query("number"))
        if typed:
            self.redirect(f"{self.prefix}verify/{typed if _is_number(typed) else '-'}")
            return
        self.show("verify.html", None)


class Verify(Shown):
    """One certificate."""

    misses = RateLimit(MOST_MISSES, PER_S)

    async def get(self, number: str) -> None:
        """Confirm it, or say that it was taken back, or that there is none: always the same 404."""
        asked_by, now = self.request.remote_ip or "", time.monotonic()
        if self.misses.is_full(asked_by, now):
            self.set_status(429)
            return self._answer("verify.too_many")
        found = await self.run(issuing.find, self.site, signed.as_number(number))
        if found is None or not found.payload:
            self.misses.allows(asked_by, now)
            self.set_status(404)
            return self._answer("verify.none")
        known = await self.run(keys.public_keys, self.site)
        checked = signed.check_kept(found.payload, found.signature, known)
        if checked.verdict != "good" or checked.statement is None:
            log.error("a certificate in the database is %s", checked.verdict)
            raise HTTPError(500)
        said = "verify.revoked" if found.revoked_at else "verify.good"
        return self._answer(said, checked.statement, revoked=found.revoked_at is not None)

    def _answer(
        self, said: str, statement: signed.Statement | None = None, *, revoked: bool = False
    ) -> None:
        self.show(
            "verified.html",
            None,
            text=self.say(said),
            statement=statement,
            revoked=revoked,
            day=sheet.day,
            programme_name=sheet.programme_name,
        )


class PublicKeys(Shown):
    """The public keys, so that anybody can check a certificate without asking us."""

    async def get(self) -> None:
        """All of them as PEM, the ids beside."""
        known = await self.run(keys.public_keys, self.site)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("".join(f"{name}\n{keys.as_pem(key)}\n" for name, key in known.items()))


def _is_number(typed: str) -> bool:
    return all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in typed)


ROUTES = [
    (r"verify", Ask),
    (r"verify/keys\.pem", PublicKeys),
    (r"verify/([A-Za-z0-9-]{1,40})", Verify),
]
