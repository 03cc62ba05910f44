"""Applying, without an account: the form, the draft, the status. Nobody is signed in here.

There is no form token against forged requests: these pages act for nobody, so there is nothing to
forge. What a robot sends is met by a hidden field, by the time it took, and by how often it comes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime

from tornado.web import HTTPError

from programme import admission, applying
from programme.course import Both
from programme.pages.base import Shown
from programme.people import district_names, province_names
from programme.store import RefusedError

TRAP = "website"  # people don't see it
QUICKEST_S = 5
# A school shares one address: enough for a class that applies together, and saves drafts.
MOST_FORMS, PER_S = 200, 600


class RateLimit:
    """So many a time and key; the oldest keys are forgotten first."""

    def __init__(self, most: int, per_s: float) -> None:
        self._most, self._per_s = most, per_s
        self._seen: dict[str, deque[float]] = {}

    def allows(self, key: str, now: float) -> bool:
        """Whether one more is allowed now; it is counted if so."""
        if self.is_full(key, now):
            return False
        self._seen.setdefault(key, deque(maxlen=self._most)).append(now)
        if len(self._seen) > 10_000:
            old = [k for k, seen in self._seen.items() if now - seen[-1] > self._per_s]
            for gone in old or list(self._seen)[:1000]:
                del self._seen[gone]
        return True

    def is_full(self, key: str, now: float) -> bool:
        """Whether the next one would be refused."""
        times = self._seen.get(key)
        return times is not None and len(times) == self._most and now - times[0] < self._per_s


class Calls(Shown):
    """What can be applied for: for who comes without a link."""

    async def get(self) -> None:
        """List it."""
        calls = await self.run(applying.open_calls, self.site, self.today())
        self.show("calls.html", None, calls=calls)


class Apply(Shown):
    """The empty form, with a new private link."""

    async def get(self, programme: str) -> None:
        """Show it, or say that it is closed."""
        await self._form(programme, applying.new_link(), {}, {})

    def check_xsrf_cookie(self) -> None:
        """Nobody is signed in: see the module."""

    async def _call(self, programme: str) -> applying.Call:
        try:
            return await self.run(applying.find_call, self.site, programme, self.today())
        except RefusedError as error:
            raise HTTPError(404) from error

    async def _form(
        self,
        programme: str,
        link: str,
        fields: applying.Fields,
        problems: Mapping[str, Both],
        said: str = "",
    ) -> None:
        self.show(
            "apply.html",
            None,
            call=await self._call(programme),
            rules=admission.read(self.site.course),
            here=f"{self.prefix}apply/{programme}/{link}",
            fields=fields,
            problems=problems,
            provinces=province_names(),
            districts=_districts(fields),
            school_kinds=applying.SCHOOL_KINDS,
            wishes=applying.WISHES,
            trap=TRAP,
            opened=int(time.time()),
            said=said,
        )


class Application(Apply):
    """What is under a private link: a draft to go on with, or an application's status."""

    limit = RateLimit(MOST_FORMS, PER_S)

    async def get(self, programme: str, link: str) -> None:  # type: ignore[override]
        """Show it; 404 when nothing is there."""
        await self._call(programme)
        found = await self.run(applying.find, self.site, programme, link)
        if found is None:
            raise HTTPError(404)
        if found.status is None:
            said = self.say("apply.draft_saved")
            await self._form(programme, link, found.fields, {}, said)
        else:
            here = f"{self.prefix}apply/{programme}/{link}"
            self.show("applied.html", None, programme=programme, found=found, here=here)

    async def post(self, programme: str, link: str) -> None:
        """Save the draft, take the application or take it back, then show what is there now."""
        await self._call(programme)
        fields = {name: self.get_body_argument(name, "") for name in self.request.body_arguments}
        now = datetime.now(UTC)
        if not self.limit.allows(self.request.remote_ip or "", time.monotonic()):
            self.set_status(429)
            return await self._form(programme, link, fields, {}, self.say("apply.too_many"))
        here = f"{self.prefix}apply/{programme}/{link}"
        if "withdraw" in fields:
            await self.run(applying.take_back, self.site, programme, link, now)
        elif "save" in fields:
            await self.run(applying.save_draft, self.site, programme, link, fields, now)
            here += "#districts" if fields["save"] == "districts" else ""
        else:
            return await self._send(programme, link, fields, now)
        self.redirect(here, status=303)
        return None

    async def _send(
        self, programme: str, link: str, fields: applying.Fields, now: datetime
    ) -> None:
        """Take the application, or say what is wrong with it and keep what she typed."""
        problems: Mapping[str, Both] = {}
        if self._is_robot(fields):
            status, said = 400, self.say("apply.too_fast")
        else:
            try:
                await self.run(
                    applying.apply, self.site, programme, link, fields, self.language, now
                )
            except applying.FormError as error:
                status, said, problems = 400, "", error.problems
            except applying.DoubleError:
                status, said = 409, self.say("apply.double")
            else:
                self.redirect(f"{self.prefix}apply/{programme}/{link}", status=303)
                return
        if not fields.get(TRAP):  # so that the page is there when she changes its language
            await self.run(applying.save_draft, self.site, programme, link, fields, now)
        self.set_status(status)
        await self._form(programme, link, fields, problems, said)

    def _is_robot(self, fields: applying.Fields) -> bool:
        opened = fields.get("opened", "")
        known = opened.isascii() and opened.isdecimal() and len(opened) < 12
        return bool(fields.get(TRAP)) or not known or time.time() - int(opened) < QUICKEST_S


def _districts(fields: applying.Fields) -> Mapping[str, tuple[str, str]]:
    """Those of her province, once it is chosen: a page without a script can't ask for them."""
    province = fields.get("province_code", "")
    return district_names(province) if province in province_names() else {}
