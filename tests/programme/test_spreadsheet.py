"""The one reader of spreadsheets: rows as the spreadsheet shows them, or words that say why not."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programme import spreadsheet
from programme.export import FORMULA_STARTS, Table, csv_chunks, xlsx_bytes
from programme.spreadsheet import BadRowsError, Row, SpreadsheetError, read_plain, read_table

HEADER = ("name", "phone", "why")
ROW = ("សុខ សុខា", "០១២", "to build, to learn, to lead, to help")


def as_csv(*rows: tuple[object, ...], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(content: bytes, old: str, new: str) -> bytes:
    """The same XLSX with other words in its first sheet."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            part = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old.encode() in part
                part = part.replace(old.encode(), new.encode())
            after.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_csv_is_read_as_it_was_written(delimiter: str, encoding: str) -> None:
    content = as_csv(HEADER, ROW, delimiter=delimiter, encoding=encoding)
    assert read_table(content) == [Row(1, HEADER), Row(2, ROW)]


def test_commas_in_answers_do_not_outvote_the_delimiter() -> None:
    lines = [
        "a list, of 2027;;",
        "name;phone;why",
        "Sok;1;one, two, three, four, five",
        "Kim;2;a, b",
    ]
    rows = read_table("\n".join(lines).encode())
    assert [len(row.cells) for row in rows] == [3, 3, 3, 3]


def test_cells_are_what_the_spreadsheet_shows() -> None:
    shown = (12345678, 12345678.0, 1.5, date(2009, 4, 3), datetime(2009, 4, 3, 8, 30), True, None)
    (row,) = read_table(as_xlsx((*shown, " x ")))
    assert row.cells == (
        "12345678", "12345678", "1.5", "2009-04-03", "2009-04-03", "True", "", "x",
    )  # fmt: skip


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_rows_have_the_numbers_that_the_spreadsheet_shows(make) -> None:
    rows = read_table(make(("a\nb", "c", ""), (), ("", ""), ("d", "e")))
    assert [(row.number, row.cells) for row in rows] == [(1, ("a\nb", "c")), (4, ("d", "e"))]


def test_codes_are_plain_and_answers_stay_as_they_are() -> None:
    content = as_csv(("name", "age"), ("\u200bសុខា", "១៦"))
    assert read_table(content)[1].cells[1] == "១៦"
    assert read_plain("x.csv", content)[1].cells == ("សុខា", "16")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_what_our_export_guards_comes_back(start: str) -> None:
    table = Table("t", ("name", "why"), lambda: iter([(f"{start}1+1", "'twas")]))
    for content in (b"".join(csv_chunks(table)), xlsx_bytes([table])):
        assert read_table(content)[1].cells == (f"{start}1+1".strip(), "'twas")


FAR = as_xlsx(("name",), ("far",))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (as_csv(("x",) * 201), "Row 1 has more than 200 columns"),
        (rewritten(FAR, 'r="A2"', 'r="XFD2"'), "Row 2 has more than 200 columns"),
        (b"n\n" * 50_001, "more than 50000 rows"),
        (b"n\n" + b"\n" * 300_000, None),
        (rewritten(FAR, 'r="2"', 'r="900000"'), None),
        (rewritten(FAR, '<row r="2"', '<row r="99999999999"'), None),
        ("name,phone\n".encode("utf-16-le"), "CSV UTF-8"),
        (b'a,b\n1,2\n"3"x,4\n', "Row 3 can't be read as CSV"),
        (b'a,b\n1,"' + b"x" * 200_000, "can't be read as CSV"),
    ],
)
def test_what_is_too_much_is_said_in_words(content: bytes, words: str | None) -> None:
    """Empty rows are none, however many a spreadsheet keeps."""
    if words is None:
        assert read_table(content)[0].number == 1
    else:
        with pytest.raises(SpreadsheetError, match=words) as refused:
            read_table(content)
        assert refused.value.text.km


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200_000_001))
    assert len(packed.getvalue()) < 1_000_000
    with pytest.raises(SpreadsheetError, match="too large"):
        read_table(packed.getvalue())
    monkeypatch.setattr(spreadsheet, "MOST_CELLS", 10)
    with pytest.raises(SpreadsheetError, match="too large"):
        read_table(as_xlsx(*[("a", "b", "c", "d")] * 3))


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"sep=;\n"]))
def test_no_bytes_bring_a_traceback(content: bytes, start: bytes) -> None:
    with contextlib.suppress(BadRowsError):
        assert read_plain("x.csv", start + content)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda t: t[:1] != "'")


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6))
def test_a_table_comes_back_cell_by_cell(table: list[tuple[str, str, str]]) -> None:
    """Whatever stands in it: what Excel's "Unicode Text" holds is read, but for outer spaces."""
    rows = [("first", *row, "last") for row in table]
    read = read_table(as_csv(*rows, delimiter="\t", encoding="utf-16"))
    assert [row.cells for row in read] == [tuple(cell.strip() for cell in row) for row in rows]
