"""A table from a CSV or XLSX file as people really have it: rows of texts, each with its line.

CSV with comma, semicolon or tab, UTF-8 with or without a byte order mark. Of an XLSX file the first
sheet is read; whole numbers come as they are written, days as 2026-03-09. Digits may be Khmer.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from programme.errors import ProgrammeError
from programme.roster_csv import BadRow
from programme.written import plain

LARGEST_BYTES = 20_000_000
LARGEST_UNPACKED_BYTES = 100_000_000
MOST_ROWS, MOST_COLUMNS = 200_000, 200


@dataclass(frozen=True)
class Row:
    """One row; `line` counts as an editor or a spreadsheet does, from 1."""

    line: int
    cells: tuple[str, ...]


class SpreadsheetError(ProgrammeError):
    """The file can't be taken over, and nothing was. `bad_rows` says why, row by row."""

    def __init__(self, name: str, bad_rows: Sequence[BadRow]) -> None:
        self.bad_rows = sorted(bad_rows, key=lambda row: row.line)
        lines = "\n".join(f"  {row}" for row in self.bad_rows)
        super().__init__(
            f"{name}: nothing was taken over, {len(self.bad_rows)} rows need a look:\n{lines}"
        )


def read_rows(name: str, content: bytes) -> list[Row]:
    """The rows that are not empty, of what is in a file of this name.

    Raises SpreadsheetError when it is too large, or neither CSV nor XLSX.
    """
    if len(content) > LARGEST_BYTES:
        raise _bad(name, f"the file is larger than {LARGEST_BYTES:,} bytes")
    zipped = content.startswith(b"PK")
    rows = _xlsx(name, content) if zipped else _csv(name, content)
    return [row for row in rows if any(row.cells)]


def _csv(name: str, content: bytes) -> list[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = "the file is not UTF-8: save it from Excel as 'CSV UTF-8'"
        raise _bad(name, problem) from error
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append(Row(reader.line_num, tuple(plain(cell) for cell in cells)))
            if len(rows) > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise _bad(name, "the table is too large", reader.line_num)
    except csv.Error as error:
        raise _bad(name, f"this is no CSV: {error}", max(reader.line_num, 1)) from error
    return rows


def _xlsx(name: str, content: bytes) -> list[Row]:
    # What openpyxl meets in a file that only begins like one can be any of these.
    broken = (
        zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, LookupError, ValueError,
        TypeError, AttributeError, EOFError, OSError, NotImplementedError, RuntimeError,
    )  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise _bad(name, "the file is too large when it is unpacked")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            rows = []
            for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if line > MOST_ROWS or len(cells) > MOST_COLUMNS:
                    raise _bad(name, "the table is too large", line)
                rows.append(Row(line, tuple(_text(cell) for cell in cells)))
            return rows
        finally:
            book.close()
    except broken as error:
        raise _bad(name, f"this is no XLSX that can be read: {error}") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return plain(str(cell))


def _bad(name: str, problem: str, line: int = 1) -> SpreadsheetError:
    return SpreadsheetError(name, [BadRow(line, problem)])
