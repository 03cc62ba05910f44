"""Exports that a spreadsheet opens as they are meant: Khmer, numbers, and never a formula."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme import roster
from programme.board import read_board
from programme.export import (
    FORMULA_STARTS,
    Table,
    csv_chunks,
    tables,
    write_all,
    write_csv,
    write_xlsx,
)
from programme.people import Person
from programme.site import Site
from programme.whole_file import FileError
from tests.programme.sites import COHORT, START, fill

TODAY = date(2026, 11, 24)
HOSTILE = '=HYPERLINK("http://evil.example","click")'


@pytest.fixture
def exports(past: Site) -> dict[str, Table]:
    """A finished cohort, and one girl whose name is an attack."""
    roster.enrol(past, [Person("zz-mallory", HOSTILE, "@SUM(A1)")], COHORT, on=START)
    return tables(read_board(past, COHORT, TODAY))


def test_a_csv_has_khmer_that_excel_shows_and_no_formula(exports, tmp_path: Path) -> None:
    for name, table in exports.items():
        file = tmp_path / f"{name}.csv"
        write_csv(table, file)
        raw = file.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
        assert len(rows) == 32
        assert {len(row) for row in rows} == {len(table.header)}
        assert rows[-1][1:3] == [f"'{HOSTILE}", "'@SUM(A1)"]
        assert any("\u1780" <= letter <= "\u17ff" for letter in rows[1][2])


def test_the_graduation_table_says_why(exports) -> None:
    rows = list(exports["graduation"].make_rows())
    outcomes = [str(row[4]) for row in rows]
    assert outcomes.count("Graduated") == 25
    by_name = {row[0]: dict(zip(exports["graduation"].header, row, strict=True)) for row in rows}
    assert "sessions" in str(by_name["zz-mallory"]["reasons"])
    graduates = [row for row in by_name.values() if row["outcome"] == "Graduated"]
    assert all(float(str(row["average %"])) >= 70 for row in graduates)


def test_an_xlsx_has_the_same_tables_with_numbers_as_numbers(exports, tmp_path: Path) -> None:
    file = tmp_path / "cohort.xlsx"
    write_xlsx(exports.values(), file)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["graduation", "gradebook", "attendance"]
    for name, table in exports.items():
        sheet = book[name]
        expected = [table.header, *table.make_rows()]
        found = [
            tuple(cell.value if cell.value is not None else "" for cell in row) for row in sheet
        ]
        assert found == [tuple("" if cell is None else cell for cell in row) for row in expected]
        last = sheet.cell(sheet.max_row, 2)
        assert (last.value, last.data_type) == (HOSTILE, "s")
    average = book["graduation"].cell(2, 7)
    assert average.data_type == "n"


@given(st.text())
def test_no_text_is_a_formula_in_csv(text: str) -> None:
    table = Table("t", ("a",), lambda: [(text,)])
    content = b"".join(csv_chunks(table)).decode("utf-8-sig")
    (_, *rows) = csv.reader(io.StringIO(content, newline=""))
    cell = rows[0][0] if rows and rows[0] else ""
    assert not cell.startswith(FORMULA_STARTS)
    assert cell in (text, f"'{text}")


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    def stop():
        yield ("first",)
        raise OSError("No space left on device")

    file = tmp_path / "cohort.csv"
    file.write_text("the old one")
    for writer in (lambda t: write_csv(t, file), lambda t: write_xlsx([t], file)):
        with pytest.raises(FileError, match=r"cohort.csv can't be written: No space left"):
            writer(Table("t", ("a",), stop))
        assert file.read_text() == "the old one"
        assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        write_csv(Table("t", ("a",), list), tmp_path / "nowhere" / "x.csv")


def test_an_empty_cohort_has_empty_tables(site: Site) -> None:
    fill(site, [])
    for table in tables(read_board(site, COHORT, TODAY)).values():
        assert list(table.make_rows()) == []


def test_all_tables_are_written_into_a_folder(past: Site, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    files = write_all(past, COHORT, folder, TODAY)
    assert sorted(file.name for file in files) == [
        f"{COHORT}-attendance.csv",
        f"{COHORT}-gradebook.csv",
        f"{COHORT}-graduation.csv",
        f"{COHORT}.xlsx",
    ]
    assert sorted(folder.iterdir()) == sorted(files)
