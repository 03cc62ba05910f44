"""People who do not exist, for the demo, tests and benchmarks: the same seed, the same people."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from programme.people import Person, province_names

AGES = range(14, 23)
FAMILY_NAMES = (
    ("សុខ", "Sok"), ("ជា", "Chea"), ("គឹម", "Kim"), ("ហេង", "Heng"), ("លី", "Ly"), ("កែវ", "Keo"),
    ("ម៉ៅ", "Mao"), ("នួន", "Nuon"), ("ផន", "Phon"), ("ចាន់", "Chan"), ("អ៊ុក", "Ouk"),
    ("សេង", "Seng"), ("ឡុង", "Long"), ("ទេព", "Tep"), ("យិន", "Yin"), ("ព្រំ", "Prom"),
    ("រស់", "Ros"), ("ខៀវ", "Khiev"), ("ប៉ែន", "Pen"), ("សំ", "Sam"), ("មាស", "Meas"),
    ("ឈុំ", "Chhum"), ("តាន់", "Tan"), ("ឃុន", "Khun"), ("វង្ស", "Vong"),
)  # fmt: skip
GIVEN_NAMES = (
    ("សុខា", "Sokha"), ("បុប្ផា", "Bopha"), ("ចាន់ធូ", "Chanthou"), ("សុភា", "Sophea"),
    ("ស្រីមុំ", "Sreymom"), ("ស្រីនាង", "Sreyneang"), ("ស្រីពៅ", "Sreypov"), ("រតនា", "Ratana"),
    ("វណ្ណា", "Vanna"), ("ណារី", "Nary"), ("ចរិយា", "Chariya"), ("មុន្នី", "Mony"),
    ("លក្ខិណា", "Leakhena"), ("ដាវី", "Davy"), ("ធីតា", "Thida"), ("កល្យាណ", "Kalyan"),
    ("សុជាតា", "Socheata"), ("ពិសី", "Pisey"), ("មាលា", "Mealea"), ("សុវណ្ណារី", "Sovannary"),
    ("រស្មី", "Raksmey"), ("នារី", "Neary"), ("វិច្ឆិកា", "Vicheka"), ("ម៉ាលី", "Maly"),
    ("ចន្ធី", "Chanthy"), ("សុម៉ាលី", "Somaly"), ("កញ្ញា", "Kanha"), ("គន្ធា", "Kunthea"),
    ("បុទុម", "Botum"), ("រំដួល", "Romduol"), ("ចំប៉ី", "Champei"), ("ម្លិះ", "Malis"),
    ("ភារម្យ", "Phearom"), ("សុគន្ធា", "Sokunthea"), ("ចាន់ណា", "Channa"), ("រចនា", "Rachana"),
)  # fmt: skip


def make_people(
    seed: int,
    n: int,
    *,
    year: int = 2026,
    taken: Collection[str] = frozenset(),
    provinces: Sequence[str] | None = None,
) -> list[Person]:
    """`n` girls and young women who are 14 to 22 in `year`, spread evenly over the provinces.

    `provinces`: codes to spread over instead of all 25.

    Usernames are unique and none of `taken`. Pure: the same arguments give the same people.
    """
    draw = random.Random(seed)  # noqa: S311  (fictional people need no secret randomness)
    used = set(taken)
    codes = sorted(province_names() if provinces is None else provinces)
    numbers: dict[str, int] = {}
    people: list[Person] = []
    while len(people) < n:
        draw.shuffle(codes)
        for code in codes[: n - len(people)]:
            family, given = draw.choice(FAMILY_NAMES), draw.choice(GIVEN_NAMES)
            people.append(
                Person(
                    username=_free(f"{given[1]}-{family[1]}".lower(), used, numbers),
                    name_latin=f"{family[1]} {given[1]}",
                    name_km=f"{family[0]} {given[0]}",
                    birth_year=year - draw.choice(AGES),
                    province_code=code,
                )
            )
    return people


def _free(wanted: str, used: set[str], numbers: dict[str, int]) -> str:
    """`numbers` remembers how far each name has been counted: a hundred thousand stay quick."""
    name, number = wanted, numbers.get(wanted, 1)
    while name in used:
        number += 1
        name = f"{wanted}-{number}"
    numbers[wanted] = number
    used.add(name)
    return name
