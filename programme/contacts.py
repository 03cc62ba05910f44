"""Whom to call: the numbers that somebody gave when she applied, the newest application first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from programme.schema import applications, people
from programme.site import Site
from programme.store import reading


@dataclass(frozen=True)
class Contact:
    """One number, and whose: her own, or her guardian's."""

    whose: Literal["own", "guardian"]
    name: str
    phone: str


def contacts(site: Site, username: str) -> list[Contact]:
    """Her numbers, each once; [] for somebody who never applied here."""
    query = (
        select(applications)
        .join(people, people.c.id == applications.c.person_id)
        .where(people.c.username == username)
        .order_by(applications.c.submitted_at.desc())
    )
    found: dict[str, Contact] = {}
    with reading(site) as connection:
        for row in connection.execute(query).mappings():
            own = Contact("own", row["name_latin"] or row["name_km"], row["phone"])
            found.setdefault(row["phone"], own)
            if row["guardian_phone"]:
                guardian = Contact("guardian", row["guardian_name"], row["guardian_phone"])
                found.setdefault(row["guardian_phone"], guardian)
    return list(found.values())
