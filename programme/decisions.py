"""Decisions as they were made: kept for ever, each with its evidence, and who changed one and why.

`decide_all` writes what the policy says today, for those for whom something changed. A person may
`override` that with a reason; the override stands, whatever is computed later, until it is lifted.
Rows are only ever added; the database refuses everything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from programme import progress
from programme.differences import Difference, as_json, differences
from programme.graduation import OUTCOMES, Decision, Outcome, decide
from programme.roster import find_cohort, find_enrolment, find_enrolments
from programme.schema import cohorts, decisions, enrolments, people
from programme.site import Site
from programme.store import RefusedError, reading, writing
from programme.taught import course_of

SHORTEST_REASON = 3


class ChangedError(RefusedError):
    """What somebody confirmed is not what would be written now; nothing was."""


@dataclass(frozen=True)
class Recorded:
    """One row of the audit trail. `kind` is computed, override or lifted."""

    id: int
    username: str
    kind: str
    outcome: Outcome
    honours: bool
    reasons: Sequence[Mapping[str, Any]]
    policy_version: str
    author: str
    made_at: datetime
    override_reason: str | None


@dataclass(frozen=True)
class Standing:
    """What holds for a student now: the override if one stands, else what was computed last."""

    outcome: Outcome
    honours: bool
    computed: Recorded | None
    override: Recorded | None


@dataclass(frozen=True)
class Change:
    """A student's decision that is new or differs from the one recorded last."""

    username: str
    before: Recorded | None
    after: Decision
    differences: Sequence[Difference]


def decide_all(
    site: Site,
    cohort: str,
    *,
    author: str,
    today: date,
    at: datetime | None = None,
    dry_run: bool = False,
    seen: str | None = None,
) -> list[Change]:
    """Decide about every student of the cohort and write down what changed; returns that.

    All or nothing; running it again changes nothing. With `dry_run` nothing is written. `at` is
    when, an aware moment, now by default. `seen` is the fingerprint of the changes that somebody
    looked at and confirmed: raises ChangedError when they are other ones by now.
    """
    policy = course_of(site, cohort).policy
    decided = {
        found.person.username: decide(found, policy, today) for found in progress.read(site, cohort)
    }
    if dry_run:
        with reading(site) as connection:
            return _changes(connection, cohort, decided)
    return _record(site, cohort, decided, author, at, seen)


