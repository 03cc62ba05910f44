"""What the demo's girls say themselves: surveys, wishes for a mentor, an appeal, a request.

Surveys of last year show a change over time and one that too few answered; this year's first is
counted, and its second is open for those who have not answered yet.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from programme import appeals, applying, mentors, roster
from programme.admitting import places
from programme.matching import Side
from programme.messages import message
from programme.personal import requests
from programme.site import Site
from programme.surveys import asking, plan
from programme.surveys.plan import Moment, Question

A_WEEK = timedelta(days=7)
MENTORS = 4
MENTEES = 7
HURDLES = ("barrier_", "technology_hard")


def answer_surveys(site: Site, cohort: str, last_year: str, starts_on: date, today: date) -> None:
    """Surveys of both years; how many of how many agree rises from one to the next."""
    dice = random.Random(2027)  # noqa: S311  answers that nobody gave
    began = starts_on - 52 * A_WEEK
    for name, first in ((last_year, began), (cohort, starts_on)):
        applying.add_programme(site, name, "ambassador", first - 9 * A_WEEK, first - 3 * A_WEEK)
        places.set_group(site, name, name, "online", "online", 30)
    _ask(site, last_year, "before", began, began + A_WEEK, 22, 0.4, dice)
    _ask(site, last_year, "middle", began + 7 * A_WEEK, began + 8 * A_WEEK, 4, 0.6, dice)
    _ask(site, last_year, "after", began + 14 * A_WEEK, began + 15 * A_WEEK, 21, 0.85, dice)
    _ask(site, cohort, "before", starts_on, starts_on + timedelta(days=6), 24, 0.5, dice)
    _ask(site, cohort, "middle", today - timedelta(days=2), today + 2 * A_WEEK, 7, 0.6, dice)


def _ask(
    site: Site,
    programme: str,
    moment: Moment,
    opens: date,
    closes: date,
    sheets: int,
    agree: float,
    dice: random.Random,
) -> None:
    """Open one survey and have the last `sheets` students of the cohort answer it.

    `agree` is the share that agrees to what is good; of what stands in the way, fewer say so.
    """
    name = asking.open_survey(site, programme, moment, opens, closes, dry_run=False)
    questions = plan.read(site.course).surveys[moment].questions
    for username in _students(site, programme)[-sheets:]:
        answers = {
            one.id: _choice(one, 1 - agree if one.id.startswith(HURDLES) else agree, dice)
            for one in questions
        }
        asking.answer(site, username, name, answers, opens)


def _choice(question: Question, agree: float, dice: random.Random) -> str:
    agrees = dice.random() < agree
    return dice.choice([one.id for one in question.choices if one.agrees is agrees])


def wish_for_mentors(
    site: Site, graduates: Sequence[str], cohort: str, by: str, today: date
) -> None:
    """Two pairs that go on, one that a girl ended, and some that staff may make."""
    at = datetime.combine(today - timedelta(days=9), time(3), UTC)
    for number, username in enumerate(graduates[:MENTORS]):
        _wish(site, username, "mentor", 1 + number % 2, at)
    for username in _students(site, cohort)[:MENTEES]:
        _wish(site, username, "mentee", 1, at)
    pairs = mentors.proposals(site)[:3]
    for pair in pairs:
        mentors.confirm(site, pair.mentor.username, pair.mentee.username, by, at.date())
    mentors.take_back(site, pairs[-1].mentee.username, at + timedelta(days=5))


def _wish(site: Site, username: str, side: Side, places_: int, at: datetime) -> None:
    minor = mentors.is_minor(site, username, at.date())
    wording = message(f"mentor.consent.{'guardian' if minor else 'self'}").km
    agreed_by = "Her mother" if minor else "herself"
    mentors.offer(site, username, side, "km", "online", places_, agreed_by, wording, at)


def object_and_ask(site: Site, last_year: str, graduates: Sequence[str], asks: str) -> str:
    """One who has not graduated appeals, and `asks` wants a copy of what is kept about her.

    Returns the username of who appeals.
    """
    now = datetime.now(UTC)
    username = next(one for one in _students(site, last_year) if one not in graduates)
    words = "I was at the catch-up in the library; my name is on the paper. Please look again."
    appeals.appeal(site, last_year, username, words, now)
    requests.ask(site, asks, "copy", now)
    return username


def _students(site: Site, cohort: str) -> list[str]:
    mine = roster.members(site)
    return sorted(one.username for one in mine if (one.cohort, one.role) == (cohort, "student"))
