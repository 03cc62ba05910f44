"""A group that has places, and who can sit in it: by the way she wishes to learn, and by where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A part of a cohort: `places` seats, online or in person.

    `provinces` are the codes of those from which it can be reached; none: from everywhere.
    """

    id: int
    cohort: str
    name: str
    mode: str
    places: int
    place: str = ""
    provinces: frozenset[str] = frozenset()

    def reached_from(self, province: str) -> bool:
        """Whether somebody who lives there can come."""
        return not self.provinces or province in self.provinces

    def wished(self, wish: str) -> bool:
        """Whether this is how she wishes to learn."""
        return wish in ("either", self.mode)


def within_reach(groups: Iterable[Group], province: str, wish: str | None = None) -> frozenset[int]:
    """The groups that can be reached from a province, and (with a wish) are as she wishes."""
    return frozenset(
        group.id
        for group in groups
        if group.reached_from(province) and (wish is None or group.wished(wish))
    )
