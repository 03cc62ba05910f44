"""Tables to take away: graduation, gradebook and attendance, as CSV and XLSX.

CSV is UTF-8 with a byte order mark, so that Excel shows Khmer, and a text that a spreadsheet would
run as a formula gets an apostrophe before it. XLSX keeps such texts as texts. Files appear whole or
not at all, and rows are made one by one.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import xlsxwriter

from programme.board import Board, Row, read_board
from programme.messages import message
from programme.people import Person, province_names
from programme.record import Work
from programme.site import Site
from programme.whole_file import FileError, new_file

Cell = str | int | float | date | None
# What Excel, LibreOffice and Google Sheets may take for a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SHEET_NAME_LENGTH = 31
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """A table that makes its rows when asked. `name` is a file's and a sheet's name."""

    name: str
    header: tuple[str, ...]
    make_rows: Callable[[], Iterable[tuple[Cell, ...]]]


def tables(board: Board, language: str = "en") -> dict[str, Table]:
    """The tables of a cohort by name: graduation, gradebook, attendance."""
    made = (_graduation(board, language), _gradebook(board), _attendance(board))
    return {table.name: table for table in made}


def write_all(
    site: Site, cohort: str, folder: Path, today: date, language: str = "en"
) -> list[Path]:
    """Write every table as CSV and all of them as one XLSX into a folder; returns the files."""
    made = tables(read_board(site, cohort, today), language)
    files = [folder / f"{cohort}-{name}.csv" for name in made]
    for table, file in zip(made.values(), files, strict=True):
        write_csv(table, file)
    book = folder / f"{cohort}.xlsx"
    write_xlsx(made.values(), book)
    return [*files, book]


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as CSV, a row a chunk."""
    yield b"\xef\xbb\xbf"
    for row in _all_rows(table):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([_csv_cell(cell) for cell in row])
        yield line.getvalue().encode("utf-8")


def write_csv(table: Table, file: Path) -> None:
    """Write one table as CSV. Raises FileError, and then leaves what was there."""
    with new_file(file) as made, made.open("wb") as out:
        out.writelines(csv_chunks(table))


def write_xlsx(chosen: Iterable[Table], file: Path) -> None:
    """Write tables as XLSX, a sheet each. Raises FileError, and then leaves what was there."""
    try:
        with new_file(file) as made:
            options = {"constant_memory": True, "tmpdir": str(made.parent)}
            with xlsxwriter.Workbook(made, options) as book:
                _fill(book, chosen)
    except xlsxwriter.exceptions.FileCreateError as error:  # what it makes of an OSError
        raise FileError(f"{file} can't be written: {error}") from error


def _fill(book: xlsxwriter.Workbook, chosen: Iterable[Table]) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for table in chosen:
        sheet = book.add_worksheet(table.name[:SHEET_NAME_LENGTH])
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(_all_rows(table)):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell, bold if not number else None)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write_number(number, column, cell)


def xlsx_bytes(chosen: Iterable[Table]) -> bytes:
    """Tables as the content of an XLSX file, a sheet each. Raises FileError."""
    with tempfile.TemporaryDirectory(prefix="soc-export-") as folder:
        file = Path(folder) / "tables.xlsx"
        write_xlsx(chosen, file)
        return file.read_bytes()


def _all_rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    yield table.header
    yield from table.make_rows()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def _number(score: Fraction | None) -> float | None:
    return None if score is None else float(score)


def _who(person: Person) -> tuple[Cell, ...]:
    return person.username, person.name_latin, person.name_km


def _graduation(board: Board, language: str) -> Table:
    header = (
        "username", "name", "name (Khmer)", "province", "outcome", "with honours", "average %",
        "sessions attended", "reasons", "alarms", "changed by", "reason of the change", "policy",
    )  # fmt: skip
    return Table("graduation", header, lambda: (_graduate(row, language) for row in board.rows))


def _graduate(row: Row, language: str) -> tuple[Cell, ...]:
    person, decision = row.progress.person, row.decision
    province = province_names().get(person.province_code or "")
    changed = row.standing.override if row.standing else None
    marks = [held.mark for held in row.progress.sessions]
    return (
        *_who(person),
        (province[1] if language == "km" else province[0]) if province else None,
        message(f"outcome.{row.outcome}").in_language(language),
        "yes" if row.honours else "",
        None if decision.average_percent is None else float(decision.average_percent),
        marks.count("present") + marks.count("caught_up"),
        " ".join(why.text.in_language(language) for why in decision.reasons),
        " ".join(alarm.reason.text.in_language(language) for alarm in decision.alarms),
        changed.author if changed else None,
        changed.override_reason if changed else None,
        decision.policy_version,
    )


def _gradebook(board: Board) -> Table:
    """A column a piece of work: its points, or in which state it is when there are none."""
    works = board.rows[0].progress.works if board.rows else ()
    header = ("username", "name", "name (Khmer)", *(_work_name(work) for work in works))

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in board.rows:
            cells = (
                work.state if work.score is None else _number(work.score)
                for work in row.progress.works
            )
            yield (*_who(row.progress.person), *cells)

    return Table("gradebook", header, rows)


def _work_name(work: Work) -> str:
    points = "" if work.max_score is None else f" (of {float(work.max_score):g})"
    return f"{work.assignment} {work.notebook}{points}"


def _attendance(board: Board) -> Table:
    held = board.rows[0].progress.sessions if board.rows else ()
    header = (
        "username", "name", "name (Khmer)", *(f"{one.number} ({one.held_on})" for one in held),
    )  # fmt: skip
    return Table(
        "attendance",
        header,
        lambda: (
            (*_who(row.progress.person), *(one.mark for one in row.progress.sessions))
            for row in board.rows
        ),
    )
