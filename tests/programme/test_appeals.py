"""Appeals are kept as they were made and answered once; deciding again shows what it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from programme import appeals, attendance, contacts, decisions
from programme.people import Person
from programme.schema import applications, programmes
from programme.site import Site
from programme.store import RefusedError, reading, writing
from tests.programme.sites import COHORT, START, fill

AT = datetime(2026, 8, 4, 5, tzinfo=UTC)
LATER = AT + timedelta(days=2)
DAY = date(2026, 8, 4)


@pytest.fixture
def decided(any_site: Site, people: list[Person]) -> Site:
    """Three students about whom something is decided."""
    fill(any_site, people)
    decisions.decide_all(any_site, COHORT, author="maly", today=DAY, at=AT)
    return any_site


def test_an_appeal_is_written_once_and_answered_once(decided: Site) -> None:
    for _ in "twice":
        appeals.appeal(decided, COHORT, "sokha", " I was there. ", AT)
    with pytest.raises(RefusedError, match="one at a time"):
        appeals.appeal(decided, COHORT, "sokha", "And another thing.", AT)
    (waiting,) = appeals.waiting(decided)
    assert (waiting.username, waiting.words, waiting.outcome) == (
        "sokha", "I was there.", "on_the_way",
    )  # fmt: skip
    for _ in "twice":
        appeals.answer(decided, waiting.id, "agreed", "You were, sorry.", "office", LATER)
    with pytest.raises(RefusedError, match="answered by office already"):
        appeals.answer(decided, waiting.id, "kept", "No.. ", "maly", LATER)
    assert appeals.waiting(decided) == []
    appeals.appeal(decided, COHORT, "sokha", "And another thing.", LATER)
    first, second = appeals.of_student(decided, COHORT, "sokha")
    assert (first.verdict, first.answered_by, second.verdict) == ("agreed", "office", None)


def test_what_makes_no_sense_is_refused(decided: Site) -> None:
    with pytest.raises(RefusedError, match="look at again"):
        appeals.appeal(decided, COHORT, "sokha", " ", AT)
    with pytest.raises(RefusedError, match="Nothing is decided"):
        appeals.appeal(decided, COHORT, "maly", "I teach here.", AT)
    with pytest.raises(RefusedError, match="no appeal 99"):
        appeals.answer(decided, 99, "kept", "because", "office", AT)
    appeals.appeal(decided, COHORT, "sokha", "I was there.", AT)
    (waiting,) = appeals.waiting(decided)
    with pytest.raises(RefusedError, match="needs a reason"):
        appeals.answer(decided, waiting.id, "kept", "", "office", AT)
    with pytest.raises(RefusedError, match="no verdict"):
        appeals.answer(decided, waiting.id, "queen", "because", "office", AT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE appeals SET words = 'All is well.'",
        "UPDATE appeals SET verdict = 'kept', answer = 'changed', answered_by = 'x',"
        " answered_at = '2026-08-09'",
        "DELETE FROM appeals",
    ],
)
def test_the_database_keeps_an_appeal_as_it_is(decided: Site, statement: str) -> None:
    appeals.appeal(decided, COHORT, "sokha", "I was there.", AT)
    (waiting,) = appeals.waiting(decided)
    appeals.answer(decided, waiting.id, "kept", "The sheet says no.", "office", LATER)
    with pytest.raises(DBAPIError, match="kept as it was made"), writing(decided) as connection:
        connection.execute(text(statement))


def test_an_answer_has_a_reason_in_the_database_too(decided: Site) -> None:
    appeals.appeal(decided, COHORT, "sokha", "I was there.", AT)
    with pytest.raises(IntegrityError), writing(decided) as connection:
        connection.execute(text("UPDATE appeals SET verdict = 'kept'"))


def test_what_was_looked_at_is_what_is_kept(decided: Site) -> None:
    attendance.mark(decided, COHORT, 1, {"sokha": "absent"}, "maly", AT)
    looked = decisions.decide_all(decided, COHORT, author="maly", today=DAY, dry_run=True)
    assert "sokha" in {change.username for change in looked}
    seen = decisions.fingerprint(looked)
    attendance.mark(decided, COHORT, 1, {"bopha": "present"}, "maly", AT)
    with pytest.raises(decisions.ChangedError, match="look again"):
        decisions.decide_all(decided, COHORT, author="maly", today=DAY, seen=seen)
    assert len(decisions.history(decided, COHORT, "sokha")) == 1
    again = decisions.decide_all(decided, COHORT, author="maly", today=DAY, dry_run=True)
    kept = decisions.decide_all(
        decided, COHORT, author="maly", today=DAY, seen=decisions.fingerprint(again)
    )
    assert {change.username for change in kept} >= {"sokha", "bopha"}
    assert len(decisions.history(decided, COHORT, "sokha")) == 2


def test_whom_to_call_comes_from_the_newest_application(decided: Site) -> None:
    assert contacts.contacts(decided, "sokha") == []
    with reading(decided) as connection:
        person = connection.execute(text("SELECT id FROM people WHERE username = 'sokha'")).scalar()
    with writing(decided) as connection:
        for number, phone in ((1, "+85512000001"), (2, "+85512000002")):
            connection.execute(
                insert(programmes).values(
                    id=number, name=f"call-{number}", kind="ambassador", opens_on=START,
                    closes_on=START,
                )
            )  # fmt: skip
            connection.execute(
                insert(applications).values(
                    programme_id=number, person_id=person, link_hash=str(number), name_km="",
                    name_latin="Sok Sokha", name_key="soksokha", birth_date=date(2010, 1, 1),
                    minor=True, phone=phone, province_code="02", school_kind="public",
                    wish="either", language="km", answers={}, guardian_name="Sok Dara",
                    guardian_phone="+85512000009", submitted_at=AT + timedelta(days=number),
                )
            )  # fmt: skip
    found = [(one.whose, one.phone) for one in contacts.contacts(decided, "sokha")]
    assert found == [
        ("own", "+85512000002"), ("guardian", "+85512000009"), ("own", "+85512000001"),
    ]  # fmt: skip
