"""Programmes with applications in them, for the tests of reading and admitting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from programme import applying, roster
from programme.admitting import admit, reading
from programme.admitting.places import set_group
from programme.people import Person
from programme.site import Site
from tests.programme.sites import START

CALL = "ambassador-2027"
NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
READERS = ("maly", "vanna", "davy")
WORDS = {
    "answer-why": "My name is Sokha, call 012 345 678: I want to build things. សុខា",
    "answer-share": "My sister, from the first week on.",
}

LIST = (
    "name,date of birth,phone,province,school,mode,consent,why,share\n"
    "Sok Dalin,3/4/2005,099 111 222,Kandal,public,both,yes,To build.,My sister.\n"
)


def form(n: int, **facts: str) -> dict[str, str]:
    """A form of an adult; everybody has a name and phone of her own."""
    return {
        "name_km": f"សុខ សុខា{n}", "name_latin": f"Sok Sokha {'abcdefghij'[n % 10]}{n}",
        "birth_date": "9/3/2005", "phone": f"0123456{n:02}", "province_code": "12",
        "school_kind": "public", "wish": "either", "consent": "yes", **WORDS, **facts,
    }  # fmt: skip


def open_programme(site: Site, forms: Sequence[dict[str, str]], call: str = CALL) -> list[str]:
    """A programme with two cohorts, four groups, three readers and these applications' links."""
    applying.add_programme(site, call, "ambassador", date(2026, 11, 1), date(2099, 12, 1))
    for cohort in (f"{call}-a", f"{call}-b"):
        folder = site.root / "cohorts" / cohort
        folder.mkdir(parents=True)
        (folder / "cohort.toml").write_text('language = "km"\n', encoding="utf-8")
        roster.add_cohort(site, cohort, START)
        set_group(site, call, cohort, "online", "online", 2)
        set_group(site, call, cohort, "step", "in_person", 1, "IT Academy STEP", ("08", "12"))
    for username in READERS:
        roster.enrol(site, [Person(username, f"Reader {username}")], f"{call}-a", "instructor",
                     on=START)  # fmt: skip
        reading.name_reader(site, call, username, "office", NOW)
    links = []
    for fields in forms:
        links.append(applying.new_link())
        applying.apply(site, call, links[-1], fields, "km", NOW)
    return links


def read_all(site: Site, points: Sequence[int], call: str = CALL) -> None:
    """Two readers give application 1, 2, … these points, half of them for each criterion."""
    for number, total in enumerate(points, 1):
        given = {"motivation": (total + 1) // 2, "sharing": total // 2}
        for reader in READERS[:2]:
            reading.give(site, call, number, reader, given, NOW)


def add_applications(site: Site) -> dict[str, str]:
    """Two programmes, one of them with applications that maly reads; what roles.toml calls them."""
    full, empty = "ambassador-2097", "ambassador-2096"
    for call in (full, empty):
        applying.add_programme(site, call, "ambassador", date(2026, 11, 1), date(2099, 12, 1))
    reading.name_reader(site, full, "maly", "office", NOW)
    numbers = []
    for n in (1, 2):
        link = applying.new_link()
        applying.apply(site, full, link, form(n), "km", NOW)
        found = applying.find(site, full, link)
        assert found
        numbers.append(str(found.number))
    return {
        "admission": full, "empty_admission": empty,
        "empty_digest": admit.preview(site, empty).digest,
        "application": numbers[0], "other_application": numbers[1], "list": LIST,
    }  # fmt: skip
