"""What the service answers. Each request asks anew who it is, and whether she studies there.

    GET   files/<cohort>                                  her files: name and SHA-256 of each
    GET   files/<cohort>/<sha256>                         one of them, or the rest of it (Range)
    GET   uploads/<cohort>/<week>/<length>/<sha256>       how far a submission has come; its receipt
    PATCH uploads/<cohort>/<week>/<length>/<sha256>       its next piece; answered as GET
    GET   settings/<cohort>                               nbgrader_config.py for her own computer

A PATCH is that of the tus protocol: it says at which byte it begins. The address of an upload
follows from its bytes, so nobody has to make one first.
"""

from __future__ import annotations

import asyncio
import errno
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado import web

from hub.exchange.access import WhoIs, studies
from hub.exchange.shelf import Shelf
from hub.exchange.uploads import BusyError, OffsetError, Upload, Uploads
from hub.fetch import is_safe
from hub.student.texts import both
from hub.submissions import RefusedError
from programme.site import Site

MOST_PIECE_BYTES = 1 << 20
_CLIENT = Path(__file__).parents[1] / "student" / "exchange.py"  # nbgrader need not be imported
_TOKEN = re.compile(r"(?:token|bearer)\s+(\S+)", re.IGNORECASE)
_RANGE = re.compile(r"bytes=([0-9]{1,15})-")
_PIECE = "application/offset+octet-stream"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STATUS = {"unknown-week": 404, "too-big": 413, "wrong-checksum": 460, "disk-full": 507}


@dataclass
class Exchange:
    """What the handlers share. One submission is unpacked at a time."""

    site: Site
    who_is: WhoIs
    uploads: Uploads
    shelf: Shelf
    unpacking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ExchangeHandler(web.RequestHandler):
    """A request of a student, in a cohort of hers."""

    student = ""

    def initialize(self, exchange: Exchange) -> None:
        """`exchange` is the service's only one."""
        self.exchange = exchange

    def check_xsrf_cookie(self) -> None:
        """No cookie counts here, so no other site's form can do anything."""

    async def prepare(self) -> None:
        """Find out who asks. 401 without a good token, 403 unless she studies in the cohort."""
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        named = _TOKEN.fullmatch(self.request.headers.get("Authorization", ""))
        username = await self.exchange.who_is(named[1]) if named else None
        if not username:
            self.set_header("WWW-Authenticate", "Bearer")
            self.refuse(401, "no-token")
        elif not await studies(self.exchange.site, username, self.path_kwargs["cohort"]):
            self.refuse(403, "not-your-class")
        else:
            self.student = username

    def refuse(self, status: int, reason: str) -> None:
        """End here: the id of the reason for a program, and a sentence for a person."""
        self.set_status(status)
        self.finish({"reason": reason, "error": both(reason)})


class FilesHandler(ExchangeHandler):
    """All that she may read."""

    async def get(self, cohort: str) -> None:
        """Name and digest of each."""
        shelf = self.exchange.shelf
        self.finish({"files": await asyncio.to_thread(shelf.listing, cohort, self.student)})


class FileHandler(ExchangeHandler):
    """One file of hers."""

    async def get(self, cohort: str, digest: str) -> None:
        """Send it from the byte that is asked for. What a program printed may be in it, so it is
        a file to keep, which no browser shows.
        """
        data = await asyncio.to_thread(self.exchange.shelf.read, cohort, self.student, digest)
        if data is None:
            self.refuse(404, "no-such-file")
            return
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        if asked := _RANGE.fullmatch(self.request.headers.get("Range", "")):
            start = min(int(asked[1]), len(data))
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            data = data[start:]
        self.finish(data)


class UploadHandler(ExchangeHandler):
    """One submission on its way. Another student's has no address here."""

    upload: Upload

    async def prepare(self) -> None:
        """Whose it is, and whether such a one is taken at all."""
        await super().prepare()
        if self._finished:
            return
        named = self.path_kwargs
        self.upload = Upload(named["cohort"], self.student, named["week"],
                             int(named["length"]), named["sha256"])  # fmt: skip
        try:
            self.exchange.uploads.check(self.upload)
        except RefusedError as refusal:
            self.refuse(_STATUS[refusal.args[0]], refusal.args[0])

    async def get(self, **_named: str) -> None:
        """How far it has come, and what became of it."""
        await self._answer()

    async def patch(self, **_named: str) -> None:
        """Add a piece; the last one is answered when the submission is in the outbox."""
        begins = self.request.headers.get("Upload-Offset", "")
        if self.request.headers.get("Content-Type") != _PIECE or not begins.isdecimal():
            self.refuse(415, "not-a-piece")
            return
        try:
            self.exchange.uploads.append(self.upload, int(begins), self.request.body)
        except OffsetError:
            self.refuse(409, "wrong-offset")
        except BusyError as busy:
            self.refuse(_STATUS.get(busy.args[0], 429), busy.args[0])
        except RefusedError as refusal:
            self.refuse(413, refusal.args[0])
        else:
            await self._answer()

    async def _answer(self) -> None:
        uploads = self.exchange.uploads
        try:
            async with self.exchange.unpacking:
                await asyncio.to_thread(uploads.settle, self.upload)
        except RefusedError as refusal:
            self.refuse(_STATUS.get(refusal.args[0], 422), refusal.args[0])
            return
        receipt = await asyncio.to_thread(uploads.receipt, self.upload)
        here = self.upload.length if receipt else uploads.offset(self.upload)
        reason = receipt.get("reason") if receipt else ""
        self.finish({"offset": here, "receipt": receipt, "said": both(reason) if reason else ""})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A full disk is 507: nothing of what arrived is lost, and it can be tried again."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        if isinstance(error, OSError) and error.errno in _FULL:
            self.refuse(507, "disk-full")
        else:
            super().write_error(status_code, **kwargs)


class SettingsHandler(ExchangeHandler):
    """What her own computer's nbgrader needs to use this service."""

    async def get(self, cohort: str) -> None:
        """The client's own source, with a last line that sets it up. No token is in it."""
        here = self.exchange.site.public_url or f"http://{self.request.host}"
        if not is_safe(here):  # her token would be readable on the way
            self.refuse(503, "no-address")
            return
        url = here + self.request.path.rpartition("/settings/")[0]
        source = _CLIENT.read_text(encoding="utf-8")
        self.set_header("Content-Type", "text/x-python; charset=utf-8")
        self.finish(f"""{source}

c = get_config()
use(c, {json.dumps(url)})
c.CourseDirectory.course_id = {json.dumps(cohort)}
""")
