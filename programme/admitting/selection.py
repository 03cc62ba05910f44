"""Who gets a place, who waits, who doesn't: from points and places, with the reasons. Pure.

Applications are gone through in the order of their points, three times:
1. a place as she wishes, as long as her province and her kind of school have not had their share;
2. places that are left then, as she wishes, whatever her province and school;
3. places that are left then, within reach, though not as she wished.
So in one province, school kind and wish a better one never loses to a worse one. Equal points are
put in order by a lottery whose seed is known before anybody applies.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import Literal

from programme.admission import Rules
from programme.admitting.group import Group, within_reach
from programme.admitting.seating import Seating
from programme.admitting.why import Why, number_text

Status = Literal["accepted", "waiting", "declined"]


@dataclass(frozen=True)
class Candidate:
    """One application that is read. `waits`: she is on the waiting list already and stays there."""

    number: int
    points: Fraction
    province: str
    school_kind: str
    wish: str
    waits: bool = False


@dataclass(frozen=True)
class Holder:
    """Somebody accepted before; `groups`: where she may sit (one, once she is in a group)."""

    number: int
    province: str
    school_kind: str
    groups: frozenset[int]


@dataclass(frozen=True)
class Choice:
    """What becomes of one application. `rank` counts from 1 by points and lottery."""

    number: int
    status: Status
    rank: int
    reasons: tuple[Why, ...]


def lottery(seed: str, number: int) -> str:
    """The lot of an application: SHA-256 of seed and number, which anybody can compute again."""
    return hashlib.sha256(f"{seed} {number}".encode()).hexdigest()


def select(
    candidates: Iterable[Candidate],
    groups: Sequence[Group],
    rules: Rules,
    seed: str,
    held: Iterable[Holder] = (),
) -> list[Choice]:
    """A choice for every candidate, by rank. `held` keep their places and count in the shares.

    Never more are accepted than there are places. The order of the input does not matter.
    """
    ranked = sorted(candidates, key=lambda one: (-one.points, lottery(seed, one.number)))
    run = _Run(groups, rules, held)
    able = [one for one in ranked if one.points >= run.least]
    for one in able:
        run.by_wish(one, capped=True)
    for one in able:
        run.by_wish(one, capped=False)
    for one in able:
        run.within_reach(one)
    statuses = _statuses(ranked, run)
    tied = _tied(ranked, statuses)
    return [
        Choice(
            one.number,
            statuses[one.number],
            rank,
            (
                Why("admit.points", {"points": number_text(one.points), "most": rules.most_points,
                                     "rank": rank, "count": len(ranked)}),
                *run.whys[one.number],
                *([Why("admit.tie", {"count": tied[one.number], "seed": seed})]
                  if one.number in tied else []),
            ),
        )
        for rank, one in enumerate(ranked, 1)
    ]  # fmt: skip


class _Run:
    """The seats and shares while they are given, and why each got or didn't get one."""

    def __init__(self, groups: Sequence[Group], rules: Rules, held: Iterable[Holder]) -> None:
        self.reach = cache(partial(within_reach, groups))  # a hundred answers serve everybody
        self.places = sum(group.places for group in groups)
        self.least = rules.least_points * rules.most_points
        self.waiting = math.ceil(rules.waiting_list * self.places)
        self.shares = {
            "province": rules.most_of_a_province,
            "school": rules.most_of_a_school_kind,
        }
        self.given: Counter[tuple[str, str]] = Counter()
        self.seating: Seating[int] = Seating({group.id: group.places for group in groups})
        self.accepted: set[int] = set()
        self.whys: dict[int, list[Why]] = {}
        for one in sorted(held, key=lambda one: one.number):
            self.seating.add(one.number, one.groups)
            self.given.update((("province", one.province), ("school", one.school_kind)))

    def by_wish(self, one: Candidate, *, capped: bool) -> None:
        """Give her a place as she wishes, within the shares if they count."""
        if one.number in self.accepted:
            return
        full = self._full_share(one)
        if capped and full:
            self.whys[one.number] = [full]
            return
        wished = self.reach(one.province, one.wish)
        if not wished:
            self._refuse(one, Why("admit.no_group", {"province": one.province}))
        elif self._seat(one, wished):
            self.whys[one.number] = [Why("admit.as_wished", {})]
            if not capped:
                self.whys[one.number].append(Why("admit.places_left", {}))
        else:
            self._refuse(one, Why("admit.full", {}))

    def within_reach(self, one: Candidate) -> None:
        """Give her a place that is left, though not as she wished."""
        near = self.reach(one.province)
        if one.number not in self.accepted and self._seat(one, near):
            self.whys[one.number] = [Why("admit.other", {"wish": f"apply.wish.{one.wish}"})]

    def _seat(self, one: Candidate, where: frozenset[int]) -> bool:
        seated = self.seating.add(one.number, where)
        if seated:
            self.accepted.add(one.number)
            self.given.update((("province", one.province), ("school", one.school_kind)))
        return seated

    def _refuse(self, one: Candidate, why: Why) -> None:
        self.whys.setdefault(one.number, [why])

    def _full_share(self, one: Candidate) -> Why | None:
        for kind, value in (("province", one.province), ("school", one.school_kind)):
            most = max(1, math.floor(self.shares[kind] * self.places))
            if self.given[kind, value] >= most:
                return Why(f"admit.share_{kind}", {kind: value, "most": most,
                                                   "places": self.places})  # fmt: skip
        return None


def _statuses(ranked: Sequence[Candidate], run: _Run) -> dict[int, Status]:
    """Accepted, waiting or declined by number; adds the reasons of those who have no place."""
    statuses: dict[int, Status] = {}
    waiting = 0
    for one in ranked:
        if one.number in run.accepted:
            statuses[one.number] = "accepted"
        elif one.points < run.least:
            run.whys[one.number] = [Why("admit.least", {"least": number_text(run.least)})]
            statuses[one.number] = "declined"
        elif one.waits or waiting < run.waiting:
            waiting += 1
            run.whys[one.number].append(Why("admit.waiting", {"place": waiting}))
            statuses[one.number] = "waiting"
        else:
            run.whys[one.number].append(Why("admit.list_full", {"count": run.waiting}))
            statuses[one.number] = "declined"
    return statuses


def _tied(ranked: Sequence[Candidate], statuses: Mapping[int, Status]) -> dict[int, int]:
    """Number → how many have the same points, where the lottery made a difference for her."""
    tied: dict[int, int] = {}
    for _, run in itertools.groupby(ranked, key=lambda one: one.points):
        same = list(run)
        if len({statuses[one.number] for one in same}) > 1:
            tied |= {one.number: len(same) for one in same}
    return tied
