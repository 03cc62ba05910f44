"""Groups formed of those who have a place: by wish, by where they live, evenly filled. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from programme.admitting.group import Group, within_reach
from programme.admitting.seating import Seating
from programme.admitting.why import Why


@dataclass(frozen=True)
class Accepted:
    """Somebody who has a place and no group yet. `order`: who comes first when a wish is rare.

    `other`: she was given a place that is not as she wished, so her wish comes after all others'.
    """

    number: int
    order: int
    province: str
    wish: str
    other: bool = False


@dataclass(frozen=True)
class Formed:
    """number → group, who did not get her wish and why, and who fits nowhere."""

    groups: Mapping[int, int]
    unmet: Mapping[int, Why]
    nowhere: tuple[int, ...]


def form(accepted: Iterable[Accepted], groups: Sequence[Group]) -> Formed:
    """Seat everybody as she wishes if there is any way to, then fill the groups evenly.

    `places` of the groups are those that are free. No one could move to a group that suits her as
    well and is less full. The order of the input does not matter.
    """
    reach = cache(partial(within_reach, groups))
    seating: Seating[int] = Seating({group.id: group.places for group in groups})
    suits: dict[int, frozenset[int]] = {}
    unmet: dict[int, Why] = {}
    nowhere = []
    ordered = sorted(accepted, key=lambda one: (one.other, one.order, one.number))
    for one in ordered:
        suits[one.number] = reach(one.province, one.wish)
    left = [one for one in ordered if not seating.add(one.number, suits[one.number])]
    for one in left:
        suits[one.number] = reach(one.province)
        if seating.add(one.number, suits[one.number]):
            unmet[one.number] = Why("admit.other", {"wish": f"apply.wish.{one.wish}"})
        else:
            nowhere.append(one.number)
    return Formed(_evened(seating.groups(), suits, groups), unmet, tuple(nowhere))


def _evened(
    sits: dict[int, int], suits: Mapping[int, frozenset[int]], groups: Sequence[Group]
) -> dict[int, int]:
    """Move one after the other into the emptiest group that suits her, until nobody can."""
    places = {group.id: group.places for group in groups if group.places}
    count = Counter(sits.values())

    def fill(group: int, more: int = 0) -> Fraction:
        return Fraction(count[group] + more, places[group])

    def emptiest(suitable: frozenset[int]) -> int:
        return min(suitable & places.keys(), key=lambda group: (fill(group, 1), group))

    moved = True
    while moved:  # each move lowers the fuller of two groups, so this ends
        moved = False
        best: dict[frozenset[int], int] = {}  # until somebody moves
        for number in sorted(sits):
            suitable = suits[number]
            to = best[suitable] if suitable in best else emptiest(suitable)
            best[suitable] = to
            if fill(to, 1) < fill(sits[number]):
                count[sits[number]] -= 1
                count[to] += 1
                sits[number], moved = to, True
                best.clear()
    return dict(sorted(sits.items()))
