"""A class of 60 hands in at once: how long until each has her answer, and in which order.

    python -m benchmarks.arrivals

One student hands in twenty times meanwhile. Waiting is counted from the burst; the engine is warm.
Prints p50 and p95 for the others, one submission's own time, and the place of the eager one.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from programme import roster
from programme.people import Person
from programme.site import Cohort
from soc.arrivals import Arrivals, answer
from soc.cohorts import (
    ensure_cohort,
    ensure_site,
    ensure_students_in_gradebook,
    grade_arrivals,
)
from soc.release import release

STUDENTS = [f"s{number:02}" for number in range(60)]
EAGER, WEEK = STUDENTS[0], "week01"


def hand_in(cohort: Cohort, student: str, when: datetime) -> None:
    """As the mover puts it: the week as released, with the time in its name."""
    stamp = when.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    folder = cohort.inbound / f"{student}+{WEEK}+{stamp}+x{when.timestamp():.6f}"
    arriving = folder.with_name(f".arriving-{student}")
    shutil.copytree(cohort.outbound / WEEK, arriving)
    (arriving / "timestamp.txt").write_text(stamp)
    (arriving / "submission_secret.txt").write_text(
        f"{when.timestamp():.0f}{student}".ljust(32, "0")
    )
    arriving.rename(folder)


def main() -> None:
    """Build a cohort, warm up with one submission, then the burst."""
    with tempfile.TemporaryDirectory() as folder:
        site = ensure_site(Path(folder) / "s")
        cohort = ensure_cohort(site, "burst", date(2031, 3, 3))
        people = [Person(name, f"{name} Chan") for name in [*STUDENTS, "first"]]
        roster.enrol(site, people, cohort.name, "student", on=date(2031, 3, 3))
        ensure_students_in_gradebook(site, cohort)
        release(site, cohort, WEEK)
        cohort.inbound.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        grade_arrivals(cohort, now - timedelta(minutes=1))
        arrivals = Arrivals(site)
        hand_in(cohort, "first", now)
        arrivals.look()
        arrivals.serve(answer)
        for number, student in enumerate(STUDENTS):
            hand_in(cohort, student, now + timedelta(seconds=1, milliseconds=number))
        started, waited, own, tries = time.monotonic(), {}, [], 1
        arrivals.look()
        while True:
            if tries < 20:
                hand_in(cohort, EAGER, now + timedelta(seconds=2 + tries))
                tries += 1
            arrivals.look()
            before = time.monotonic()
            served = arrivals.serve(answer)
            if served is None:
                break
            own.append(time.monotonic() - before)
            waited.setdefault(served.student, []).append(time.monotonic() - started)
        others = sorted(waited[name][0] for name in STUDENTS if name != EAGER)
        print(f"others: p50 {others[29]:.1f} s, p95 {others[55]:.1f} s, last {others[-1]:.1f} s")
        print(f"one submission: median {sorted(own)[len(own) // 2]:.2f} s, {len(own)} answers")
        after = sum(times[0] < waited[EAGER][-1] for name, times in waited.items() if name != EAGER)
        print(f"{EAGER}: {len(waited[EAGER])} answers for {tries} tries; "
              f"{after} of 59 others were answered before her last")  # fmt: skip


if __name__ == "__main__":
    main()
