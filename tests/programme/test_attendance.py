"""Attendance: marks that may be sent twice, sessions held again, what the hub saw, and paper."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from programme import attendance, catch_up, online, paper, roster
from programme.pages.activity import last_active
from programme.people import Person
from programme.schema import attendance as attendance_table
from programme.schema import cohorts, enrolments, group_members, groups, online_minutes
from programme.site import Site
from programme.spreadsheet import BadRowsError, Row, read_plain
from programme.store import RefusedError, reading, writing
from tests.programme.sites import COHORT, START, fill

AT = datetime(2026, 8, 3, 5, tzinfo=UTC)  # noon of the first session
LATER = AT + timedelta(hours=1)


@pytest.fixture
def either(any_site: Site, people: list[Person]) -> Site:
    """The same cohort, on both databases."""
    fill(any_site, people)
    return any_site


def marks_of(site: Site, number: int = 1) -> dict[str, str | None]:
    sheet = attendance.read_sheet(site, COHORT, number)
    return {line.person.username: line.mark for line in sheet.lines}


def test_the_same_form_sent_again_changes_nothing(either: Site) -> None:
    marks = {"sokha": "present", "bopha": "absent", "dara": "present"}
    seen = attendance.read_sheet(either, COHORT, 1).version
    assert attendance.mark(either, COHORT, 1, marks, "maly", AT, seen=seen) == 3
    first = attendance.read_sheet(either, COHORT, 1)
    # Her phone never got the answer: the same form, which saw the sheet before anybody marked it.
    assert attendance.mark(either, COHORT, 1, marks, "maly", LATER, seen=seen) == 0
    assert attendance.read_sheet(either, COHORT, 1) == first


def test_a_form_that_is_older_than_somebody_elses_marks_is_refused(cohort: Site) -> None:
    seen = attendance.read_sheet(cohort, COHORT, 1).version
    attendance.mark(cohort, COHORT, 1, {"sokha": "excused"}, "vanna", AT)
    with pytest.raises(attendance.ChangedError, match="look at the marks"):
        attendance.mark(cohort, COHORT, 1, {"sokha": "present"}, "maly", LATER, seen=seen)
    assert marks_of(cohort)["sokha"] == "excused"


def test_a_changed_mark_says_who_changed_it_and_the_others_stay(cohort: Site) -> None:
    attendance.mark(cohort, COHORT, 1, {"sokha": "present", "bopha": "absent"}, "maly", AT)
    attendance.mark(cohort, COHORT, 1, {"sokha": "absent", "bopha": "absent"}, "vanna", LATER)
    lines = {x.person.username: x for x in attendance.read_sheet(cohort, COHORT, 1).lines}
    assert (lines["sokha"].marked_by, lines["sokha"].marked_at) == ("vanna", LATER)
    assert (lines["bopha"].marked_by, lines["bopha"].marked_at) == ("maly", AT)


def test_a_session_early_in_the_morning_is_of_its_day_in_cambodia(cohort: Site) -> None:
    half_past_six = datetime(2026, 8, 2, 23, 30, tzinfo=UTC)
    assert attendance.mark(cohort, COHORT, 1, {"sokha": "present"}, "maly", half_past_six) == 1
    with pytest.raises(RefusedError, match="mark it from that day on"):
        attendance.mark(cohort, COHORT, 2, {"sokha": "present"}, "maly", half_past_six)


def test_who_missed_a_session_catches_it_up(cohort: Site) -> None:
    attendance.mark(cohort, COHORT, 1, {"sokha": "present", "bopha": "absent"}, "maly", AT)
    with pytest.raises(RefusedError, match="plan it first"):
        catch_up.mark_caught_up(cohort, COHORT, 1, ["bopha"], "maly", LATER)
    with pytest.raises(RefusedError, match="caught up later"):
        catch_up.plan(cohort, COHORT, 1, START - timedelta(days=1))
    for _ in "twice":
        catch_up.plan(cohort, COHORT, 1, START)
    sheet = attendance.read_sheet(cohort, COHORT, 1)
    assert sheet.catch_ups == (START,)
    assert [line.person.username for line in catch_up.missed(sheet)] == ["bopha"]
    with pytest.raises(RefusedError, match="'sokha' did not miss"):
        catch_up.mark_caught_up(cohort, COHORT, 1, ["bopha", "sokha"], "maly", LATER)
    assert catch_up.mark_caught_up(cohort, COHORT, 1, ["bopha"], "maly", LATER) == 1
    assert catch_up.mark_caught_up(cohort, COHORT, 1, ["bopha"], "maly", LATER) == 0
    (line,) = [x for x in attendance.read_sheet(cohort, COHORT, 1).lines if x.mark == "caught_up"]
    assert line.source == "catch_up"


# The first session is at 18:00 in Cambodia, 11:00 UTC.
HOUR = datetime(2026, 8, 3, 11, tzinfo=UTC)


def test_the_rule_proposes_and_never_says_absent() -> None:
    rule = online.Rule("1", time(18), 10, 20, 40, True, 5)
    assert online.propose(40, False, rule) == "present"
    assert online.propose(0, True, rule) == "present"
    assert online.propose(39, False, rule) is None
    assert online.propose(39, True, online.Rule("1", time(18), 10, 20, 40, False, 5)) is None


def test_what_the_hub_saw_is_proposed_and_confirmed(either: Site) -> None:
    for minute in range(-20, 90, 5):
        now = HOUR + timedelta(minutes=minute, seconds=30)
        active = {"sokha": now, "stranger": now, "dara": HOUR - timedelta(hours=2)}
        if minute < 15:
            active["bopha"] = now - timedelta(minutes=1)
        for _ in range(2):  # a service that is started twice counts once
            online.count(either, active, now)
    found = {p.line.person.username: p for p in online.proposals(either, COHORT, 1)}
    assert {name: (p.minutes, p.mark) for name, p in found.items()} == {
        "sokha": (100, "present"), "bopha": (25, None), "dara": (0, None),
    }  # fmt: skip
    assert set(marks_of(either).values()) == {None}, "nothing is written before it is confirmed"
    marks = {name: p.mark for name, p in found.items() if p.mark}
    attendance.mark(either, COHORT, 1, marks, "maly", HOUR, source="online")
    (line,) = [x for x in attendance.read_sheet(either, COHORT, 1).lines if x.mark]
    assert (line.person.username, line.source) == ("sokha", "online")


def test_only_those_who_learn_online_are_watched_and_only_then(either: Site) -> None:
    with writing(either) as connection:
        cohort_id = connection.execute(select(cohorts.c.id)).scalar_one()
        ids = roster.find_enrolments(connection, COHORT)
        rows = [
            {"cohort_id": cohort_id, "name": mode, "mode": mode, "place": place}
            for mode, place in (("online", None), ("in_person", "STEP"))
        ]
        made = connection.execute(insert(groups).returning(groups.c.id), rows).scalars().all()
        for username, group in (("sokha", made[0]), ("bopha", made[1])):
            connection.execute(
                insert(group_members).values(
                    enrolment_id=ids[username], group_id=group, cohort_id=cohort_id
                )
            )
        connection.execute(update(enrolments).where(enrolments.c.id == ids["dara"]).values(
            status="withdrawn", withdrawn_on=START, withdrawn_reason="moved"))  # fmt: skip
    everybody = dict.fromkeys(("sokha", "bopha", "dara", "maly"), HOUR)
    assert online.count(either, everybody, HOUR) == 1
    assert online.count(either, dict.fromkeys(everybody, HOUR + timedelta(hours=9)),
                        HOUR + timedelta(hours=9)) == 0  # fmt: skip
    assert [p.line.person.username for p in online.proposals(either, COHORT, 1)] == ["sokha"]
    with reading(either) as connection:
        assert len(connection.execute(select(online_minutes)).all()) == 1


def test_a_session_of_another_hour_and_work_that_waits(cohort: Site) -> None:
    attendance.move_session(cohort, COHORT, 1, START, time(8))
    eight = datetime(2026, 8, 3, 1, tzinfo=UTC)
    assert online.count(cohort, {"sokha": eight}, eight) == 1
    assert online.count(cohort, {"sokha": HOUR}, HOUR) == 0
    name = "bopha+week01+2026-08-03 01:30:00.000000 UTC+secret"
    (cohort.cohort(COHORT).inbound / name).mkdir(parents=True)
    (cohort.cohort(COHORT).inbound / "dara+week01+whenever+secret").mkdir()
    said = {p.line.person.username: p for p in online.proposals(cohort, COHORT, 1)}
    assert (said["bopha"].mark, said["bopha"].handed_in) == ("present", True)
    assert (said["dara"].mark, said["dara"].handed_in) == (None, False)


def _xlsx(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_marks_come_back_from_paper(either: Site, kind: str) -> None:
    rows = [["username", "Name", "Name (Khmer)", "1", "2 (2026-08-06)"],
            ["sokha", "Sok Sokha", "សុខ សុខា", 1, ""], ["BOPHA", "", "", "អវត្តមាន", 0],
            ["dara", "Kim Dara", "", "១", "e"]]  # fmt: skip
    lines = "\r\n".join(";".join(map(str, row)) for row in rows)
    content = ("\ufeff" + lines).encode() if kind == "csv" else _xlsx(rows)
    later = AT + timedelta(days=5)
    assert paper.import_marks(either, COHORT, "m", content, "maly", later, dry_run=True) == 5
    assert set(marks_of(either).values()) == {None}
    assert paper.import_marks(either, COHORT, "m", content, "maly", later) == 5
    assert paper.import_marks(either, COHORT, "m", content, "maly", later) == 0
    assert marks_of(either) == {"sokha": "present", "bopha": "absent", "dara": "present"}
    assert marks_of(either, 2) == {"sokha": None, "bopha": "absent", "dara": "excused"}
    with reading(either) as connection:
        sources = connection.execute(select(attendance_table.c.source)).scalars()
        assert set(sources) == {"paper"}


def test_every_bad_row_is_named_and_nothing_is_written(cohort: Site) -> None:
    content = (
        b"username,name,1,30\nsokha,Sok Sokha,1,\nbopha,Kim Dara,1,\nnobody,,1,\n"
        b"dara,,asleep,\nsokha,,0,\nmaly,,1,\nsokha,,,1\n"
    )
    with pytest.raises(BadRowsError) as failure:
        paper.import_marks(cohort, COHORT, "marks.csv", content, "maly", AT)
    said = str(failure.value)
    for words in (
        "row 3: bopha is Chea Bopha, not Kim Dara",
        "row 4: 'nobody' is not enrolled",
        "row 5: session 1: 'asleep' is no mark",
        "row 6: 'sokha' stands in row 2 already",
        "row 7: 'maly' is not enrolled as student",
        "Session 30 of ambassador-2026 is on 2026-11-12",
    ):
        assert words in said, words
    assert set(marks_of(cohort).values()) == {None}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name,1\nx,1\n", "'username' is missing"),
        (b"username\nsokha\n", "no column is a session"),
        (b"username,1,1 (2026-08-03)\n", "there twice"),
        (b"username,mark\n", "'mark' is neither"),
        ("username,1\nសុខា".encode("utf-16-be"), "CSV UTF-8"),
        (b'username,"1\n', "as CSV"),
        (b"PK\x03\x04 a broken file", "as .xlsx"),
    ],
)
def test_what_is_no_sheet_is_said_in_words(cohort: Site, content: bytes, words: str) -> None:
    with pytest.raises(BadRowsError, match=words):
        paper.import_marks(cohort, COHORT, "marks.csv", content, "maly", AT)


PEOPLE = {"sokha": Person("sokha", "Sok Sokha", "សុខ សុខា"), "dara": Person("dara", "Kim Dara")}


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    """Marks of people who are here, or rows that are named."""
    try:
        rows = read_plain("m.csv", content)
    except BadRowsError:
        return
    marks, bad = paper.read_marks(rows, PEOPLE)
    assert bad or all(set(column) <= set(PEOPLE) for column in marks.values())


CELL = st.sampled_from(["sokha", "dara", "1", "0", "e", "", "username", "2", "Kim Dara", "="])


@given(st.lists(st.lists(CELL | st.text(max_size=3), max_size=4), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_table_breaks_the_reading(table: list[list[str]]) -> None:
    rows = [Row(number, tuple(cells)) for number, cells in enumerate(table, 1)]
    marks, bad = paper.read_marks(rows, PEOPLE)
    if not bad:
        assert set().union(*marks.values()) <= set(PEOPLE)


def test_the_sheet_is_printed_and_filled_in(cohort: Site, tmp_path: Path) -> None:
    made = paper.read_paper(cohort, COHORT, date(2026, 8, 5))
    assert [session.number for session in made.sessions] == [2, 3, 4, 5, 6, 7]
    assert paper.as_file(made, "pdf", "km", AT).startswith(b"%PDF")
    for kind in ("csv", "xlsx"):
        content = paper.as_file(made, kind, "en", AT)
        assert paper.import_marks(cohort, COHORT, f"x.{kind}", content, "maly", AT) == 0
    with ThreadPoolExecutor(8) as pool:  # as the pages do, for several people at once
        sheets = pool.map(lambda _: paper.as_file(made, "pdf", "km", AT), range(16))
        assert all(sheet.startswith(b"%PDF") for sheet in sheets)
    after = paper.read_paper(cohort, COHORT, date(2030, 1, 1))
    assert [session.number for session in after.sessions] == [25, 26, 27, 28, 29, 30]


class _Hub(BaseHTTPRequestHandler):
    """Two pages of users, as the hub's API gives them (tried against the real one)."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        assert asked["state"] == ["active"]
        assert self.headers["Authorization"] == "token secret"
        first = asked["offset"] == ["0"]
        users = [{"name": "sokha", "last_activity": "2026-08-03T11:00:00.000000Z"},
                 {"name": "dara", "last_activity": None}]  # fmt: skip
        after = {"offset": 1, "limit": 200} if first else None
        answer = {"items": users[:1] if first else users[1:], "_pagination": {"next": after}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_the_hub_is_asked_page_by_page() -> None:
    with HTTPServer(("127.0.0.1", 0), _Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/hub/api"
        assert asyncio.run(last_active(url, "secret")) == {"sokha": HOUR}
        server.shutdown()
        thread.join()
