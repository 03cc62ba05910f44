"""A school with somebody in every role, and rows of each kind that pages are about.

`ROLES` maps a role of roles.toml to the username that signs in. `open_school` gives the site, and
what the `{…}` in the table's paths stand for.
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert, select

from programme import appeals, applying, clubs, decisions, mentors, roster
from programme.people import Person
from programme.schema import clubs as club_table
from programme.schema import cohorts, people, programmes
from programme.site import Site
from programme.store import writing
from tests.programme.applied import add_applications
from tests.programme.outcomes import add_outcomes
from tests.programme.sites import COHORT, START, fill, make_site

OTHER_COHORT = "ambassador-2027"
CLUB, OTHER_CLUB = "club-kandal", "club-takeo"
CALL = "ambassador-2099"
YEAR, PROPOSED_CLUB = "club-2099", "club-pursat"
PROPOSED = datetime(2026, 7, 1, 5, tzinfo=UTC)
ROLES = {
    "public": None,  # nobody is signed in
    "stranger": "stranger",  # signed in, and unknown to the programme
    "withdrawn": "gone",
    "student": "sokha",
    "other_student": "nary",
    "instructor": "maly",
    "other_instructor": "vanna",
    "leader": "leakhena",
    "other_leader": "davy",
    "staff": "office",
}
# Whoever may not see a page must not meet these on the page that says so.
NAMES = ("Sok Sokha", "សុខ សុខា", "Chea Bopha", "Member Kandal")


def open_school(root: Path, empty_gradebook: Path) -> tuple[Site, dict[str, str]]:
    """Make the school in a new data folder."""
    site = make_site(root)
    students = [Person("sokha", "Sok Sokha", "សុខ សុខា", 2008, "02"), Person("bopha", "Chea Bopha")]
    fill(site, [*students, Person("gone", "Kim Gone")])
    roster.withdraw(site, "gone", COHORT, "moved", on=START)
    for name, kind in ((OTHER_COHORT, "ambassador"), (CLUB, "club"), (OTHER_CLUB, "club")):
        roster.add_cohort(site, name, START, kind=kind)
        (root / "cohorts" / name).mkdir()
        (root / "cohorts" / name / "cohort.toml").write_text('language = "km"\n', encoding="utf-8")
    for name in (COHORT, OTHER_COHORT, CLUB, OTHER_CLUB):
        shutil.copy(empty_gradebook, site.cohort(name).root / "gradebook.db")
    decisions.decide_all(site, COHORT, author="office", today=START)
    for student in ("bopha", "sokha"):  # sokha's is answered: she may appeal again
        appeals.appeal(site, COHORT, student, "Please look again.", PROPOSED)
    waiting = {appeal.username: appeal.id for appeal in appeals.waiting(site)}
    appeals.answer(site, waiting["sokha"], "kept", "We did look.", "office", PROPOSED)
    roster.enrol(site, [Person("nary", "Heng Nary")], OTHER_COHORT, on=START)
    roster.enrol(site, [Person("vanna", "Ly Vanna")], OTHER_COHORT, "instructor", on=START)
    roster.enrol(site, [Person("member", "Member Kandal")], CLUB, on=START)
    _lead(site, CLUB, Person("leakhena", "Sam Leakhena"), "08")
    _lead(site, OTHER_CLUB, Person("davy", "Meas Davy"), "21")
    applying.add_programme(site, CALL, "ambassador", date(2020, 1, 1), date(2099, 1, 1))
    _graduate(site, "sreymom")
    site, outcomes = add_outcomes(site)
    return site, outcomes | add_applications(site) | {
        "cohort": COHORT, "other_cohort": OTHER_COHORT, "club": CLUB, "other_club": OTHER_CLUB,
        "student": "sokha", "member": "member", "call": CALL, "link": applying.new_link(),
        "appeal": str(waiting["bopha"]), "year": YEAR, "proposed": PROPOSED_CLUB,
    }  # fmt: skip


def _graduate(site: Site, username: str) -> None:
    """She has graduated, would mentor, and has proposed a club."""
    applying.add_programme(site, YEAR, "club", date(2020, 1, 1), date(2099, 1, 1))
    roster.enrol(site, [Person(username, "Long Sreymom")], OTHER_COHORT, on=START)
    decisions.override(site, OTHER_COHORT, username, "graduated", "She taught.", "office", PROPOSED)
    proposal = {
        "name": PROPOSED_CLUB, "programme": YEAR, "mode": "online", "province_code": "15",
        "place": "Online", "plan": "On Sunday.", "safeguarding_adult": "Her aunt",
        "safeguarding_phone": "012345678",
    }  # fmt: skip
    clubs.propose(site, username, proposal, PROPOSED)
    for who, side in ((username, "mentor"), ("bopha", "mentee")):
        mentors.offer(site, who, side, "km", "online", 1, "Her aunt", "Yes.", PROPOSED)


def _lead(site: Site, club: str, leader: Person, province: str) -> None:
    """Give her the club: its row, and an instructor's seat in its cohort."""
    roster.enrol(site, [leader], club, "instructor", on=START)
    call = f"{club}-call"
    applying.add_programme(site, call, "club", date(2026, 1, 1), date(2026, 6, 1))
    with writing(site) as connection:
        found = {
            "programme_id": select(programmes.c.id).where(programmes.c.name == call),
            "leader_id": select(people.c.id).where(people.c.username == leader.username),
            "cohort_id": select(cohorts.c.id).where(cohorts.c.name == club),
        }
        ids = {name: connection.execute(query).scalar_one() for name, query in found.items()}
        facts = {
            "name": club, "mode": "in_person", "province_code": province, "place": "A school",
            "plan": "Two sessions a week.", "safeguarding_adult": "A Fictional Adult",
            "safeguarding_phone": "+85500000001", "status": "approved", "proposed_at": PROPOSED,
            "decided_by": "office", "decided_at": PROPOSED,
        }  # fmt: skip
        connection.execute(insert(club_table), {**ids, **facts})
