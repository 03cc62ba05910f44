"""What a student says against a decision about her, and what she is answered.

An appeal is about the decision that stands when it is written, and is kept with it for ever. It is
answered once, by staff, with a reason; agreeing changes no decision by itself: whoever agrees then
decides by hand or decides again, and says why there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from programme import decisions
from programme.graduation import Outcome
from programme.roster import find_enrolment
from programme.schema import appeals, cohorts, enrolments, people
from programme.schema import decisions as decision_table
from programme.site import Site
from programme.store import RefusedError, reading, writing

Verdict = Literal["agreed", "kept"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
SHORTEST_WORDS, LONGEST_WORDS = 3, 2000


@dataclass(frozen=True)
class Appeal:
    """One appeal; `outcome` is what was decided. `verdict` is None until it is answered."""

    id: int
    username: str
    name: str
    cohort: str
    outcome: Outcome
    words: str
    made_at: datetime
    verdict: Verdict | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


def appeal(site: Site, cohort: str, username: str, words: str, at: datetime) -> None:
    """Write one down against what stands now. The same words sent again are the same appeal.

    Raises RefusedError for too few or too many words, before anything is decided, and while
    another one waits for its answer.
    """
    words = words.strip()
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise RefusedError(f"say in up to {LONGEST_WORDS} letters what we should look at again")
    now = decisions.standing(site, cohort).get(username)
    made = (now.override or now.computed) if now else None
    if made is None:
        raise RefusedError(f"Nothing is decided about {username} in {cohort} yet.")
    try:
        with writing(site) as connection:
            enrolment_id = find_enrolment(connection, username, cohort)
            waiting = [a for a in _of(connection, enrolment_id) if a.verdict is None]
            if any(a.words == words for a in waiting):
                return
            row = {"enrolment_id": enrolment_id, "decision_id": made.id}
            connection.execute(insert(appeals).values(**row, words=words, made_at=at))
    except IntegrityError as error:
        raise RefusedError("An appeal of hers waits for its answer: one at a time.") from error


def answer(site: Site, number: int, verdict: Verdict, words: str, by: str, at: datetime) -> Appeal:
    """Answer appeal `number`, once; returns it. The same answer sent again changes nothing.

    Raises RefusedError without a reason, for a verdict nobody knows, and when it is answered.
    """
    words = words.strip()
    if verdict not in VERDICTS:
        raise RefusedError(f"{verdict!r} is no verdict. Known: {', '.join(VERDICTS)}")
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise RefusedError("an answer needs a reason that she can understand")
    with writing(site) as connection:
        found = connection.execute(_query().where(appeals.c.id == number)).mappings().first()
        if found is None:
            raise RefusedError(f"There is no appeal {number}.")
        known = Appeal(**found)
        if known.verdict is not None and (known.verdict, known.answer) != (verdict, words):
            raise RefusedError(f"Appeal {number} is answered by {known.answered_by} already.")
        if known.verdict is None:
            connection.execute(
                update(appeals)
                .where(appeals.c.id == number)
                .values(verdict=verdict, answer=words, answered_by=by, answered_at=at)
            )
    return known


def waiting(site: Site) -> list[Appeal]:
    """All that wait for an answer, the oldest first."""
    query = _query().where(appeals.c.verdict.is_(None))
    with reading(site) as connection:
        return [Appeal(**row) for row in connection.execute(query).mappings()]


def of_student(site: Site, cohort: str, username: str) -> list[Appeal]:
    """All of hers in this cohort, oldest first. Raises RefusedError for nobody of that name."""
    with reading(site) as connection:
        return _of(connection, find_enrolment(connection, username, cohort))


def _of(connection: Connection, enrolment_id: int) -> list[Appeal]:
    query = _query().where(appeals.c.enrolment_id == enrolment_id)
    return [Appeal(**row) for row in connection.execute(query).mappings()]


def _query() -> Select[tuple[object, ...]]:
    own = (c for c in appeals.c if c.name not in ("enrolment_id", "decision_id"))
    return (
        select(
            *own,
            people.c.username,
            people.c.name_latin.label("name"),
            cohorts.c.name.label("cohort"),
            decision_table.c.outcome,
        )
        .select_from(appeals)
        .join(enrolments, enrolments.c.id == appeals.c.enrolment_id)
        .join(people, people.c.id == enrolments.c.person_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .join(decision_table, decision_table.c.id == appeals.c.decision_id)
        .order_by(appeals.c.made_at, appeals.c.id)
    )
