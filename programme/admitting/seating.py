"""Seats in groups, given one after the other; who sits may be moved so that one more can. Pure.

Somebody gets a seat if there is any way to seat her and all before her. Nobody who sits loses her
seat, so whoever comes first is never worse off for those who come later.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Person = TypeVar("Person", bound=Hashable)
Allowed = frozenset[int]
Step = tuple[int, Allowed]  # from which group somebody moves who is allowed these


class Seating(Generic[Person]):
    """Who sits in which group; `places` is group → how many seats it has."""

    def __init__(self, places: Mapping[int, int]) -> None:
        self._places = {group: count for group, count in places.items() if count > 0}
        self._count = dict.fromkeys(self._places, 0)
        # Who sits where, by what they are allowed: all who are allowed the same can move alike.
        self._sitting: dict[int, dict[Allowed, list[Person]]] = {g: {} for g in self._places}
        self._emptiest: dict[Allowed, list[tuple[float, int]]] = {}
        self._full: set[Allowed] = set()

    def add(self, person: Person, allowed: frozenset[int]) -> bool:
        """Give her a seat, in the emptiest group if one is free; False when there is no way to."""
        if allowed in self._full:  # seats only fill up: what failed once will always fail
            return False
        group = self._free_among(allowed)
        if group is None:
            group = self._freed_among(allowed)
        if group is None:
            self._full.add(allowed)
            return False
        self._sitting[group].setdefault(allowed, []).append(person)
        return True

    def groups(self) -> dict[Person, int]:
        """Person → the group she sits in."""
        return {
            person: group
            for group, by_allowed in self._sitting.items()
            for people in by_allowed.values()
            for person in people
        }

    def _free_among(self, allowed: Allowed) -> int | None:
        """Take a seat in the group that is filled least. Fill only grows, so a heap may lag."""
        heap = self._emptiest.get(allowed)
        if heap is None:
            known = sorted(allowed & self._places.keys())
            heap = self._emptiest[allowed] = [(0.0, group) for group in known]
        while heap:
            fill, group = heap[0]
            now = self._count[group] / self._places[group]
            if fill < now:
                heapq.heapreplace(heap, (now, group))
            elif now >= 1:
                return None
            else:
                self._count[group] += 1
                return group
        return None

    def _freed_among(self, allowed: Allowed) -> int | None:
        """Free a seat by moving others, each into the next one's, along the shortest way."""
        came: dict[int, Step | None] = dict.fromkeys(sorted(allowed & self._places.keys()))
        open_, seen = deque(came), set[Allowed]()
        while open_:
            group = open_.popleft()
            for theirs in [one for one, people in self._sitting[group].items() if people]:
                if theirs in seen:
                    continue
                seen.add(theirs)
                for new in sorted((theirs & self._places.keys()) - came.keys()):
                    came[new] = (group, theirs)
                    open_.append(new)
                free = self._free_among(theirs)
                if free is not None:
                    return self._shift(free, came)
        return None

    def _shift(self, free: int, came: Mapping[int, Step | None]) -> int:
        """Move one from each group on the way into the next; returns the group with the seat."""
        while (step := came[free]) is not None:
            group, theirs = step
            person = self._sitting[group][theirs].pop()
            self._sitting[free].setdefault(theirs, []).append(person)
            free = group
        return free
