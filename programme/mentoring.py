"""What people note about a student by hand: observed lessons, and calls after an alarm."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, insert

from programme.roster import find_enrolment
from programme.schema import calls, observations
from programme.site import Site
from programme.store import RefusedError, writing
from programme.taught import course_of

MOST_LESSONS = 10


def record_observation(
    site: Site,
    username: str,
    cohort: str,
    number: int,
    score: int,
    observer: str,
    on: date,
    *,
    passed: bool | None = None,
) -> None:
    """Write down observed lesson `number`: `score` of the policy's items, and whether it passed.

    `passed` None means: as the policy says for this score. The same number again replaces what was
    written. Raises RefusedError when the score is not 0 to the number of items, or the number not
    1 to MOST_LESSONS.
    """
    policy = course_of(site, cohort).policy
    if not 1 <= number <= MOST_LESSONS:
        raise RefusedError(f"observed lessons are counted from 1 to {MOST_LESSONS}, not {number}")
    if not 0 <= score <= policy.lesson_items:
        raise RefusedError(f"an observed lesson has 0 to {policy.lesson_items} items, not {score}")
    with writing(site) as connection:
        enrolment_id = find_enrolment(connection, username, cohort)
        connection.execute(
            delete(observations).where(
                observations.c.enrolment_id == enrolment_id, observations.c.number == number
            )
        )
        connection.execute(
            insert(observations).values(
                enrolment_id=enrolment_id,
                number=number,
                score=score,
                passed=score >= policy.lesson_pass_items if passed is None else passed,
                observer=observer,
                observed_on=on,
            )
        )


def log_call(site: Site, username: str, cohort: str, caller: str, note: str, at: datetime) -> None:
    """Note that somebody called her, and what was said. Raises RefusedError without a note."""
    if not note.strip():
        raise RefusedError("write a few words about the call, so that the next caller knows")
    with writing(site) as connection:
        connection.execute(
            insert(calls).values(
                enrolment_id=find_enrolment(connection, username, cohort),
                caller=caller,
                called_at=at,
                note=note.strip(),
            )
        )
