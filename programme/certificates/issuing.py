"""Giving certificates and taking them back: only for a recorded decision, and by somebody.

A number is given once and for good: whoever has a certificate keeps it, however often this runs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from programme.certificates.keys import SigningKey, signing_key
from programme.certificates.signed import Statement, new_number, sign
from programme.roster import find_cohort
from programme.schema import certificates, enrolments, people
from programme.site import Site
from programme.standing import standing_outcomes
from programme.store import RefusedError, reading, writing

LONGEST_REASON = 1000


@dataclass(frozen=True)
class Certificate:
    """One certificate as it is kept. `username` is whose it is."""

    number: str
    username: str
    issued_on: date
    issued_by: str
    payload: str
    signature: str
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_reason: str | None


def issue(
    site: Site,
    cohort: str,
    *,
    by: str,
    today: date,
    usernames: Collection[str] = (),
    dry_run: bool = False,
) -> list[str]:
    """Give a certificate to each graduate of the cohort without one; returns their usernames.

    One whose certificate was taken back gets a new one only when she is named. Raises RefusedError
    when somebody who is named has not graduated by a recorded decision; then nobody gets one.
    """
    if not by.strip():
        raise RefusedError("a certificate needs somebody who gives it")
    key = signing_key(site)
    with reading(site) if dry_run else writing(site) as connection:
        kind = find_cohort(connection, cohort).kind
        waiting = _waiting(connection, cohort, usernames)
        if not dry_run and waiting:
            rows = [_row(person, kind, key, by, today) for person in waiting]
            connection.execute(insert(certificates), rows)
    return [person.username for person in waiting]


def _waiting(connection: Connection, cohort: str, usernames: Collection[str]) -> list[Any]:
    standing = standing_outcomes()
    query = (
        select(enrolments.c.id, people.c.username, people.c.name_latin, people.c.name_km)
        .join_from(enrolments, people)
        .join(standing, standing.c.enrolment_id == enrolments.c.id)
        .where(
            enrolments.c.cohort_id == find_cohort(connection, cohort).id,
            enrolments.c.role == "student",
            standing.c.outcome == "graduated",
            people.c.erased_on.is_(None),
        )
        .order_by(people.c.username)
    )
    graduates = connection.execute(query).all()
    strangers = set(usernames) - {row.username for row in graduates}
    if strangers:
        raise RefusedError(
            f"No recorded decision says that {', '.join(sorted(strangers))} graduated in {cohort}. "
            "Nobody was given a certificate; `soc graduate` decides."
        )
    given = select(certificates.c.enrolment_id)
    if usernames:
        given = given.where(certificates.c.revoked_at.is_(None))
    has_one = set(connection.execute(given).scalars())
    wanted = set(usernames) or {row.username for row in graduates}
    return [row for row in graduates if row.username in wanted and row.id not in has_one]


def _row(person: Any, kind: str, key: SigningKey, by: str, today: date) -> dict[str, Any]:
    number = new_number(today.year)
    statement = Statement(number, person.name_latin, person.name_km, kind, today, key.id)
    return {
        "number": number, "enrolment_id": person.id, "issued_on": today, "issued_by": by,
        "payload": statement.text(), "signature": sign(statement, key),
    }  # fmt: skip


def revoke(site: Site, number: str, reason: str, by: str, at: datetime | None = None) -> None:
    """Take a certificate back, with a reason, for good. Raises RefusedError when it can't be."""
    if not by.strip() or not 2 < len(reason.strip()) <= LONGEST_REASON:
        raise RefusedError("taking a certificate back needs a reason, and somebody who does it")
    with writing(site) as connection:
        done = connection.execute(
            update(certificates)
            .where(certificates.c.number == number, certificates.c.revoked_at.is_(None))
            .values(
                revoked_at=at or datetime.now(UTC), revoked_by=by, revoked_reason=reason.strip()
            )
        )
        if done.rowcount == 0:
            raise RefusedError(f"There is no certificate {number} that could be taken back.")


def find(site: Site, number: str) -> Certificate | None:
    """The certificate of this number; None when there is none."""
    with reading(site) as connection:
        row = connection.execute(_all().where(certificates.c.number == number)).mappings().first()
    return None if row is None else _certificate(row)


def of_cohort(site: Site, cohort: str) -> list[Certificate]:
    """All certificates of a cohort, those that were taken back too, by username and day."""
    with reading(site) as connection:
        query = (
            _all()
            .where(enrolments.c.cohort_id == find_cohort(connection, cohort).id)
            .order_by(people.c.username, certificates.c.id)
        )
        return [_certificate(row) for row in connection.execute(query).mappings()]


def _all() -> Any:
    return select(certificates, people.c.username).join_from(certificates, enrolments).join(people)


def _certificate(row: RowMapping) -> Certificate:
    return Certificate(**{name: row[name] for name in Certificate.__dataclass_fields__})
