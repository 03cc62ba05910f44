"""A certificate as a page to print: PDF by typst, the same bytes whenever it is made.

Fonts come from packages, nothing from the machine or the network.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import segno

from programme.certificates import CertificateError
from programme.certificates.issuing import Certificate
from programme.certificates.signed import Statement, token
from programme.course import Both
from programme.messages import message
from programme.site import Site
from programme.typesetting import typeset
from programme.whole_file import write_whole

TEMPLATE = Path(__file__).parent / "certificate.typ"
MASK = 3
PDF_ENDS = (b"%PDF-", b"%%EOF")
SERVICE_PATH = "/services/programme/"
_KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")


def address(public_url: str, number: str) -> str:
    """The public page that confirms a certificate."""
    return f"{public_url}{SERVICE_PATH}verify/{number}"


def render(certificate: Certificate, public_url: str, kind: str = "pdf") -> bytes:
    """The page as `pdf` or `png`. Raises CertificateError without an address for the QR code."""
    if not public_url:
        raise CertificateError(
            'The QR code needs the hub\'s address: write public_url = "https://…" into soc.toml.'
        )
    statement = Statement.read(certificate.payload)
    made_at = datetime(statement.on.year, statement.on.month, statement.on.day, tzinfo=UTC)
    return typeset(TEMPLATE, _data(certificate, statement, public_url), kind, made_at)


def write_all(
    site: Site,
    given: Iterable[Certificate],
    folder: Path,
    advance: Callable[[int, int, str], None] | None = None,
) -> list[Path]:
    """Write a PDF each, named by username and number; returns all files, old ones too.

    A file that is there and whole is not made again: a run that was stopped goes on.
    """
    chosen = [one for one in given if one.revoked_at is None]
    files = [folder / f"{one.username}-{one.number}.pdf" for one in chosen]
    folder.mkdir(parents=True, exist_ok=True)
    for done, (one, file) in enumerate(zip(chosen, files, strict=True), 1):
        if not _is_whole(file):
            write_whole(file, render(one, site.public_url), sync=False)
        if advance is not None:
            advance(done, len(chosen), one.number)
    return files


def _is_whole(file: Path) -> bool:
    """After a power cut a file may be there and empty: none waits for the disk by itself."""
    content = file.read_bytes().strip() if file.exists() else b""
    return content.startswith(PDF_ENDS[0]) and content.endswith(PDF_ENDS[1])


def day(on: date) -> Both:
    """A date in words: 14 December 2026, ថ្ងៃទី១៤ ខែធ្នូ ឆ្នាំ២០២៦."""
    month = message(f"month.{on.month}")
    khmer = message("certificate.day", day=on.day, month=month, year=on.year).km
    return Both(f"{on.day} {month.en} {on.year}", khmer.translate(_KHMER_DIGITS))


def programme_name(kind: str) -> Both:
    """What a programme of this kind is called on certificates."""
    return message(f"certificate.programme.{kind}")


def _data(certificate: Certificate, statement: Statement, public_url: str) -> str:
    url = address(public_url, statement.number)
    # Readers take any of the eight masks; to try them all is three quarters of a page's cost.
    code = segno.make(
        f"{url}#{token(certificate.payload, certificate.signature)}", error="l", mask=MASK
    )
    drawing = io.BytesIO()
    code.save(drawing, kind="svg", border=0, xmldecl=False)
    kind = programme_name(statement.programme)
    texts: dict[str, object] = {
        "lang": "km",
        "title": f"{message('certificate.heading').en} {statement.number}",
        "heading": message("certificate.heading"),
        "certifies": message("certificate.certifies"),
        "names": [name for name in (statement.name_km, statement.name) if name],
        "graduated": message("certificate.graduated", programme=kind),
        "signed": message("certificate.signed"),
        "day": day(statement.on),
        "check": message("certificate.check"),
        "number": statement.number,
        "address": url,
        "qr": drawing.getvalue().decode(),
    }
    return json.dumps(texts, ensure_ascii=False, default=lambda both: both.__dict__)
