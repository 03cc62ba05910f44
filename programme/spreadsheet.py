"""Tables from files as people have them: CSV of any kind that Excel writes, or XLSX.

Every importer reads through here. Cells are texts as they were written: numbers keep their digits,
dates become 2009-04-03. Rows have the number that the spreadsheet shows beside them. Whatever is in
the file: the rows of its first sheet come out, or an error that says what to do next.
"""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import openpyxl

from programme.course import Both
from programme.errors import ProgrammeError
from programme.export import FORMULA_STARTS
from programme.messages import message
from programme.written import plain

LARGEST_BYTES = 20_000_000
LARGEST_UNPACKED_BYTES = 200_000_000
MOST_ROWS, MOST_COLUMNS = 50_000, 200  # empty rows are not counted: Excel may keep a million
MOST_CELLS = 20_000_000  # with those that are empty but have a border or a colour
LAST_ROW = 1_048_576  # of a spreadsheet; a number beyond it is no row's
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class SpreadsheetError(ProgrammeError):
    """The file can't be read as a table. `text` says why and what to do, in both languages."""

    def __init__(self, message_id: str, row: int = 1, **fields: object) -> None:
        self.text: Both = message(f"sheet.{message_id}", row=row, **fields)
        self.row = row
        super().__init__(self.text.en)


@dataclass(frozen=True)
class Row:
    """One row that is not empty. `number` counts from 1, as a spreadsheet shows it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class BadRow:
    """A row that can't be taken over: its number, and why."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"row {self.number}: {self.reason}"


class BadRowsError(ProgrammeError):
    """A file can't be taken over, and nothing was. `bad_rows` says why, row by row."""

    def __init__(self, name: str, bad_rows: Sequence[BadRow]) -> None:
        self.bad_rows = sorted(bad_rows, key=lambda row: row.number)
        lines = "\n".join(f"  {row}" for row in self.bad_rows)
        super().__init__(f"{name}: nothing was taken over. What needs a look:\n{lines}")


def read_table(content: bytes) -> list[Row]:
    """The rows of a CSV or XLSX file, at least one; without what is empty right of them all.

    Raises SpreadsheetError.
    """
    if len(content) > LARGEST_BYTES:
        raise SpreadsheetError("too_large", most=LARGEST_BYTES // 1_000_000)
    if content.startswith(OLD_EXCEL):
        raise SpreadsheetError("old_excel")
    rows = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(_text(content))
    found: list[Row] = []
    for number, cells in enumerate(rows, 1):
        if any(cells[MOST_COLUMNS:]):
            raise SpreadsheetError("too_wide", number, most=MOST_COLUMNS)
        if any(cells):
            found.append(Row(number, tuple(cells)))
        if len(found) > MOST_ROWS:
            raise SpreadsheetError("too_many_rows", number, most=MOST_ROWS)
    if not found:
        raise SpreadsheetError("empty")
    width = max(place for row in found for place, cell in enumerate(row.cells, 1) if cell)
    return [Row(row.number, row.cells[:width]) for row in found]


def read_plain(name: str, content: bytes) -> list[Row]:
    """The rows of a file of this name, for cells that are codes: digits 0-9, no hidden spaces.

    Raises BadRowsError, when it is no table too.
    """
    try:
        found = read_table(content)
    except SpreadsheetError as error:
        raise BadRowsError(name, [BadRow(error.row, str(error))]) from error
    return [Row(row.number, tuple(map(plain, row.cells))) for row in found]


def read_plain_file(file: Path) -> list[Row]:
    """As `read_plain`, from a file on this machine. Raises BadRowsError."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        problem = f"the file can't be read: {error.strerror}"
        raise BadRowsError(file.name, [BadRow(1, problem)]) from error
    return read_plain(file.name, content)


def read_header(
    header: Row, needed: Sequence[str], known: Sequence[str]
) -> tuple[list[str], list[BadRow]]:
    """The columns' names in small letters, and what is not right about them."""
    columns = [cell.casefold() for cell in header.cells]
    problems = [f"column {name!r} is missing" for name in needed if name not in columns]
    problems += [
        f"column {name!r} is not known. Known: {', '.join(known)}"
        if name
        else f"column {place} has no heading"
        for place, name in enumerate(columns, 1)
        if name not in known
    ]
    problems += [f"column {name!r} is there twice" for name in known if columns.count(name) > 1]
    return columns, [BadRow(header.number, problem) for problem in problems]


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpreadsheetError("not_utf8") from error
    if "\0" in text:  # UTF-16 that doesn't say so, or no text at all
        raise SpreadsheetError("not_utf8")
    return text


def _csv(text: str) -> Iterator[list[str]]:
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        yield []  # Excel's own hint: a line that it doesn't show, but counts
        delimiter, text = first.strip()[-1], rest
    else:
        delimiter = max(",;\t", key=lambda one: _agreed(text, one))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    done = 0
    try:
        for done, row in enumerate(reader, 1):  # noqa: B007  the error names the row after it
            yield [_written(cell) for cell in row]
    except csv.Error as error:
        raise SpreadsheetError("no_csv", done + 1, problem=str(error)) from error


def _agreed(text: str, delimiter: str) -> tuple[int, int]:
    """On how many of the first rows this delimiter makes the same number of cells, and that number.

    A comma inside of an answer is not on every row; a delimiter is.
    """
    start = io.StringIO(text[:20_000], newline="")
    try:
        rows = list(itertools.islice(csv.reader(start, delimiter=delimiter), 20))
    except csv.Error:
        return 0, 0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(((times, width) for width, times in widths.items()), default=(0, 0))


def _written(cell: str) -> str:
    """Without the apostrophe that our own export puts before what would run as a formula."""
    cell = cell.strip()
    guarded = cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS)
    return cell[1:].strip() if guarded else cell


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > LARGEST_UNPACKED_BYTES:
            raise SpreadsheetError("too_large", most=LARGEST_BYTES // 1_000_000)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be wrong
        rows: Iterable[Sequence[object]] = sheet.iter_rows(max_row=LAST_ROW, values_only=True)
        width = read = 0
        for row in rows:
            read += len(row)
            if read > MOST_CELLS:
                raise SpreadsheetError("too_large", most=LARGEST_BYTES // 1_000_000)
            cells = [_cell(value) for value in row]
            width = max(width, len(cells))
            yield cells + [""] * (width - len(cells))  # empty cells at its end are not in the file
    except SpreadsheetError:
        raise
    except Exception as error:  # somebody else's parser, on a file from anywhere
        raise SpreadsheetError("no_xlsx") from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _written(str(value).replace("_x000D_", ""))  # so XLSX keeps the \r of a line's end
