"""Spreadsheets as people have them: read right, or every row that needs a look is named."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from programme import admission
from programme.admitting.importing import (
    ImportRefusedError,
    import_applications,
    read_applications,
)
from programme.schema import applications, consents
from programme.site import CHECKOUT, Site
from programme.spreadsheet import SpreadsheetError
from programme.store import RefusedError, reading
from tests.programme.applied import CALL, NOW, open_programme

RULES = admission.read(CHECKOUT / "course")
TODAY = date(2026, 11, 24)
WHY, SHARE = (question.text.en for question in RULES.questions)
HEADER = ("No.", "Name", "Date of Birth", "Phone", "Province", "School type", "Mode", "Consent",
          WHY, SHARE)  # fmt: skip
ROW = ("1", "Sok Sokha", "3/4/2005", "012 345 678", "Battambang", "Public school", "both", "yes",
       "To build.", "My sister.")  # fmt: skip
steady = settings(derandomize=True, deadline=None, max_examples=60)


def sheet(*rows: tuple[object, ...], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding, "replace")


def changed(**cells: str) -> tuple[str, ...]:
    at = {name.casefold().replace(" ", "_"): n for n, name in enumerate(HEADER)}
    row = list(ROW)
    for name, text in cells.items():
        row[at[name]] = text
    return tuple(row)


def xlsx(*rows: tuple[object, ...], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    if merge:
        page.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def count(site: Site) -> int:
    with reading(site) as connection:
        return connection.execute(select(func.count()).select_from(applications)).scalar_one()


@pytest.mark.parametrize(
    "content",
    [
        sheet(HEADER, ROW),
        sheet(HEADER, ROW, encoding="utf-8", delimiter=";"),
        sheet(HEADER, ROW, encoding="utf-16", delimiter="\t"),
        b"sep=;\r\n" + sheet(HEADER, ROW, encoding="utf-8", delimiter=";"),
        xlsx(HEADER, ROW),
        xlsx(("Applications 2027",), (), HEADER, ROW, merge="A1:J1"),
    ],
    ids=["bom", "semicolons", "utf-16", "sep", "xlsx", "title above"],
)
def test_files_of_every_kind(content: bytes) -> None:
    (row,), unused = read_applications(content, RULES, TODAY)
    assert (row["name_latin"], row["birth_date"], row["phone"]) == (
        "Sok Sokha", date(2005, 4, 3), "+85512345678",
    )  # fmt: skip
    assert (row["province_code"], row["school_kind"], row["wish"]) == ("02", "public", "either")
    assert "No." in unused


@pytest.mark.parametrize(
    "written",
    ["3/4/2005", "2005-04-03", "០៣/០៤/២០០៥", "03.04.2005 ", "38445", 38445, date(2005, 4, 3),
     datetime(2005, 4, 3), "2005-04-03 00:00:00"],
)  # fmt: skip
def test_birth_dates(written: object) -> None:
    row = tuple(written if cell == "3/4/2005" else cell for cell in ROW)
    (made,), _ = read_applications(xlsx(HEADER, row), RULES, TODAY)
    assert made["birth_date"] == date(2005, 4, 3)


@pytest.mark.parametrize(
    "written",
    ["012 345 678", "012-345-678", "+855 12 345 678", "(012) 345678", "០១២ ៣៤៥ ៦៧៨", 12345678,
     12345678.0, "85512345678", "\u200b012345678 "],
)  # fmt: skip
def test_phones(written: object) -> None:
    row = tuple(written if cell == "012 345 678" else cell for cell in ROW)
    (made,), _ = read_applications(xlsx(HEADER, row), RULES, TODAY)
    assert made["phone"] == "+85512345678"


def test_khmer_headers_on_two_lines_with_merged_cells() -> None:
    upper = ("ល.រ", "ឈ្មោះ", None, "ថ្ងៃខែឆ្នាំកំណើត", "លេខទូរស័ព្ទ", "ខេត្ត", "ស្រុក", "ប្រភេទសាលា",
             "របៀបរៀន", "យល់ព្រម", "អាណាព្យាបាល", None, None,
             *(question.text.km for question in RULES.questions))  # fmt: skip
    lower = (None, "ខ្មែរ", "ឡាតាំង", *[None] * 7, "ឈ្មោះ", "លេខទូរស័ព្ទ", "យល់ព្រម", None, None)
    row = ("១", "សុខ សុខា", "Sok Sokha", "០៣/០៤/២០១០", "០១២៣៤៥៦៧៨", "ខេត្តបាត់ដំបង", "បាណន់", "សាលារដ្ឋ",
           "តាមអនឡាញ", "ចាស", "សុខ ដារ៉ា", "092345678", "ចាស", "ចង់រៀន", "ប្អូន")  # fmt: skip
    (made,), _ = read_applications(xlsx(upper, lower, row, merge="B1:C1"), RULES, TODAY)
    assert (made["name_km"], made["name_latin"]) == ("សុខ សុខា", "Sok Sokha")
    assert (made["district_code"], made["province_code"]) == ("0201", "02")
    assert (made["minor"], made["guardian_name"]) == (True, "សុខ ដារ៉ា")
    assert made["guardian_phone"] == "+85592345678"
    assert made["language"] == "km"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"province": "Batambang"}, "E (Province)", "Is it Battambang?"),
        ({"date_of_birth": "4/13/2005"}, "C (Date of Birth)", "Is it 13/4/2005?"),
        ({"date_of_birth": "3/4/05"}, "C (Date of Birth)", "Is it 3/4/2005?"),
        ({"date_of_birth": "3/4/1960"}, "C (Date of Birth)", "from 14 to 24"),
        ({"phone": "1.23E+07"}, "D (Phone)", "as text"),
        ({"phone": "012345678 / 098765432"}, "D (Phone)", "one number"),
        ({"phone": ""}, "D (Phone)", "phone number"),
        ({"school_type": "temple"}, "F (School type)", "out_of_school"),
        ({"consent": "no"}, "H (Consent)", "Write yes"),
        ({"name": ""}, "B (Name)", "your name"),
    ],
)
def test_each_bad_row_is_named_with_what_to_write(
    cells: dict[str, str], column: str, words: str
) -> None:
    good, bad = changed(phone="099999999"), changed(**cells)
    with pytest.raises(ImportRefusedError) as failure:
        read_applications(sheet(HEADER, good, bad), RULES, TODAY)
    (found,) = failure.value.bad
    assert (found.row, found.column) == (3, column)
    assert words in str(found)
    assert found.reason.km


def test_a_row_that_is_there_twice(site: Site) -> None:
    open_programme(site, [])
    with pytest.raises(ImportRefusedError, match=r"row 4, D .*as in row 2"):
        import_applications(
            site, CALL, sheet(HEADER, ROW, changed(phone="099999999"), changed(name="SOK  sokha")),
            NOW,
        )  # fmt: skip
    assert count(site) == 0


def test_a_longer_list_is_imported_again(any_site: Site) -> None:
    open_programme(any_site, [])
    one = sheet(HEADER, ROW)
    assert import_applications(any_site, CALL, one, NOW, dry_run=True).new == 1
    assert count(any_site) == 0
    assert import_applications(any_site, CALL, one, NOW).new == 1
    done = import_applications(any_site, CALL, sheet(HEADER, ROW, changed(phone="099999999")), NOW)
    assert (done.new, done.known) == (1, 1)
    with reading(any_site) as connection:
        assert connection.execute(select(func.count()).select_from(consents)).scalar_one() == 2
    with pytest.raises(RefusedError, match="no programme"):
        import_applications(any_site, "nothing", one, NOW)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no row"),
        (sheet(HEADER), "no row"),
        (sheet(("a", "b"), ("1", "2")), "No line names the columns"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "old Excel"),
        (b"PK\x03\x04nonsense", "Open it in Excel"),
        ("ឈ្មោះ".encode("utf-16-be"), "CSV UTF-8"),
        (b'"a"b,c\n', "Save it as .xlsx"),
        (b"x" * 20_000_001, "too large"),
    ],
)
def test_what_is_no_table_says_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(SpreadsheetError, match=words):
        read_applications(content, RULES, TODAY)


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(ImportRefusedError, match="Your province"):
        read_applications(sheet(HEADER[:4], ROW[:4]), RULES, TODAY)


cells = st.one_of(st.text(max_size=20), st.sampled_from([*HEADER, *ROW, "៣/៤/២០០៥", "1e9", "="]))
starts = st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"])
WHOLE = xlsx(HEADER, ROW)


def outcome(content: bytes) -> int | str:
    """How many rows, or what it says; everything else is a traceback."""
    try:
        return len(read_applications(content, RULES, TODAY)[0])
    except (SpreadsheetError, ImportRefusedError) as error:
        return str(error)


@steady
@given(st.lists(st.lists(cells, max_size=12), max_size=8), st.booleans())
def test_no_table_brings_a_traceback(rows: list[list[str]], with_header: bool) -> None:
    table = [HEADER, *map(tuple, rows)] if with_header else [tuple(row) for row in rows]
    assert outcome(sheet(*table))


@steady
@given(st.binary(max_size=300), starts)
def test_no_bytes_bring_a_traceback(content: bytes, start: bytes) -> None:
    assert outcome(start + content)


@steady
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(1, len(WHOLE)))
def test_a_broken_xlsx_is_whole_or_refused(place: int, byte: int, length: int) -> None:
    broken = bytearray(WHOLE)
    broken[place] = byte
    for content in (bytes(broken), WHOLE[:length]):
        made = outcome(content)
        assert made == 1 or isinstance(made, str)


@steady
@given(st.lists(
    st.dictionaries(st.sampled_from(["name", "province", "date_of_birth", "consent"]), cells),
    min_size=1, max_size=4,
))  # fmt: skip
def test_all_rows_or_none(changes: list[dict[str, str]]) -> None:
    rows = [changed(phone=f"0990000{n}1", **cells) for n, cells in enumerate(changes)]
    made = outcome(sheet(HEADER, *rows))
    assert made == len(rows) or str(made).startswith("Nothing was imported")


def test_what_our_export_guards_is_read_as_it_was() -> None:
    (row,), _ = read_applications(sheet(HEADER, (*ROW[:8], "'=1+1", "'twas")), RULES, TODAY)
    assert list(row["answers"].values()) == ["=1+1", "'twas"]
