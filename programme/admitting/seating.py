"""Seats in groups, given one after the other; who sits may be moved so that one more can. Pure.

Somebody gets a seat if there is any way to seat her and all before her. Nobody who sits loses her
seat, so whoever comes first is never worse off for those who come later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Person = TypeVar("Person", bound=Hashable)


class Seating(Generic[Person]):
    """Who sits in which group; `places` is group → how many seats it has."""

    def __init__(self, places: Mapping[int, int]) -> None:
        self._places = dict(places)
        self._allowed: dict[Person, frozenset[int]] = {}
        self._full: set[frozenset[int]] = set()
        self.sitting: dict[int, list[Person]] = {group: [] for group in places}

    def add(self, person: Person, allowed: frozenset[int]) -> bool:
        """Give her a seat in one of the groups; False when there is no way to."""
        if allowed in self._full:  # seats only fill up: what failed once will always fail
            return False
        came: dict[int, tuple[int, Person] | None] = dict.fromkeys(sorted(allowed))
        free = self._find_free(came)
        if free is None:
            self._full.add(allowed)
            return False
        self._allowed[person] = allowed
        self._shift(free, came).append(person)
        return True

    def _find_free(self, came: dict[int, tuple[int, Person] | None]) -> int | None:
        """The nearest group with a free seat; `came` gets the way: who would move from where."""
        open_ = deque(came)
        while open_:
            group = open_.popleft()
            if len(self.sitting[group]) < self._places[group]:
                return group
            for other in self.sitting[group]:
                for next_group in sorted(self._allowed[other] - came.keys()):
                    came[next_group] = (group, other)
                    open_.append(next_group)
        return None

    def _shift(self, free: int, came: Mapping[int, tuple[int, Person] | None]) -> list[Person]:
        """Move those on the way into the free seat; returns the group that now has one."""
        while (step := came[free]) is not None:
            group, other = step
            self.sitting[group].remove(other)
            self.sitting[free].append(other)
            free = group
        return self.sitting[free]

    def groups(self) -> dict[Person, int]:
        """Person → the group she sits in."""
        return {person: group for group, all_ in self.sitting.items() for person in all_}
