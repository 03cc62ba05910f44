"""What a club was lent: how many of each thing, and how many came back.

Numbers are set, not added, so that a form that is sent twice lends nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update

from programme.schema import clubs, kit
from programme.site import Site
from programme.store import RefusedError, reading, writing

LONGEST_ITEM, MOST = 60, 1000


@dataclass(frozen=True)
class Item:
    """One kind of thing that a club has or had."""

    item: str
    count: int
    given_on: date
    returned: int
    returned_on: date | None

    @property
    def out(self) -> int:
        """How many the club still has."""
        return self.count - self.returned


def read_kit(site: Site, club: str) -> list[Item]:
    """Everything the club was lent, by name."""
    columns = (kit.c[name] for name in Item.__dataclass_fields__)
    query = select(*columns).join(clubs, clubs.c.id == kit.c.club_id).where(clubs.c.name == club)
    with reading(site) as connection:
        return [Item(*row) for row in connection.execute(query.order_by(kit.c.item))]


def set_kit(site: Site, club: str, item: str, count: int, returned: int, on: date) -> None:
    """Write down that the club has got `count` of a thing in all, and gave back `returned`.

    Raises RefusedError for an unknown club, a thing without a name, or more back than given.
    """
    item = item.strip()
    if not 0 < len(item) <= LONGEST_ITEM:
        raise RefusedError(f"name the thing in up to {LONGEST_ITEM} letters")
    if not 0 <= returned <= count <= MOST:
        raise RefusedError(f"{count} given and {returned} returned: up to {MOST}, no more back")
    with writing(site) as connection:
        club_id = connection.execute(select(clubs.c.id).where(clubs.c.name == club)).scalar()
        if club_id is None:
            raise RefusedError(f"There is no club {club!r}.")
        mine = (kit.c.club_id == club_id) & (kit.c.item == item)
        known = connection.execute(select(kit).where(mine)).mappings().first()
        if known is None:
            row = {"club_id": club_id, "item": item, "given_on": on, "count": count}
            back = {"returned": returned, "returned_on": on if returned else None}
            connection.execute(insert(kit).values(**row, **back))
        elif (known["count"], known["returned"]) != (count, returned):
            days = {
                "given_on": known["given_on"] if known["count"] == count else on,
                "returned_on": (known["returned_on"] if known["returned"] == returned else on)
                if returned
                else None,
            }
            new = {"count": count, "returned": returned, **days}
            connection.execute(update(kit).where(mine).values(new))
