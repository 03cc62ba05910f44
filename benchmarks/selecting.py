"""Who gets a place: from 175 applications to 100,000, selected and put into groups, on one core.

python -m benchmarks.selecting

Applications, groups and points are fictional and seeded. `select` and `form` are pure, so nothing
but the processor takes part.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from programme import admission
from programme.admitting.forming import Accepted, form
from programme.admitting.group import Group
from programme.admitting.selection import Candidate, select
from programme.applying import SCHOOL_KINDS, WISHES
from programme.people import province_names
from programme.site import CHECKOUT

SIZES = ((175, 4, 15), (10_000, 300, 20), (100_000, 3_000, 20))  # applications, groups, places
Made = TypeVar("Made")
SEED = "ambassador-2027 2026-11-01"


def groups(count: int, places: int) -> list[Group]:
    """Half online, half in person; one in person is reached from two provinces."""
    draw, provinces = random.Random(SEED), sorted(province_names())
    return [
        Group(n, "a", f"g{n}", "online", places)
        if n % 2
        else Group(n, "a", f"g{n}", "in_person", places, "x", frozenset(draw.sample(provinces, 2)))
        for n in range(1, count + 1)
    ]


def candidates(count: int, most: int) -> list[Candidate]:
    """Points with ties, every province, school kind and wish."""
    draw, provinces = random.Random(SEED), sorted(province_names())
    return [
        Candidate(
            n, Fraction(draw.randint(0, 2 * most), 2), draw.choice(provinces),
            draw.choice(SCHOOL_KINDS), draw.choice(WISHES),
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    """What `work` makes, and its CPU seconds."""
    began = time.process_time()
    made = work()
    return made, time.process_time() - began


def measure(count: int, group_count: int, places: int) -> tuple[int, float, float]:
    """How many got a place, and the CPU seconds of selecting and of forming groups."""
    rules = admission.read(CHECKOUT / "course")
    there, asked = groups(group_count, places), candidates(count, rules.most_points)
    made, selecting_s = timed(lambda: select(asked, there, rules, SEED))
    of = {one.number: one for one in asked}
    accepted = [
        Accepted(choice.number, choice.rank, of[choice.number].province, of[choice.number].wish,
                 any(why.id == "admit.other" for why in choice.reasons))
        for choice in made if choice.status == "accepted"
    ]  # fmt: skip
    formed, forming_s = timed(lambda: form(accepted, there))
    assert not formed.nowhere
    return len(accepted), selecting_s, forming_s


def main() -> None:
    """Print a line a size."""
    print(
        f"{'applications':>12} {'groups':>7} {'places given':>13} {'select':>9} {'form':>9} CPU s"
    )
    for count, group_count, places in SIZES:
        given, selecting_s, forming_s = measure(count, group_count, places)
        print(f"{count:12,} {group_count:7,} {given:13,} {selecting_s:9.3f} {forming_s:9.3f}")


if __name__ == "__main__":
    main()
