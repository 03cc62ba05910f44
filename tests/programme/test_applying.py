"""One form is one application, however it is written and however often it is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from programme import admission, applying
from programme.schema import applications, consents, drafts
from programme.site import CHECKOUT, Site
from programme.store import RefusedError, reading
from programme.written import name_key, parse_date, parse_phone, parse_whole

CALL = "ambassador-2027"
NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
RULES = admission.read(CHECKOUT / "course")
FORM = {
    "name_km": "សុខ សុខា", "name_latin": "Sok Sokha", "birth_date": "៩/៣/២០០៥",
    "phone": "012 345 678", "province_code": "02", "school_kind": "public", "wish": "either",
    "answer-why": "To build things.", "answer-share": "My sister.", "consent": "yes",
}  # fmt: skip
GUARDIAN = {"guardian_name": "Sok Dara", "guardian_phone": "092345678", "guardian_consent": "yes"}


@pytest.fixture
def open_call(any_site: Site) -> Site:
    applying.add_programme(any_site, CALL, "ambassador", date(2026, 11, 1), date(2026, 12, 1))
    return any_site


def _rows(site: Site) -> list[object]:
    with reading(site) as connection:
        return list(connection.execute(select(applications)).all())


def test_the_same_form_sent_again_is_one_application(open_call: Site) -> None:
    link = applying.new_link()
    assert applying.apply(open_call, CALL, link, FORM, "km", NOW)
    assert not applying.apply(open_call, CALL, link, FORM, "km", NOW)
    found = applying.find(open_call, CALL, link)
    assert found
    assert found.status == "received"
    with reading(open_call) as connection:
        row = connection.execute(select(applications)).one()
        given = connection.execute(select(consents)).one()
    assert (row.birth_date, row.phone) == (date(2005, 3, 9), "+85512345678")
    assert link not in str(row)
    assert (given.given_as, given.of_minor) == ("self", False)


def test_the_same_girl_by_another_link_is_refused_in_words(open_call: Site) -> None:
    applying.apply(open_call, CALL, applying.new_link(), FORM, "km", NOW)
    again = FORM | {"name_latin": "SOK  SOKHA", "phone": "+855 12345678", "birth_date": "2005-3-9"}
    with pytest.raises(applying.DoubleError, match="already"):
        applying.apply(open_call, CALL, applying.new_link(), again, "km", NOW)
    applying.apply(
        open_call, CALL, applying.new_link(), FORM | {"name_latin": "Sok Bopha"}, "km", NOW
    )
    assert len(_rows(open_call)) == 2  # her sister has the same phone


def test_a_minor_needs_her_guardian(open_call: Site) -> None:
    young = FORM | {"birth_date": "9/3/2010"}
    with pytest.raises(applying.FormError) as failure:
        applying.apply(open_call, CALL, applying.new_link(), young, "km", NOW)
    assert set(failure.value.problems) == set(GUARDIAN)
    applying.apply(open_call, CALL, applying.new_link(), young | GUARDIAN, "km", NOW)
    with reading(open_call) as connection:
        given = connection.execute(select(consents)).one()
    assert (given.given_as, given.given_by, given.of_minor) == ("guardian", "Sok Dara", True)
    assert "អាណាព្យាបាល" in given.wording


def test_a_draft_is_found_again_and_ends_with_the_application(open_call: Site) -> None:
    link = applying.new_link()
    applying.save_draft(open_call, CALL, link, {"name_km": "សុខ", "nonsense": "x"}, NOW)
    applying.save_draft(open_call, CALL, link, {"name_km": "សុខ សុខា"}, NOW)
    found = applying.find(open_call, CALL, link)
    assert found
    assert (found.status, found.fields["name_km"]) == (None, "សុខ សុខា")
    assert "nonsense" not in found.fields
    assert applying.find(open_call, CALL, applying.new_link()) is None
    applying.apply(open_call, CALL, link, FORM, "km", NOW)
    with reading(open_call) as connection:
        assert connection.execute(select(drafts)).all() == []


def test_old_drafts_are_dropped(open_call: Site) -> None:
    old = applying.new_link()
    applying.save_draft(open_call, CALL, old, FORM, datetime(2026, 11, 1, 5, tzinfo=UTC))
    later = datetime(2026, 11, 1, 5, tzinfo=UTC) + timedelta(days=RULES.draft_days - 1)
    applying.save_draft(open_call, CALL, applying.new_link(), FORM, later)
    assert applying.find(open_call, CALL, old)
    with pytest.raises(RefusedError, match="can't be applied for"):
        applying.save_draft(open_call, CALL, old, FORM, later + timedelta(days=5))


def test_what_is_closed_or_unknown_is_refused(open_call: Site) -> None:
    for name, day, words in (
        (CALL, datetime(2026, 10, 31, 5, tzinfo=UTC), "can't be applied for"),
        (CALL, datetime(2026, 12, 2, 5, tzinfo=UTC), "can't be applied for"),
        ("nothing", NOW, "no programme"),
    ):
        with pytest.raises(RefusedError, match=words):
            applying.apply(open_call, name, applying.new_link(), FORM, "km", day)
    assert _rows(open_call) == []


@given(st.dictionaries(st.sampled_from([*FORM, *GUARDIAN]), st.text(max_size=40)))
def test_whatever_is_typed_becomes_a_row_or_named_problems(typed: dict[str, str]) -> None:
    row, problems = applying.check(FORM | typed, RULES, date(2026, 11, 24))
    if not problems:
        assert row["birth_date"] is not None
        assert row["phone"].startswith("+855")
        assert not row["minor"] or row["guardian_name"]
    assert set(problems) <= {*FORM, *GUARDIAN}


@given(st.dates(date(1990, 1, 1), date(2020, 1, 1)), st.sampled_from("/.- "))
def test_dates_are_read_in_both_orders_and_in_khmer_digits(day: date, mark: str) -> None:
    khmer = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
    for text in (f"{day:%d{mark}%m{mark}%Y}", f"{day:%Y{mark}%m{mark}%d}"):
        assert parse_date(text) == day
        assert parse_date(f" \u200b{text.translate(khmer)} ") == day


@given(st.text())
def test_no_text_stops_the_parsers(text: str) -> None:
    parse_date(text), parse_phone(text), parse_whole(text), name_key(text, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" ៤២ ", 42), ("999999999", 999_999_999), ("1000000000", None), ("-1", None),
     ("1.0", None), ("", None), ("²", None)],
)  # fmt: skip
def test_whole_numbers(text: str, number: int | None) -> None:
    assert parse_whole(text) == number


@pytest.mark.parametrize("text", ["31/2/2005", "1/1/05", "5.5", "", "0000-01-01", "1/1/20055"])
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None