def fingerprint(changes: Sequence[Change]) -> str:
    """The same for the same changes, another for others: what was looked at before confirming."""
    told = sorted(
        (one.username, one.before.id if one.before else 0, one.after.outcome, one.after.honours,
         json.dumps(as_json(one.after.reasons), sort_keys=True))
        for one in changes
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def record(
    site: Site,
    cohort: str,
    username: str,
    decision: Decision,
    *,
    author: str,
    at: datetime | None = None,
) -> Change | None:
    """Write down one decision; None, and nothing written, when it is the one recorded last."""
    changed = _record(site, cohort, {username: decision}, author, at)
    return changed[0] if changed else None


def override(
    site: Site,
    cohort: str,
    username: str,
    outcome: Outcome,
    reason: str,
    author: str,
    at: datetime | None = None,
    *,
    honours: bool = False,
) -> None:
    """Set another outcome than the policy's, with a reason. It stands until it is lifted.

    Raises RefusedError without a reason or author, and for an outcome nobody knows.
    """
    if outcome not in OUTCOMES:
        raise RefusedError(f"{outcome!r} is no outcome. Known: {', '.join(OUTCOMES)}")
    _add_by_hand(site, cohort, username, "override", (outcome, honours), reason, author, at)


def lift(
    site: Site,
    cohort: str,
    username: str,
    reason: str,
    author: str,
    at: datetime | None = None,
) -> None:
    """Take an override back, with a reason: the policy's decision holds again.

    Raises RefusedError when no override stands.
    """
    now = standing(site, cohort).get(username)
    if now is None or now.override is None:
        raise RefusedError(f"No override stands for {username} in {cohort}.")
    computed = now.computed
    outcome = (computed.outcome, computed.honours) if computed else (now.outcome, now.honours)
    _add_by_hand(site, cohort, username, "lifted", outcome, reason, author, at)


def history(site: Site, cohort: str, username: str) -> list[Recorded]:
    """Everything that was ever decided about her in this cohort, oldest first."""
    with reading(site) as connection:
        find_enrolment(connection, username, cohort)
        return _rows(connection, cohort, username)


def standing(site: Site, cohort: str) -> dict[str, Standing]:
    """Username → what holds now, for everybody about whom something was decided."""
    found: dict[str, Standing] = {}
    with reading(site) as connection:
        rows = _rows(connection, cohort)
    for row in rows:
        before = found.get(row.username)
        computed = before.computed if before else None
        held = before.override if before else None
        if row.kind == "computed":
            computed = row
        else:
            held = row if row.kind == "override" else None
        now = held or computed or row
        found[row.username] = Standing(now.outcome, now.honours, computed, held)
    return found


def _record(
    site: Site,
    cohort: str,
    decided: Mapping[str, Decision],
    author: str,
    at: datetime | None,
    seen: str | None = None,
) -> list[Change]:
    _check_author(author)
    with writing(site) as connection:
        _lock(connection, cohort)
        enrolled = find_enrolments(connection, cohort)
        changes = _changes(connection, cohort, decided)
        if seen is not None and seen != fingerprint(changes):
            raise ChangedError(
                f"The decisions about {cohort} are others by now than those you looked at: "
                "a mark or a grade has come. Nothing was written; look again."
            )
        for change in changes:
            if change.username not in enrolled:
                raise RefusedError(f"{change.username!r} is not enrolled as student in {cohort}.")
            _append(connection, enrolled[change.username], "computed", change.after, author, at)
    return changes


def _changes(connection: Connection, cohort: str, decided: Mapping[str, Decision]) -> list[Change]:
    last = {row.username: row for row in _rows(connection, cohort) if row.kind == "computed"}
    return [
        Change(username, last.get(username), decision, differences(last.get(username), decision))
        for username, decision in decided.items()
        if not _same(last.get(username), decision)
    ]


def _same(before: Recorded | None, after: Decision) -> bool:
    return (
        before is not None
        and before.outcome == after.outcome
        and before.policy_version == after.policy_version
        and before.reasons == as_json(after.reasons)
    )


def _add_by_hand(
    site: Site,
    cohort: str,
    username: str,
    kind: str,
    outcome: tuple[Outcome, bool],
    reason: str,
    author: str,
    at: datetime | None,
) -> None:
    _check_author(author)
    if len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError("a decision by hand needs a reason that others can understand later")
    version = course_of(site, cohort).policy.version
    made = Decision(outcome[0], (), outcome[1], (), None, version)
    with writing(site) as connection:
        enrolment_id = find_enrolment(connection, username, cohort)
        _append(connection, enrolment_id, kind, made, author, at, reason.strip())


def _append(
    connection: Connection,
    enrolment_id: int,
    kind: str,
    decision: Decision,
    author: str,
    at: datetime | None,
    reason: str | None = None,
) -> None:
    connection.execute(
        insert(decisions).values(
            enrolment_id=enrolment_id,
            kind=kind,
            outcome=decision.outcome,
            honours=decision.honours,
            reasons=as_json(decision.reasons),
            policy_version=decision.policy_version,
            author=author,
            made_at=at or datetime.now(UTC),
            override_reason=reason,
        )
    )


def _rows(connection: Connection, cohort: str, username: str | None = None) -> list[Recorded]:
    query = (
        select(decisions, people.c.username)
        .join_from(decisions, enrolments)
        .join(people)
        .where(enrolments.c.cohort_id == find_cohort(connection, cohort).id)
        .order_by(decisions.c.id)
    )
    if username is not None:
        query = query.where(people.c.username == username)
    return [_recorded(row) for row in connection.execute(query).mappings()]


def _recorded(row: RowMapping) -> Recorded:
    return Recorded(**{name: row[name] for name in Recorded.__dataclass_fields__})


def _lock(connection: Connection, cohort: str) -> None:
    """Two people who decide at once wait for each other, so that nothing is written twice."""
    connection.execute(select(cohorts.c.id).where(cohorts.c.name == cohort).with_for_update()).all()


def _check_author(author: str) -> None:
    if not author.strip():
        raise RefusedError("a decision needs an author: who decides?")
