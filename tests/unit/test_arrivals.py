"""Grading on arrival: whose turn it is, what is answered, and what a kill leaves."""

from __future__ import annotations

import fcntl
import itertools
import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from hub import desks
from programme.site import Cohort, Site
from soc.arrivals import Arrival, Arrivals, Note, Queue, answer, read_note
from soc.cohorts import grade_arrivals
from soc.release import release
from soc.turns import LOCK, alone
from tests.unit.conftest import hand_in

NOW = datetime(2031, 3, 3, 9, tzinfo=UTC)


def arrival(student: str, second: int, week: str = "week01") -> Arrival:
    return Arrival("amb", student, week, f"2031-03-03 09:00:{second:02}.000000 UTC")


def test_twenty_tries_of_one_student_delay_nobody() -> None:
    queue = Queue()
    for second in range(20):
        queue.add([arrival("greedy", second)])
    queue.add([arrival(f"s{n}", 30 + n) for n in range(3)])
    taken = list(iter(queue.take, None))
    assert [a.student for a in taken] == ["greedy", "s0", "s1", "s2"]
    assert taken[0] == arrival("greedy", 19)  # the newest, in the place of the first


def test_who_was_served_longest_ago_is_next() -> None:
    queue = Queue()
    queue.add([arrival("a", 1), arrival("b", 2)])
    assert queue.take() == arrival("a", 1)
    # She hands in again and again, and for another week: b and c, who came later, go first.
    queue.add([arrival("a", 3), arrival("a", 3, "week02"), arrival("c", 4)])
    assert [a.student for a in iter(queue.take, None)] == ["b", "c", "a", "a"]


def test_a_burst_is_served_in_order_whoever_sends_more_meanwhile() -> None:
    queue, seconds = Queue(), itertools.count()
    everybody = [f"s{n:02}" for n in range(60)]
    queue.add([Arrival("amb", s, "week01", f"{next(seconds):06}") for s in everybody])
    order = []
    for _ in range(120):
        queue.add([Arrival("amb", "s00", "week01", f"{next(seconds):06}")])
        taken = queue.take()
        assert taken is not None
        order.append(taken.student)
    assert order[:60] == everybody
    assert Counter(order[:60]).most_common(1)[0][1] == 1


@pytest.fixture
def switched_on(site: Site, cohort: Cohort) -> Site:
    release(site, cohort, "week01")
    cohort.inbound.mkdir(parents=True, exist_ok=True)
    grade_arrivals(cohort, NOW)
    return site


def test_what_arrives_is_graded_and_given_back(switched_on: Site, cohort: Cohort) -> None:
    hand_in(cohort, "bopha", "week01", NOW + timedelta(seconds=1), 'word = "hello"')
    hand_in(cohort, "chanthy", "week01", NOW - timedelta(days=1))  # before it was switched on
    arrivals = Arrivals(switched_on)
    arrivals.look()
    folder = desks.receipts(switched_on, "amb", "bopha")
    note = folder / "answer+week01.json"
    assert json.loads(note.read_text())["status"] == "checking"
    assert arrivals.serve(answer)
    assert json.loads(note.read_text())["status"] == "answered"
    pages = list(desks.feedback(switched_on, "amb", "bopha").glob("*.html"))
    assert [("Score: 2.0 / 2.0" in page.read_text()) for page in pages] == [True]
    assert arrivals.serve(answer) is None
    assert not (cohort.root / "submitted" / "chanthy").exists()


def test_a_kill_in_the_middle_loses_nothing(switched_on: Site, cohort: Cohort) -> None:
    class Killed(BaseException):
        pass

    def dies(_site: Site, _arrival: Arrival) -> Note:
        raise Killed

    hand_in(cohort, "bopha", "week01", NOW + timedelta(seconds=1))
    arrivals = Arrivals(switched_on)
    arrivals.look()
    with pytest.raises(Killed):
        arrivals.serve(dies)
    served = []

    def answers(_site: Site, arrival: Arrival) -> Note:
        served.append(arrival.student)
        return Note(arrival.at, "answered")

    for _ in range(2):  # the next service, and one after an answer
        again = Arrivals(switched_on)
        again.look()
        again.serve(answers)
    assert served == ["bopha"]


def test_one_that_can_not_be_answered_stops_nobody(switched_on: Site, cohort: Cohort) -> None:
    broken = hand_in(cohort, "bopha", "week01", NOW + timedelta(seconds=1))
    (broken / "practice.ipynb").write_text("{")
    hand_in(cohort, "devi", "week01", NOW + timedelta(seconds=2), 'word = "hello"')
    arrivals = Arrivals(switched_on)
    arrivals.look()
    served = [arrivals.serve(answer) for _ in range(2)]
    notes = [read_note(switched_on, one) for one in served if one]
    assert [note.status for note in notes if note] == ["by-hand", "answered"]
    arrivals.look()
    assert arrivals.serve(answer) is None  # not tried again and again


def test_off_means_that_nobody_is_answered(switched_on: Site, cohort: Cohort) -> None:
    grade_arrivals(cohort, None)
    ensure = switched_on.cohort("amb")
    assert ensure.grade_arrivals_since is None
    assert ensure.language == "en"
    hand_in(cohort, "bopha", "week01", NOW + timedelta(seconds=1))
    arrivals = Arrivals(switched_on)
    arrivals.look()
    assert arrivals.serve(answer) is None


def test_who_marks_second_waits_and_is_told(
    cohort: Cohort, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def second() -> None:
        with alone(cohort.root):
            done.set()

    waiting = threading.Thread(target=second)
    with (cohort.root / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting.start()
        assert not done.wait(0.3)
        assert "Somebody else collects or grades amb" in caplog.text
    waiting.join(10)
    assert done.is_set()
