"""The programme's own figures of 2022-23, as plans that fictional people are made after.

Reported: 175 / 60 / 49 Ambassadors in two cohorts of 30, each half online and half in class; five
clubs and seven with these kinds, 133 / 75 and 181 / 105 members and 110 graduates in all; the
provinces of Ambassadors and of members by name; 16 provinces reached; the answers of the survey.

Made up, as the report gives one total for both years or nothing: the Ambassadors' figures by year
(80 + 95 applied, 24 + 25 graduated), the members' graduates by year (46 + 64), where the clubs of
2023 are, that each club has 15 members, the two provinces that are reached and not named (Kampot
and Prey Veng, by applications alone), that 40 answered the survey (the smallest number in which
87.5, 60, 45, 5 and 30 % are whole people), that three members of 2022 became Ambassadors in 2023,
all dates, and every person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from programme.people import province_code


@dataclass(frozen=True)
class GroupPlan:
    """A group of a cohort; `place` where it meets in person."""

    name: str
    mode: str
    place: str | None = None


@dataclass(frozen=True)
class CohortPlan:
    """One cohort or club: how many were accepted and graduated, in which groups.

    `province_code` is where a club is; the Ambassador cohorts have none.
    """

    name: str
    accepted: int
    graduated: int
    groups: tuple[GroupPlan, ...]
    province_code: str | None = None


@dataclass(frozen=True)
class ProgrammePlan:
    """A programme of one year. `applied` counts all; `provinces` are where the accepted come from.

    Clubs are led by graduates of the programmes `leaders_from`; so many of the accepted
    `were_members`, graduates of an earlier year's clubs.
    """

    name: str
    kind: str
    applied: int
    opens_on: date
    starts_on: date
    cohorts: tuple[CohortPlan, ...]
    provinces: tuple[str, ...]
    applied_from: tuple[str, ...]
    leaders_from: tuple[str, ...] = ()
    were_members: int = 0


def codes(*names: str) -> tuple[str, ...]:
    """Province names → their codes. Raises KeyError for a name that is none of the 25."""
    found = {name: province_code(name) for name in names}
    unknown = [name for name, code in found.items() if code is None]
    if unknown:
        raise KeyError(f"no such province: {', '.join(unknown)}")
    return tuple(code for code in found.values() if code is not None)


AMBASSADORS_FROM = codes(
    "Phnom Penh", "Banteay Meanchey", "Battambang", "Kandal", "Preah Vihear", "Sihanoukville",
    "Koh Kong", "Takeo", "Siem Reap",
)  # fmt: skip
MEMBERS_FROM = codes(
    "Siem Reap", "Phnom Penh", "Kampong Chhnang", "Kampong Thom", "Kandal", "Banteay Meanchey",
    "Kampong Cham", "Takeo", "Battambang", "Pursat", "Svay Rieng",
)  # fmt: skip
REACHED_BY_APPLICATIONS = codes("Kampot", "Prey Veng")
PROVINCES_REACHED = 16
# The report gives these for both years together: how they split into years is made up.
MADE_UP_BY_YEAR: Mapping[str, frozenset[str]] = {
    "ambassador": frozenset({"applied", "graduated", "share"}),
    "club": frozenset({"graduated", "share"}),
}

IN_CLASS = "IT Academy STEP"
_GROUPS = (GroupPlan("online", "online"), GroupPlan("in-class", "in_person", IN_CLASS))


def _club(year: int, province: str, mode: str, graduated: int) -> CohortPlan:
    name = f"club-{year}-{province.lower().replace(' ', '-')}"
    place = f"{province}, a school that does not exist" if mode == "in_person" else None
    return CohortPlan(name, 15, graduated, (GroupPlan("club", mode, place),), *codes(province))


REPORTED: tuple[ProgrammePlan, ...] = (
    ProgrammePlan(
        "ambassador-2022", "ambassador", 80, date(2021, 11, 1), date(2022, 1, 3),
        (CohortPlan("ambassador-2022", 30, 24, _GROUPS),),
        AMBASSADORS_FROM, AMBASSADORS_FROM,
    ),
    ProgrammePlan(
        "club-2022", "club", 133, date(2022, 5, 2), date(2022, 7, 4),
        (
            _club(2022, "Battambang", "in_person", 10),
            _club(2022, "Kampong Thom", "in_person", 9),
            _club(2022, "Kandal", "online", 9),
            _club(2022, "Siem Reap", "online", 9),
            _club(2022, "Preah Sihanouk", "online", 9),
        ),
        MEMBERS_FROM, (*MEMBERS_FROM, *REACHED_BY_APPLICATIONS), ("ambassador-2022",),
    ),
    ProgrammePlan(
        "ambassador-2023", "ambassador", 95, date(2022, 11, 1), date(2023, 1, 2),
        (CohortPlan("ambassador-2023", 30, 25, _GROUPS),),
        AMBASSADORS_FROM, AMBASSADORS_FROM, were_members=3,
    ),
    ProgrammePlan(
        "club-2023", "club", 181, date(2023, 5, 1), date(2023, 7, 3),
        (
            _club(2023, "Battambang", "in_person", 10),
            _club(2023, "Kampong Thom", "in_person", 9),
            _club(2023, "Takeo", "in_person", 9),
            _club(2023, "Kandal", "online", 9),
            _club(2023, "Siem Reap", "online", 9),
            _club(2023, "Phnom Penh", "online", 9),
            _club(2023, "Banteay Meanchey", "online", 9),
        ),
        MEMBERS_FROM, (*MEMBERS_FROM, *REACHED_BY_APPLICATIONS),
        ("ambassador-2022", "ambassador-2023"),
    ),
)  # fmt: skip

# Question → how many of the 40 said yes.
SURVEYED = 40
SURVEY_YES: Mapping[str, int] = {
    "recommend": 35,  # 87.5 %
    "barrier_place": 24,  # 60 %
    "barrier_not_allowed": 18,  # 45 %
    "barrier_no_support": 2,  # 5 %
    "technology_hard": 12,  # 30 %
}


def many_clubs(students: int, clubs: int, year: int = 2026) -> tuple[ProgrammePlan, ...]:
    """The same programme grown: an Ambassador year that leads `clubs` clubs of `students` in all.

    Half are online; every second applicant is accepted and three of five graduate. For benchmarks.
    """
    size, rest = divmod(students, clubs)
    everywhere = tuple(f"{number:02}" for number in range(1, 26))
    cohorts = tuple(
        CohortPlan(
            f"club-{year}-{number:04}",
            size + (number < rest),
            (size + (number < rest)) * 3 // 5,
            (GroupPlan("club", *(("online",) if number % 2 else ("in_person", "A school"))),),
            everywhere[number % 25],
        )
        for number in range(clubs)
    )
    leaders = tuple(
        CohortPlan(f"ambassador-{year}-{number:03}", 30, 30, _GROUPS)
        for number in range((clubs + 29) // 30)
    )
    name = f"ambassador-{year}"
    return (
        ProgrammePlan(
            name, "ambassador", 60 * len(leaders), date(year - 1, 11, 1), date(year, 1, 5),
            leaders, everywhere, everywhere,
        ),
        ProgrammePlan(
            f"club-{year}", "club", 2 * students, date(year, 5, 1), date(year, 7, 6),
            cohorts, everywhere, everywhere, (name,),
        ),
    )  # fmt: skip
