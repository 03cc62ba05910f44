"""What was answered, counted: shares of each survey, and how they changed over time.

**The rule.** A survey is counted whole or not at all, and only after nothing can be added to it any
more. One with fewer than five sheets is in no figure, and neither is a question that fewer than
five answered. Sheets carry nothing to filter by (no cohort, no province, no day). So whatever two
tables are subtracted from one another, the difference is a sum of whole surveys of five or more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Connection, distinct, func, select

from programme.course import Both
from programme.schema import survey_answers
from programme.surveys.asking import Survey, all_surveys
from programme.surveys.plan import MOMENTS, Moment, Question

FEWEST = 5


@dataclass(frozen=True)
class Counted:
    """One question of one survey: how many gave each answer, in the order of the choices."""

    id: str
    text: Both
    answers: int
    by_choice: tuple[tuple[Both, int], ...]
    agreed: int

    @property
    def share(self) -> Fraction:
        """The share of those who agreed among those who answered."""
        return Fraction(self.agreed, self.answers)


@dataclass(frozen=True)
class Result:
    """One survey. `questions` is empty when too few took part; then `sheets` is None too."""

    name: str
    programme: str
    moment: Moment
    closes_on: date
    sheets: int | None
    questions: tuple[Counted, ...]


@dataclass(frozen=True)
class Change:
    """One question over the moments of one programme: moment → share who agreed."""

    programme: str
    text: Both
    shares: dict[Moment, Fraction]

    @property
    def points(self) -> Fraction:
        """The last share minus the first one, in hundredths."""
        shares = list(self.shares.values())
        return 100 * (shares[-1] - shares[0])


def results(
    connection: Connection, today: date, counting_days: int, first: date, last: date
) -> list[Result]:
    """The surveys that closed from `first` to `last`, those that may be shown on this day."""
    shown = today - timedelta(days=counting_days)
    return [
        _result(connection, survey)
        for survey in all_surveys(connection)
        if first <= survey.closes_on <= last and survey.closes_on < shown
    ]


def changes(found: Sequence[Result]) -> list[Change]:
    """Each question that was asked more than once in a programme, in the order of the moments."""
    shares: dict[tuple[str, str], dict[Moment, Fraction]] = {}
    texts: dict[tuple[str, str], Both] = {}
    for result in sorted(found, key=lambda one: MOMENTS.index(one.moment)):
        for question in result.questions:
            key = result.programme, question.id
            shares.setdefault(key, {})[result.moment] = question.share
            texts.setdefault(key, question.text)
    return [
        Change(key[0], texts[key], held) for key, held in sorted(shares.items()) if len(held) > 1
    ]


def _result(connection: Connection, survey: Survey) -> Result:
    mine = survey_answers.c.survey_id == survey.id
    sheets = connection.execute(
        select(func.count(distinct(survey_answers.c.response))).where(mine)
    ).scalar_one()
    facts = (survey.name, survey.programme, survey.moment, survey.closes_on)
    if sheets < FEWEST:
        return Result(*facts, None, ())
    columns = survey_answers.c.question, survey_answers.c.answer
    rows = connection.execute(select(*columns, func.count()).where(mine).group_by(*columns)).all()
    given: dict[str, Counter[str]] = {}
    for question, answer, count in rows:
        given.setdefault(question, Counter())[answer] = count
    counted = [_counted(one, given.get(one.id, Counter())) for one in survey.questions]
    return Result(*facts, sheets, tuple(one for one in counted if one.answers >= FEWEST))


def _counted(question: Question, given: Counter[str]) -> Counted:
    by_choice = tuple((choice.text, given[choice.id]) for choice in question.choices)
    agreed = sum(given[choice.id] for choice in question.choices if choice.agrees)
    return Counted(question.id, question.text, sum(n for _, n in by_choice), by_choice, agreed)
