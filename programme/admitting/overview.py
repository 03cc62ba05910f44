"""All programmes that can be applied for, with how many applications are in which state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from programme.schema import applications, programmes
from programme.site import Site
from programme.store import reading

STATUSES = ("received", "accepted", "waiting", "declined", "withdrawn")


@dataclass(frozen=True)
class CallState:
    """One programme; `counts` is status → how many."""

    name: str
    kind: str
    opens_on: date
    closes_on: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All applications."""
        return sum(self.counts.values())


def calls(site: Site) -> list[CallState]:
    """All of them, the latest first."""
    with reading(site) as connection:
        counted = connection.execute(
            select(applications.c.programme_id, applications.c.status, func.count()).group_by(
                applications.c.programme_id, applications.c.status
            )
        )
        counts: dict[int, dict[str, int]] = {}
        for number, status, count in counted:
            counts.setdefault(number, dict.fromkeys(STATUSES, 0))[status] = count
        rows = connection.execute(
            select(programmes).order_by(programmes.c.opens_on.desc(), programmes.c.name)
        )
        return [
            CallState(row.name, row.kind, row.opens_on, row.closes_on,
                      counts.get(row.id, dict.fromkeys(STATUSES, 0)))
            for row in rows
        ]  # fmt: skip
