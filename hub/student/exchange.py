"""nbgrader's exchange over the hub's HTTP service, for whoever shares no folder with it.

Rule: nbgrader does the work, on a folder of her own that mirrors what she may read. Before a
command, what is new is brought; after a submission, what nbgrader put into `inbound` is sent, and
stays there until the hub has it whole. A line that drops costs the piece under way and no more,
now or tomorrow.

This file stands alone (requests and nbgrader): the service sends it, with a last line that calls
`use`, as the nbgrader_config.py of a student's own computer.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir
from nbgrader.exchange import default
from traitlets import Integer, Unicode

T = TypeVar("T")
MIRRORED = ("outbound", "feedback", "receipts")
_PIECE_BYTES = 128 << 10  # what a drop costs at most: a proxy may keep a piece until it is whole
_PIECE = {"Content-Type": "application/offset+octet-stream"}
_TIMEOUT_S = 30
_RECEIPT_WITHIN_S = 20
_LATER = (408, 409, 425, 460, 500, 502, 503, 504, 507)  # statuses after which trying again helps
_REFUSED = (404, 413, 422)  # and those after which the same bytes are refused again
# Khmer that a native reader has not seen yet, as in texts.py.
_NO_LINE = (
    "the hub can't be reached; your work is kept: run the command again, and it goes on · "
    "មិនអាចភ្ជាប់ទៅ hub បានទេ ការងាររបស់អ្នកត្រូវបានរក្សាទុក៖ សូមដំណើរការពាក្យបញ្ជាម្តងទៀត វានឹងបន្ត"
)
_NO_RECEIPT = (
    "it has arrived; its receipt comes with the next command · "
    "វាបានមកដល់ហើយ បង្កាន់ដៃនឹងមកជាមួយពាក្យបញ្ជាបន្ទាប់"
)


class LineError(RuntimeError):
    """The service said no, or could not be reached although it was tried again and again."""


class NotTakenError(LineError):
    """It is refused, and would be again."""


class _LaterError(Exception):
    """An answer that may be another one soon."""


class Line:
    """One student's way to the service; `wait` takes seconds."""

    def __init__(
        self, url: str, token: str, tries: int = 8, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._url, self._tries, self._wait = url.rstrip("/"), tries, wait
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"token {token}"

    def read(self, path: str) -> dict[str, Any]:
        """The JSON at a path. Raises LineError, as all of these do."""
        found: dict[str, Any] = self._patiently(lambda: self._ask("GET", path).json())
        return found

    def bring(self, path: str, digest: str, place: Path, arriving: Path) -> None:
        """Bring the file of that SHA-256, and go on with what an earlier try left in `arriving`."""
        for folder in (arriving, place.parent):
            folder.mkdir(parents=True, exist_ok=True)
        part = arriving / digest
        part.touch()

        def rest() -> None:
            if digest_of(part) != digest:
                asked = {"Range": f"bytes={part.stat().st_size}-"}
                with (
                    self._ask("GET", path, headers=asked, stream=True) as answer,
                    part.open("ab" if answer.status_code == 206 else "wb") as file,
                ):
                    for chunk in answer.iter_content(_PIECE_BYTES):
                        file.write(chunk)

        self._patiently(rest)
        if digest_of(part) != digest:
            part.unlink()
            raise LineError(_NO_LINE)
        part.replace(place)

    def send(self, path: str, data: bytes) -> None:
        """Send it, or the rest of it. The same bytes sent again are the same submission."""
        known: int | None = None  # how much is there; after a cut it must be asked again

        def piece() -> int:
            nonlocal known
            begins, known = known, None
            if begins is None:
                begins = int(self._ask("GET", path).json()["offset"])
            body = data[begins : begins + _PIECE_BYTES]
            headers = _PIECE | {"Upload-Offset": str(begins)}
            known = int(self._ask("PATCH", path, headers=headers, data=body).json()["offset"])
            return known

        while self._patiently(piece) < len(data):
            pass

    def _patiently(self, action: Callable[[], T]) -> T:
        for number in range(1, self._tries):
            try:
                return action()
            except (requests.RequestException, _LaterError):
                self._wait(min(30.0, 0.5 * 2**number))
        try:
            return action()
        except (requests.RequestException, _LaterError) as error:
            raise LineError(f"{_NO_LINE} ({error})") from error

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request. A redirect is no answer: the token goes nowhere else."""
        answer = self._session.request(
            method, f"{self._url}/{path}", timeout=_TIMEOUT_S, allow_redirects=False, **options
        )
        if answer.ok and not answer.is_redirect:
            return answer
        said = _said(answer)
        if not said or answer.status_code in _LATER:
            raise _LaterError(f"HTTP {answer.status_code}")
        raise (NotTakenError if answer.status_code in _REFUSED else LineError)(said)


class FromHub(default.Exchange):
    """What all four commands share: the folder of hers, and the way to the hub."""

    hub_url = Unicode(help="https://<hub>/services/exchange").tag(config=True)
    token_file = Unicode(
        help="A file with a token of the hub; without one, $JUPYTERHUB_API_TOKEN is used."
    ).tag(config=True)
    tries = Integer(8, help="How often a request is tried before she is told.").tag(config=True)

    def start(self) -> Any:
        """As nbgrader's, after what is new was brought."""
        try:
            self.mirror()
            return super().start()
        except LineError as error:
            return self.fail(str(error))

    def mirror(self) -> None:
        """Make the folder hold what she may read at the hub, and nothing else."""
        cohort = self.coursedir.course_id
        self.line = Line(self.hub_url, self._token(), self.tries)
        there = self.line.read(f"files/{cohort}")["files"]
        course = Path(self.root, cohort)
        arriving = course / "arriving"  # not among the weeks: a part of a file is none of theirs
        for name, digest in there.items():
            if digest_of(course / name) != digest:
                self.line.bring(f"files/{cohort}/{digest}", digest, course / name, arriving)
        shutil.rmtree(arriving, ignore_errors=True)
        for folder in (*MIRRORED, "inbound"):
            (course / folder).mkdir(parents=True, exist_ok=True)
        for path in sorted((p for f in MIRRORED for p in (course / f).rglob("*")), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
            elif path.is_file() and path.relative_to(course).as_posix() not in there:
                path.unlink()

    def _token(self) -> str:
        if not self.token_file:
            return os.environ.get("JUPYTERHUB_API_TOKEN", "")
        try:
            return Path(self.token_file).expanduser().read_text(encoding="ascii").strip()
        except OSError as error:
            raise LineError(f"{self.token_file}: {error.strerror}") from error


class FetchAssignment(FromHub, default.ExchangeFetchAssignment):
    """`nbgrader fetch_assignment`."""


class FetchFeedback(FromHub, default.ExchangeFetchFeedback):
    """`nbgrader fetch_feedback`."""


class List(FromHub, default.ExchangeList):
    """`nbgrader list`."""


class Submit(FromHub, default.ExchangeSubmit):
    """`nbgrader submit`: nbgrader packs it; then it is sent, after whatever waited before."""

    def copy_files(self) -> None:
        """As nbgrader does, unless the same work waits to be sent; then send all that waits."""
        if not any(self._is_this(folder) for folder in self._waiting()):
            super().copy_files()
        refused = [said for folder in self._waiting() if (said := self._send(folder))]
        self.mirror()
        if refused:
            raise LineError("; ".join(refused))

    def _waiting(self) -> list[Path]:
        """The whole ones in `inbound`, oldest first. What a kill left half made is removed."""
        whole = []
        for folder in Path(self.inbound_path).glob("*+*"):
            if folder.stat().st_mode & 0o777 == 0o777:  # what nbgrader does last
                whole.append(folder)
            else:
                shutil.rmtree(folder)
        return sorted(whole, key=_packed_at)

    def _is_this(self, folder: Path) -> bool:
        """Whether the folder holds the same week, and nothing has changed there since."""
        week = Path(self.src_path)
        newest = max(path.stat().st_mtime for path in (week, *week.rglob("*")))
        return _week_of(folder) == week.name and newest <= _packed_at(folder)

    def _send(self, folder: Path) -> str:
        """Send it and wait for its receipt; why it was refused, or ''."""
        data = _bundle(folder)
        digest = hashlib.sha256(data).hexdigest()
        path = f"uploads/{self.coursedir.course_id}/{_week_of(folder)}/{len(data)}/{digest}"
        try:
            self.line.send(path, data)
        except NotTakenError as error:
            shutil.rmtree(folder)
            return str(error)
        shutil.rmtree(folder)
        return self._told(path)

    def _told(self, path: str) -> str:
        deadline = time.monotonic() + _RECEIPT_WITHIN_S
        while (answer := self.line.read(path))["receipt"]["status"] == "on-its-way":
            if time.monotonic() > deadline:
                self.log.warning(_NO_RECEIPT)
                return ""
            time.sleep(0.5)  # between two questions; the deadline is above
        if answer["receipt"]["status"] == "refused":
            return str(answer["said"])
        self.log.info("Received: %s", answer["receipt"]["at"])
        return ""


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; '' when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _packed_at(folder: Path) -> float:
    return (folder / "timestamp.txt").stat().st_mtime


def _week_of(folder: Path) -> str:
    return folder.name.split("+")[1]


def _bundle(folder: Path) -> bytes:
    """The folder as tar.gz. The same folder makes the same bytes, or sending could not go on."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size = path.stat().st_size
                with path.open("rb") as file:
                    archive.addfile(member, file)
    return out.getvalue()


def _said(answer: requests.Response) -> str:
    """Why the service refuses; '' when it is not the service that answers."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def use(c: Any, url: str, token_file: str | None = None) -> None:
    """Let nbgrader use these classes; `c` is its configuration.

    By default as on a computer of her own: the token lies beside Jupyter's configuration, in the
    file school-token, and the folder among Jupyter's data.
    """
    c.ExchangeFactory.exchange = FromHub
    c.ExchangeFactory.list = List
    c.ExchangeFactory.fetch_assignment = FetchAssignment
    c.ExchangeFactory.fetch_feedback = FetchFeedback
    c.ExchangeFactory.submit = Submit
    c.Exchange.root = str(Path(jupyter_data_dir(), "school-exchange"))
    c.FromHub.hub_url = url
    if token_file is None:
        token_file = str(Path(jupyter_config_dir(), "school-token"))
    c.FromHub.token_file = token_file
