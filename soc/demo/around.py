"""What stands around the demo's cohort: graduates, an open call that is being read, and a club.

Staff and club leaders find each of their pages with something on it. Written by the same functions
as the pages and verbs, so that a rule which holds for real people holds here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from programme import applying, attendance, clubs, decisions, kit, roster
from programme.admitting import reading
from programme.certificates import issuing, keys
from programme.fictional import make_people
from programme.people import Person
from programme.record import Mark
from programme.site import Site
from soc.club.desks import ensure_desks
from soc.cohorts import ensure_students_in_gradebook

CALL = "ambassador-2027"
YEAR_OF_CLUBS = "clubs-2026"
CLUB, PROPOSED = "club-of-the-river", "club-at-the-school"
APPLICANTS = 12
READ_TWICE, READ_ONCE = 5, 8  # the first five by both readers, three more by one
MEMBERS = 8
HELD = 3


def graduate(site: Site, cohort: str, by: str, today: date) -> list[str]:
    """Decide about a finished cohort and give certificates; the graduates' usernames."""
    decisions.decide_all(site, cohort, author=by, today=today)
    keys.make_key(site)
    return issuing.issue(site, cohort, by=by, today=today)


def open_call(site: Site, instructor: str, staff: str, today: date) -> None:
    """An open call with applications: read by both, by the instructor alone, and by nobody yet."""
    applying.add_programme(
        site, CALL, "ambassador", today - timedelta(days=30), today + timedelta(days=14)
    )
    at = datetime.combine(today - timedelta(days=2), time(3), UTC)
    for number, girl in enumerate(make_people(2027, APPLICANTS, year=today.year)):
        link = applying.new_link()
        applying.apply(site, CALL, link, _form(girl, number, today), "km", at)
    reading.name_reader(site, CALL, instructor, staff, at)
    for reader, count in ((instructor, READ_ONCE), (staff, READ_TWICE)):
        for _ in range(count):
            sheet = reading.next_sheet(site, CALL, reader)
            if sheet is not None:
                points = {one.id: 4 + sheet.number % 5 for one in sheet.criteria}
                reading.give(site, CALL, sheet.number, reader, points, at)


def run_clubs(site: Site, leader: str, hopeful: str, by: str, today: date) -> None:
    """A club that has met `HELD` times, led by a graduate, and a proposal that waits for staff."""
    applying.add_programme(
        site, YEAR_OF_CLUBS, "club", today - timedelta(days=60), today + timedelta(days=60)
    )
    now = datetime.combine(today - timedelta(days=35), time(3), UTC)
    for name, graduate_ in ((CLUB, leader), (PROPOSED, hopeful)):
        clubs.propose(site, graduate_, _proposal(name), now)
    began = today - timedelta(days=28)
    clubs.approve(site, CLUB, began, by, now)
    ensure_desks(site)
    for thing, count, returned in (("laptop", 4, 1), ("book of the club", MEMBERS, 0)):
        kit.set_kit(site, CLUB, thing, count, returned, began)
    members = make_people(2028, MEMBERS, year=today.year, taken=_usernames(site))
    roster.enrol(site, members, CLUB, on=began)
    ensure_students_in_gradebook(site, site.cohort(CLUB))
    for session in attendance.read_sessions(site, CLUB)[:HELD]:
        marks: dict[str, Mark] = {
            one.username: "absent" if place == session.number else "present"
            for place, one in enumerate(members)
        }
        evening = datetime.combine(session.held_on, time(10), UTC)
        attendance.mark(site, CLUB, session.number, marks, leader, evening)


def _usernames(site: Site) -> set[str]:
    return {one.username for one in roster.members(site)}


def _form(girl: Person, number: int, today: date) -> dict[str, str]:
    """Her application. Everybody is 16 to 21; phone numbers are made up."""
    return {
        "name_km": girl.name_km,
        "name_latin": girl.name_latin,
        "birth_date": f"{today.year - 16 - number % 6}-01-{1 + number:02}",
        "phone": f"0120000{number:02}",
        "province_code": girl.province_code or "12",
        "district_code": "",
        "school_kind": applying.SCHOOL_KINDS[number % 3],
        "wish": applying.WISHES[number % 3],
        "consent": "yes",
        "guardian_name": "Her mother",
        "guardian_phone": f"0120001{number:02}",
        "guardian_consent": "yes",
        "answer-why": "I want to make a game about the river, and to know how phones think.",
        "answer-share": "My two younger sisters, and the girls of my class on Saturdays.",
    }


def _proposal(name: str) -> dict[str, str]:
    return {
        "name": name,
        "programme": YEAR_OF_CLUBS,
        "mode": "in_person",
        "province_code": "12",
        "place": "The library of the school",
        "plan": "Ten Saturdays, two hours each; we begin with the card and end with a game.",
        "safeguarding_adult": "The librarian",
        "safeguarding_phone": "012000199",
    }
