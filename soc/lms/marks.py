"""A cohort's marks for the LMS: which may go there, and sending them.

Rule: a mark goes there once her feedback is released and says the same, never before and never one
that still waits for a reader. What the LMS has taken is written down at once, so that a run that
breaks off goes on where it was, and a second one sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from fractions import Fraction
from pathlib import Path

from nbgrader.utils import notebook_hash, parse_utc

from hub import accounts
from hub.lti import weeks
from hub.lti.platforms import Platform
from hub.lti.services import LINEITEM, SCORE, AwayError, ServiceError, Services
from hub.lti.store import Course, Store
from hub.student.weeks import SHOWN_SCORE
from hub.submissions import SECRET, TIMESTAMP
from programme import roster
from programme.gradebook import Score, Scores, read_scores
from programme.site import Cohort, Site
from soc.errors import SocError

_ROUNDED = Fraction(1, 100)  # feedback shows two digits
_NO_COLUMN = (
    "the LMS names no column and doesn't let us make one: open the week's link there once, or its "
    f"administrator gives the right to make columns ({LINEITEM})"
)
_NOT_TIED = "her account of the LMS isn't known: `soc lti roster`"
Notebooks = dict[str, Score]


@dataclass(frozen=True)
class Mark:
    """One student's mark for one week, and why it is as it is.

    `state`: to-send, sent, same, not-yet, failed.
    """

    username: str
    week: str
    state: str
    points: str = ""
    reason: str = ""


def due_marks(site: Site, cohort: Cohort, platform: Platform) -> list[Mark]:
    """Every graded week of every student, by week and name: `to-send`, `same` or `not-yet`."""
    scores = read_scores(cohort)
    tied = accounts.outside(site, platform.account_issuer)
    sent = Store(site).sent(cohort.name)
    students = roster.enrolled(site, cohort.name)
    active = {row.person.username for row in students if row.status == "active"}
    marks = []
    for week, username in sorted(scores.submissions):
        if username in active:
            mark = _mark(cohort, scores, week, username)
            if mark.state == "to-send" and username not in tied:
                mark = replace(mark, state="not-yet", reason=_NOT_TIED)
            elif mark.state == "to-send" and sent.get((username, week)) == mark.points:
                mark = replace(mark, state="same")
            marks.append(mark)
    return marks


def _mark(cohort: Cohort, scores: Scores, week: str, username: str) -> Mark:
    hers = {
        notebook: score
        for (assignment, notebook, student), score in scores.scores.items()
        if (assignment, student) == (week, username)
    }
    given = sum((score.score for score in hers.values()), Fraction(0))
    most = sum((m for (name, _), m in scores.max_scores.items() if name == week), Fraction(0))
    if any(score.faults for score in hers.values()) or not hers:
        reason = "not graded yet"
    elif any(score.pending for score in hers.values()):
        reason = "somebody has to read it yet"
    elif most == 0:
        reason = "the week has no points"
    else:
        reason = _unreleased(cohort, scores, week, username, hers)
    if reason:
        return Mark(username, week, "not-yet", reason=reason)
    return Mark(username, week, "to-send", f"{float(given):g} / {float(most):g}")


def _unreleased(cohort: Cohort, scores: Scores, week: str, username: str, hers: Notebooks) -> str:
    """Why her feedback on this very work isn't released; '' when it is."""
    folder = cohort.root / "feedback" / username / week
    try:
        secret = (folder / SECRET).read_text(encoding="ascii")
        at = parse_utc((folder / TIMESTAMP).read_text(encoding="utf-8").strip())
        pages = {notebook: _page(cohort, secret, notebook) for notebook in hers}
    except (OSError, UnicodeDecodeError, ValueError):
        return f"feedback isn't released: `soc feedback {week}`"
    submitted = scores.submissions[week, username].submitted_at
    shown = {notebook: SHOWN_SCORE.search(page) for notebook, page in pages.items()}
    same = submitted is not None and at.replace(tzinfo=UTC) == submitted
    for notebook, found in shown.items():
        points = Fraction(found[1]) if found else Fraction(0)
        same = same and abs(points - hers[notebook].score) <= _ROUNDED
    return "" if same else f"her feedback is older than her marks: `soc feedback {week}`"


def _page(cohort: Cohort, secret: str, notebook: str) -> str:
    name = f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"
    return Path(cohort.exchange, cohort.name, "feedback", name).read_text(encoding="utf-8")


async def send(site: Site, cohort: Cohort, platform: Platform, course: Course) -> list[Mark]:
    """Send what is due; every mark with what came of it. Raises SocError when none may be sent.

    When the LMS goes away in the middle, the rest is `not-yet`, and the same again goes on.
    """
    _check_rights(course)
    marks = due_marks(site, cohort, platform)
    sender = _Sender(site, cohort, platform, course)
    try:
        return [await sender.one(mark) for mark in marks]
    except ServiceError as error:
        raise SocError(str(error)) from error


def _check_rights(course: Course) -> None:
    if SCORE not in course.scopes:
        raise SocError(
            f"The LMS gives its course of {course.cohort} no service for marks ({SCORE}). Its "
            "administrator switches on 'Assignment and Grade Services' with columns and scores; "
            "then open one link from there again."
        )


class _Sender:
    """Finds each week's column once, and stops asking an LMS that has gone away."""

    def __init__(self, site: Site, cohort: Cohort, platform: Platform, course: Course) -> None:
        self._store, self._cohort, self._course = Store(site), cohort, course
        self._services = Services(site, platform)
        self._tied = accounts.outside(site, platform.account_issuer)
        self._titles = weeks.titles(site, cohort.name)
        self._columns: dict[str, str] = {}
        self._away = ""

    async def one(self, mark: Mark) -> Mark:
        if mark.state != "to-send":
            return mark
        if self._away:
            return replace(mark, state="not-yet", reason=self._away)
        column = await self._column(mark.week)
        if not column:
            return replace(mark, state="failed", reason=_NO_COLUMN)
        given, _, most = mark.points.partition(" / ")
        try:
            await self._services.post_score(
                column, self._tied[mark.username], float(given), float(most)
            )
        except AwayError as error:
            self._away = str(error)
            return replace(mark, state="failed", reason=self._away)
        except ServiceError as error:
            return replace(mark, state="failed", reason=str(error))
        self._store.note_sent(self._cohort.name, mark.username, mark.week, mark.points)
        return replace(mark, state="sent")

    async def _column(self, week: str) -> str:
        if week not in self._columns:
            self._columns[week] = await self._find(week)
        return self._columns[week]

    async def _find(self, week: str) -> str:
        """The column named by the week, else the one of the week's link, else a new one.

        '' where we may not make any and nobody has come by that link.
        """
        where = self._course.lineitems if LINEITEM in self._course.scopes else ""
        found = await self._services.find_lineitem(where, week) if where else ""
        found = found or self._store.column(self._cohort.name, week)
        if found or not where:
            return found
        return await self._services.make_lineitem(where, week, self._titles.get(week, week))
