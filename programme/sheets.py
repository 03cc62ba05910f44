"""Tables from files as people have them: CSV of any kind that Excel writes, and XLSX.

Cells are text: numbers keep their digits, dates become 2009-04-03. Rows have the number that the
spreadsheet shows beside them. Whatever is in the file: rows come out, or a SheetError that says
what to do next.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl

from programme.course import Both
from programme.errors import ProgrammeError
from programme.export import FORMULA_STARTS
from programme.messages import message

LARGEST_BYTES = 20_000_000
LARGEST_UNPACKED_BYTES = 200_000_000
MOST_ROWS, MOST_COLUMNS = 50_000, 200
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class SheetError(ProgrammeError):
    """The file can't be read as a table. `text` says why and what to do, in both languages."""

    def __init__(self, message_id: str, **fields: object) -> None:
        self.text: Both = message(f"sheet.{message_id}", **fields)
        super().__init__(self.text.en)


@dataclass(frozen=True)
class SheetRow:
    """One row that is not empty. `number` counts from 1, as a spreadsheet shows it."""

    number: int
    cells: tuple[str, ...]


def read_sheet(content: bytes) -> list[SheetRow]:
    """The rows of a CSV file, or of an XLSX file's first sheet. Raises SheetError."""
    if len(content) > LARGEST_BYTES:
        raise SheetError("too_large", most=LARGEST_BYTES // 1_000_000)
    if content.startswith(OLD_EXCEL):
        raise SheetError("old_excel")
    rows = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(_text(content))
    found = []
    for number, cells in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise SheetError("too_many_rows", most=MOST_ROWS)
        if any(cells):
            found.append(SheetRow(number, tuple(cells[:MOST_COLUMNS])))
    if not found:
        raise SheetError("empty")
    return found


def _text(content: bytes) -> str:
    try:
        encoding = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SheetError("not_utf8") from error


def _csv(text: str) -> Iterator[list[str]]:
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        yield []  # Excel's own hint: a line that it doesn't show, but counts
        delimiter, text = first.strip()[-1], rest
    else:
        delimiter = max(",;\t", key=text[:10_000].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [_unguarded(cell.strip()) for cell in row]
    except csv.Error as error:
        raise SheetError("no_csv", line=reader.line_num, problem=str(error)) from error


def _unguarded(cell: str) -> str:
    """Our own export puts an apostrophe before what a spreadsheet would run as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > LARGEST_UNPACKED_BYTES:
            raise SheetError("too_large", most=LARGEST_BYTES // 1_000_000)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be wrong
        rows: Iterable[Iterable[object]] = sheet.iter_rows(values_only=True)
        for row in rows:
            yield [_cell(value) for value in row]
    except SheetError:
        raise
    except Exception as error:  # somebody else's parser, on a file from anywhere
        raise SheetError("no_xlsx") from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
