"""What was decided about many enrolments, as one query: for reports, certificates and retention.

The same rule as in `decisions.standing`, which a test holds: an override stands until it is lifted,
else what was computed last.
"""

from __future__ import annotations

from sqlalchemy import Connection, Subquery, case, func, select

from programme.schema import cohorts, decisions, enrolments


def standing_outcomes() -> Subquery:
    """Enrolments about which something was decided: enrolment_id, outcome, policy_version."""
    computed = case((decisions.c.kind == "computed", decisions.c.id))
    by_hand = case((decisions.c.kind != "computed", decisions.c.id))
    last = (
        select(
            decisions.c.enrolment_id,
            func.max(computed).label("computed_id"),
            func.max(by_hand).label("by_hand_id"),
        )
        .group_by(decisions.c.enrolment_id)
        .subquery("last_decisions")
    )
    rule, hand = decisions.alias("computed"), decisions.alias("by_hand")
    computed_or_lifted = func.coalesce(rule.c.outcome, hand.c.outcome)
    outcome = case((hand.c.kind == "override", hand.c.outcome), else_=computed_or_lifted)
    version = func.coalesce(rule.c.policy_version, hand.c.policy_version)
    return (
        select(last.c.enrolment_id, outcome.label("outcome"), version.label("policy_version"))
        .select_from(last)
        .outerjoin(rule, rule.c.id == last.c.computed_id)
        .outerjoin(hand, hand.c.id == last.c.by_hand_id)
        .subquery("standing")
    )


def has_graduated(connection: Connection, person_id: int, kind: str | None = None) -> bool:
    """Whether one person has graduated, from a programme of this kind or any; by her rows alone."""
    hers = enrolments.c.person_id == person_id
    rows = connection.execute(
        select(decisions.c.enrolment_id, decisions.c.kind, decisions.c.outcome)
        .join(enrolments, enrolments.c.id == decisions.c.enrolment_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(hers if kind is None else hers & (cohorts.c.kind == kind))
        .order_by(decisions.c.id)
    )
    computed, by_hand, lifted = dict[int, str](), dict[int, str](), dict[int, str]()
    for number, how, outcome in rows:
        if how == "computed":
            computed[number] = outcome
        elif how == "override":
            by_hand[number] = outcome
        else:
            by_hand.pop(number, None)
            lifted[number] = outcome  # for the case that nothing was ever computed
    return "graduated" in {**lifted, **computed, **by_hand}.values()
