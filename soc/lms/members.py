"""The members of an LMS's course beside our roster: what differs, and the students enrolled.

Rule: an LMS makes students and ties accounts, nothing more. Who teaches there is named, and staff
enrol her; who has left there is named, and staff withdraw her, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hub import accounts
from hub.accounts import AccountError
from hub.lti.platforms import Platform
from hub.lti.services import LmsMember
from programme import roster
from programme.people import Person
from programme.roster import Enrolment
from programme.site import Cohort, Site
from programme.store import RefusedError
from programme.written import KHMER


@dataclass(frozen=True)
class Difference:
    """One person, and what is or would be done. `person` is given for who is to be enrolled."""

    username: str
    name: str
    state: str  # enrol | tie | same | look: somebody has to decide
    what: str
    subject: str = ""
    person: Person | None = None


@dataclass(frozen=True)
class Roster:
    """Our side: the cohort's students, withdrawn ones too; everybody else's names; the ties."""

    students: Mapping[str, Enrolment]
    others: frozenset[str]
    subjects: Mapping[str, str]

    @classmethod
    def read(cls, site: Site, cohort: Cohort, platform: Platform) -> Roster:
        """As it is now."""
        students = {row.person.username: row for row in roster.enrolled(site, cohort.name)}
        others = {member.username for member in roster.members(site)} - set(students)
        return cls(students, frozenset(others), accounts.outside(site, platform.account_issuer))


def compare(ours: Roster, platform: Platform, members: Iterable[LmsMember]) -> list[Difference]:
    """Everybody in the LMS's course or in our cohort, by username."""
    tied = {subject: username for username, subject in ours.subjects.items()}
    found = []
    for member in members:
        given = platform.username(member.subject, member.sourcedid, member.email)
        found.append(_difference(ours, member, tied.get(member.subject, given)))
    there = {row.username for row in found}
    gone = [
        Difference(username, row.person.name, "look", "is not in the LMS's course: `soc withdraw`?")
        for username, row in ours.students.items()
        if row.status == "active" and username not in there
    ]
    return sorted([*found, *gone], key=lambda row: row.username)


def _difference(ours: Roster, member: LmsMember, username: str) -> Difference:
    state, person = "look", None
    if not member.learner or member.instructor:
        what = "is no student there: `soc enrol --role instructor`?"
    elif not username:
        what = f"has no name that lti.toml's rule makes a username of ({member.subject})"
    elif username in ours.others:
        what = "is in the roster, but no student of this cohort: `soc enrol`?"
    elif username not in ours.students:
        state, what, person = "enrol", "is enrolled as a student", as_person(username, member)
    elif ours.students[username].status == "withdrawn":
        what = "was withdrawn here"
    elif username not in ours.subjects:
        state, what = "tie", "is a student here too: the accounts are tied"
    elif ours.subjects[username] != member.subject:
        what = "is tied to another account of the LMS: `soc lti untie`?"
    else:
        state, what = "same", ""
    return Difference(username, member.name, state, what, member.subject, person)


def as_person(username: str, member: LmsMember) -> Person:
    """The member with the names she has: family name first, Khmer and Latin in their places.

    Who has no name in Latin letters gets her username in its place, until staff know better.
    """
    name = f"{member.family} {member.given}".strip() or member.name
    if KHMER.search(name):
        return Person(username, name_latin=username, name_km=name)
    return Person(username, name_latin=name or username)


def write(
    site: Site, cohort: Cohort, platform: Platform, rows: Iterable[Difference], on: date
) -> list[Difference]:
    """Enrol and tie; the same rows with what came of it. May be run again after any failure."""
    done = []
    for row in rows:
        try:
            if row.person is not None:
                roster.enrol(site, [row.person], cohort.name, on=on)
            if row.state in ("enrol", "tie"):
                accounts.tie(site, platform.account_issuer, row.subject, row.username)
            done.append(row)
        except (RefusedError, AccountError) as error:
            done.append(replace(row, state="look", what=str(error).replace("\n", " ")))
    return done
