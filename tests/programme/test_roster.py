"""Who is in which cohort, and how a roster file gets in: all of it or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programme import roster
from programme.people import Person, province_code
from programme.roster import Member
from programme.roster_file import import_roster
from programme.site import Site
from programme.spreadsheet import BadRowsError
from programme.store import RefusedError, reading
from tests.programme.sites import COHORT, START, fill

HEADER = "username,name_latin,name_km,birth_year,province\n"


def test_members_are_everybody_who_may_log_in(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    assert roster.members(any_site) == [
        Member("office", "The Office", "staff", None),
        Member("maly", "Keo Maly", "instructor", COHORT),
        Member("bopha", "Chea Bopha", "student", COHORT),
        Member("dara", "Kim Dara", "student", COHORT),
        Member("sokha", "Sok Sokha", "student", COHORT),
    ]


def test_everything_may_be_said_twice(any_site: Site, people: list[Person]) -> None:
    fill(any_site, people)
    before = roster.members(any_site)
    fill(any_site, people)
    assert roster.members(any_site) == before
    assert roster.enrol(any_site, people, COHORT, on=START) == 0


def test_a_cohort_has_its_thirty_sessions(cohort: Site) -> None:
    from sqlalchemy import select

    from programme.schema import sessions

    with reading(cohort) as connection:
        days = connection.execute(select(sessions.c.held_on).order_by(sessions.c.number)).scalars()
        dates = list(days)
    assert len(dates) == 30
    assert dates[:3] == [date(2026, 8, 3), date(2026, 8, 6), date(2026, 8, 10)]
    assert dates[-1] == date(2026, 11, 12)


def test_a_withdrawn_student_is_no_member_and_her_reason_stays(cohort: Site) -> None:
    roster.withdraw(cohort, "bopha", COHORT, "moved to another province", on=date(2026, 9, 1))
    roster.withdraw(cohort, "bopha", COHORT, "again", on=date(2026, 9, 2))
    assert "bopha" not in {member.username for member in roster.members(cohort)}
    (row,) = [e for e in roster.enrolled(cohort, COHORT) if e.person.username == "bopha"]
    assert (row.status, row.withdrawn_on) == ("withdrawn", date(2026, 9, 1))
    assert row.withdrawn_reason == "moved to another province"


def test_a_username_of_somebody_else_is_refused_and_nobody_is_enrolled(any_site: Site) -> None:
    fill(any_site, [Person("sokha", "Sok Sokha", birth_year=2008)])
    with pytest.raises(RefusedError, match="sokha: belongs to somebody with other facts"):
        roster.enrol(
            any_site,
            [Person("vanna", "Ly Vanna"), Person("sokha", "Sok Sokha", birth_year=2010)],
            COHORT,
            on=START,
        )
    assert "vanna" not in {member.username for member in roster.members(any_site)}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda site: roster.enrol(site, [], "club-7", on=START), "no cohort 'club-7'.*Known"),
        (lambda site: roster.enrol(site, [], None, on=START), "staff belong to no cohort"),
        (lambda site: roster.enrol(site, [], COHORT, "staff", on=START), "staff belong to no"),
        (lambda site: roster.add_cohort(site, "Club 7", START), "a-z"),
        (lambda site: roster.add_cohort(site, "club-7", START, kind="choir"), "no kind"),
        (lambda site: roster.add_cohort(site, COHORT, date(2026, 8, 4)), "other facts"),
        (lambda site: roster.withdraw(site, "sokha", COHORT, "  ", on=START), "needs a reason"),
        (lambda site: roster.withdraw(site, "nary", COHORT, "moved", on=START), "not enrolled"),
        (
            lambda site: roster.withdraw(site, "sokha", COHORT, "moved", on=date(2026, 1, 1)),
            "was enrolled on",
        ),
        (lambda site: roster.enrol(site, [Person("A+b", "A")], COHORT, on=START), "username"),
        (lambda site: roster.enrol(site, [Person("maly", "Keo Maly")], COHORT, on=START), "as ins"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(cohort: Site, call, words) -> None:
    before = roster.members(cohort)
    with pytest.raises(RefusedError, match=words):
        call(cohort)
    assert roster.members(cohort) == before


def test_a_roster_file_as_excel_writes_it(
    any_site: Site, people: list[Person], tmp_path: Path
) -> None:
    fill(any_site, people)
    file = tmp_path / "roster.csv"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + (
            "username;name_latin;name_km;birth_year;province\r\n"
            "vanna;Ly Vanna;លី វណ្ណា;២០០៩;បាត់ដំបង\r\n"
            'nary;"Heng; Nary";;2011;Siem Reap\r\n'
            ";;;;\r\n"
            "sokha;Sok Sokha;សុខ សុខា;2008;2\r\n"
        ).encode()
    )
    assert import_roster(any_site, file, COHORT, on=START) == 2
    found = {e.person.username: e.person for e in roster.enrolled(any_site, COHORT)}
    assert found["vanna"] == Person("vanna", "Ly Vanna", "លី វណ្ណា", 2009, "02")
    assert found["nary"] == Person("nary", "Heng; Nary", "", 2011, "17")
    assert import_roster(any_site, file, COHORT, on=START) == 0


ROSTER = (
    ("username", "name_latin", "name_km", "birth_year", "province"),
    ("vanna", "Ly Vanna", "លី វណ្ណា", 2009, 2),
    ("nary", "Heng Nary", "", "២០១១"),
)


def saved(file: Path) -> Path:
    if file.suffix == ".xlsx":
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in ROSTER:
            page.append(row)
        book.save(file)
    else:  # what Excel calls "Unicode Text"
        lines = "\r\n".join("\t".join(map(str, row)) for row in ROSTER)
        file.write_bytes(f"{lines}\t\r\n".encode("utf-16"))
    return file


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.txt"])
def test_a_roster_as_excel_saves_it_by_itself(any_site: Site, tmp_path: Path, name: str) -> None:
    fill(any_site, [])
    assert import_roster(any_site, saved(tmp_path / name), COHORT, on=START) == 2
    found = {e.person.username: e.person for e in roster.enrolled(any_site, COHORT)}
    assert found["vanna"] == Person("vanna", "Ly Vanna", "លី វណ្ណា", 2009, "02")
    assert found["nary"] == Person("nary", "Heng Nary", "", 2011, None)


def test_every_bad_row_is_named_and_nothing_is_half_imported(cohort: Site, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(
        HEADER
        + "good,Good Girl,,2010,12\n"
        + "Bad Name,Somebody,,2010,12\n"
        + "vanna,,,2010,12\n"
        + "nary,Heng Nary,,10,12\n"
        + "lina,Chan Lina,,2010,Atlantis\n"
        + "good,Another,,2010,12\n"
        + "short,Row\n"
        + "sokha,Somebody Else,,2001,12\n",
        encoding="utf-8",
    )
    before = roster.members(cohort)
    with pytest.raises(BadRowsError) as failure:
        import_roster(cohort, file, COHORT, on=START)
    assert [row.number for row in failure.value.bad_rows] == [3, 4, 5, 6, 7, 8, 9]
    reasons = str(failure.value)
    for words in ("'Bad Name'", "Latin letters", "'10'", "'Atlantis'", "row 2 already", "2 cells"):
        assert words in reasons
    assert "somebody with other facts" in reasons
    assert roster.members(cohort) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name_latin\nSok Sokha\n", "'username' is missing"),
        (b"username\nsokha\n", "'name_latin' is missing"),
        (b"username,name_latin,shoe\n", "'shoe' is not known"),
        (b"username,username,name_latin\n", "there twice"),
        (b"username,name_latin,\nsokha,Sok Sokha,stray\n", "column 3 has no heading"),
        ("username,name_latin\nនារី,x\n".encode("utf-16-be"), "CSV UTF-8"),
        (b'username,name_latin\n"open', "Row 2 can't be read as CSV"),
    ],
)
def test_a_file_that_is_no_roster_says_why(
    cohort: Site, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(content)
    with pytest.raises(BadRowsError, match=words):
        import_roster(cohort, file, COHORT, on=START)


def test_a_missing_file_says_so(cohort: Site, tmp_path: Path) -> None:
    with pytest.raises(BadRowsError, match="can't be read"):
        import_roster(cohort, tmp_path / "none.csv", COHORT, on=START)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_imported_whole_or_refused(cohort: Site, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(HEADER.encode() + body)
    before = roster.members(cohort)
    try:
        import_roster(cohort, file, COHORT, on=START)
    except BadRowsError:
        assert roster.members(cohort) == before
    else:
        assert set(before) <= set(roster.members(cohort))


@pytest.mark.parametrize(
    "written", ["2", "02", "២", "Battambang", "battambang province", "បាត់ដំបង", "ខេត្តបាត់ដំបង"]
)
def test_a_province_as_people_write_it(written: str) -> None:
    assert province_code(written) == "02"


@pytest.mark.parametrize("written", ["0", "26", "Bangkok", "", "²"])
def test_what_is_no_province(written: str) -> None:
    assert province_code(written) is None
