"""Grades each submission as it arrives and gives the feedback back. A service of the hub.

Rule: students take turns. Whoever was served longest ago is next, and of what a student hands in
for a week only the newest counts, so that twenty tries of one delay nobody. The last step of an
answer is the note on her desk: after a kill, what has no note is done again, and every step may
be done twice.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from autograder.errors import GradingError
from hub import condition, desks, feedback, service
from hub.people import is_username
from hub.student.weeks import ANSWER
from programme.errors import ProgrammeError
from programme.site import Cohort, Site
from soc.club.desks import ensure_desks
from soc.errors import SocError

_INTERVAL_S = 0.25
_DESKS_S = 10.0
_log = logging.getLogger("soc.arrivals")


@dataclass(frozen=True)
class Arrival:
    """One submission in the exchange; `at` is its time as nbgrader writes it."""

    cohort: str
    student: str
    week: str
    at: str


@dataclass(frozen=True)
class Note:
    """What a student is told about her newest submission of a week."""

    at: str
    status: Literal["checking", "answered", "by-hand"]
    to_read: tuple[str, ...] = ()


class Queue:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, str], Arrival] = {}
        self._served: dict[str, int] = {}
        self._turn = 0

    def add(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Note what waits; those that are new. A newer submission keeps the place of her older."""
        new = []
        for arrival in sorted(arrivals, key=lambda a: a.at):
            key = (arrival.cohort, arrival.week, arrival.student)
            if self._waiting.get(key) != arrival:
                self._waiting[key] = arrival
                new.append(arrival)
        return new

    def take(self) -> Arrival | None:
        """The next one; None when nobody waits."""
        if not self._waiting:
            return None
        key = min(self._waiting, key=lambda key: self._served.get(key[2], 0))
        self._turn += 1
        self._served[key[2]] = self._turn
        return self._waiting.pop(key)


class Arrivals:
    """What is in the exchange of the cohorts that have it switched on, and has no answer yet."""

    def __init__(self, site: Site) -> None:
        """Look at nothing yet."""
        self.site = site
        self.queue = Queue()
        self._seen: dict[str, object] = {}
        self._done: set[Arrival] = set()

    def look(self) -> None:
        """Put what has arrived into the queue, and tell the students so."""
        for cohort in switched_on(self.site):
            if not cohort.inbound.is_dir():
                continue
            changed = cohort.inbound.stat().st_mtime_ns, cohort.grade_arrivals_since
            if self._seen.get(cohort.name) != changed:
                self._seen[cohort.name] = changed
                for arrival in self.queue.add(self._unanswered(cohort)):
                    write_note(self.site, arrival, Note(arrival.at, "checking"))

    def _unanswered(self, cohort: Cohort) -> Iterator[Arrival]:
        since = f"{cohort.grade_arrivals_since:%Y-%m-%d %H:%M:%S.%f} UTC"
        for arrival in newest(cohort).values():
            if arrival.at < since or arrival in self._done:
                continue
            note = read_note(self.site, arrival)
            if note is None or note.at != arrival.at or note.status == "checking":
                yield arrival

    def serve(self, answer: Callable[[Site, Arrival], Note]) -> Arrival | None:
        """Answer the next one; None when nobody waits."""
        arrival = self.queue.take()
        if arrival is None:
            return None
        try:
            note = answer(self.site, arrival)
        except Exception:
            # One that can't be answered must not stop the others; it stays for her teacher.
            _log.exception("%s of %s in %s", arrival.week, arrival.student, arrival.cohort)
            note = Note(arrival.at, "by-hand")
        self._done.add(arrival)
        write_note(self.site, arrival, note)
        _log.info("%s of %s in %s: %s", arrival.week, arrival.student, arrival.cohort, note.status)
        return arrival


def switched_on(site: Site) -> Iterator[Cohort]:
    """The cohorts whose submissions are graded as they arrive."""
    for name in site.cohort_names():
        cohort = site.cohort(name)
        if cohort.grade_arrivals_since is not None:
            yield cohort


def newest(cohort: Cohort) -> dict[tuple[str, str], Arrival]:
    """The newest submission of each student and week in the exchange."""
    found: dict[tuple[str, str], Arrival] = {}
    for folder in cohort.inbound.iterdir():
        parts = folder.name.split("+")
        if folder.name.startswith(".") or len(parts) < 3 or not is_username(parts[0]):
            continue
        student, week, at = parts[:3]
        if (student, week) not in found or at > found[student, week].at:
            found[student, week] = Arrival(cohort.name, student, week, at)
    return found


def answer(site: Site, arrival: Arrival) -> Note:
    """Collect, grade and give feedback, by the functions that the verbs use.

    What has to be read by a person is left to her, and the note names it.
    """
    from soc import marking  # noqa: PLC0415  # 150 MB that a hub without the switch needn't hold

    cohort, week, student = site.cohort(arrival.cohort), arrival.week, arrival.student
    marking.collect_one(cohort, week, student)
    results = marking.grade(cohort, week, students=[student], workers=1)
    if not results or results[0].status != "graded":
        reason = results[0].reason if results else "it was not collected"
        _log.warning("%s of %s in %s: %s", week, student, cohort.name, reason)
        return Note(arrival.at, "by-hand")
    for row in marking.give_feedback(site, cohort, week, students=[student]):
        if row.state == "failed":
            _log.warning("feedback on %s of %s in %s: %s", week, student, cohort.name, row.reason)
            return Note(arrival.at, "by-hand")
    feedback.deliver(site, cohort.name, student, week)
    return Note(arrival.at, "answered", marking.to_read(cohort, week, student))


def warm_up(cohort: Cohort) -> None:
    """Start the sandbox that the cohort's light notebooks will use, so that nobody waits for it."""
    from autograder.preprocessor import ExecuteInSandbox, engine_for  # noqa: PLC0415
    from soc import marking  # noqa: F401, PLC0415  # as in answer()
    from soc.course_folder import load_config  # noqa: PLC0415

    execute = ExecuteInSandbox(config=load_config(cohort))
    _ = engine_for(execute.plan(heavy=False)).sandbox


def read_note(site: Site, arrival: Arrival) -> Note | None:
    """The note on her desk; None when there is none."""
    path = desks.receipts(site, arrival.cohort, arrival.student) / f"{ANSWER}{arrival.week}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Note(told["at"], told["status"], tuple(told["to_read"]))
    except (OSError, ValueError, KeyError):
        return None


def write_note(site: Site, arrival: Arrival, note: Note) -> None:
    """Put the note on her desk, whole."""
    folder = desks.receipts(site, arrival.cohort, arrival.student)
    new = folder / f".{ANSWER}{arrival.week}.new"
    new.write_text(json.dumps(asdict(note)), encoding="utf-8")
    new.replace(folder / f"{ANSWER}{arrival.week}.json")


def main() -> None:
    """Look and serve until told to stop."""
    site, warm = Site.open(), False
    arrivals, desks_at = Arrivals(site), 0.0
    for _ in service.every(_INTERVAL_S, site, "arrivals"):
        try:
            on = next(switched_on(site), None)
            if on is not None and not warm:
                warm = True  # tried once: when it fails, each submission says so
                warm_up(on)
            if time.monotonic() - desks_at > _DESKS_S:
                desks_at = time.monotonic()
                ensure_desks(site)  # of clubs that staff approved on their page
            arrivals.look()
            while arrivals.serve(answer) is not None and not service.stopped():
                condition.beat(site, "arrivals")
                arrivals.look()
        except (OSError, GradingError, SocError, ProgrammeError) as error:
            _log.error("Grading on arrival goes on after: %s", error)


if __name__ == "__main__":
    main()
