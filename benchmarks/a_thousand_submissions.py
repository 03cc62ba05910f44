"""`soc grade week01` for a thousand submissions, killed with -9 again and again, and not killed.

    python -m benchmarks.a_thousand_submissions [--students 1000] [--kills 8]

The submissions are of the real first week: right, left as released, and with the mistakes that the
course lists. One course is graded in one go, its copy by runs that are killed at random moments
until one ends. Then the rows of both gradebooks and all graded files must be the same, and the same
again after `--again`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import pty
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from nbgrader import api
from sqlalchemy import create_engine, select

from benchmarks.measuring import Cost, Watched, run
from programme import course, roster
from programme.fictional import make_people
from programme.site import Site
from soc.cohorts import ensure_cohort, ensure_site, ensure_students_in_gradebook
from soc.demo.work import hand_in, read_answers

COHORT, WEEK, SEED = "thousand", "week01", 11
Rows = Counter[tuple[object, ...]]
State = tuple[Rows, dict[str, str]]  # and the digests of files


def main() -> None:
    """Grade both ways, print what it took, and raise when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=8)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="thousand-"))
    try:
        whole, broken = folder / "whole", folder / "broken"
        make(whole, given.students)
        shutil.copytree(whole, broken, symlinks=True)
        compare(grade_whole(whole, given.students), grade_killed(broken, given.kills))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make(root: Path, students: int) -> None:
    """A cohort with week 1 released, and a submission of each student collected."""
    site = ensure_site(root)
    starts = course.today(site.course) - timedelta(days=5)
    cohort = ensure_cohort(site, COHORT, starts)
    people = make_people(SEED, students)
    roster.enrol(site, people, COHORT, on=starts)
    ensure_students_in_gradebook(site, cohort)
    run(["soc", "release", WEEK, "--data", str(root)])
    answers, dice = read_answers(site, WEEK), random.Random(SEED)
    when = course.read(site.course).schedule.due(starts, 1)
    for person in people:
        late = timedelta(hours=dice.choice([-30, -20, -2, 1]))
        made = hand_in(
            cohort, WEEK, person.username, when + late, answers, skill=dice.random(), dice=dice
        )
        place = cohort.root / "submitted" / person.username / WEEK
        place.parent.mkdir(parents=True)
        made.rename(place)


def grade_whole(root: Path, students: int) -> State:
    """Grade in one go, and again; the rows and the files, which must not differ between both."""
    first = Grading(root)
    cost = first.wait()
    print(
        f"{students} submissions: {cost.wall_s:.0f} s, {cost.cpu_s:.0f} CPU s "
        f"({cost.cpu_s / students * 1000:.0f} ms each); {first.own_mb:.0f} MiB in `soc`, "
        f"{first.all_mb:.0f} MiB with its workers; the bar showed {len(first.shown)} numbers"
    )
    left = read(root)
    Grading(root, "--again").wait()
    must_be_same(left, read(root))
    print(f"graded again: the same {left[0].total()} rows and {len(left[1])} files")
    return left


def grade_killed(root: Path, kills: int) -> State:
    """Kill `soc grade` at random moments of its work, then let it end."""
    dice = random.Random()
    for _ in range(kills):
        running = Grading(root)
        while len(running.shown) < 2 and running.process.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 5))
        stayed = running.kill()
        rows, files = read(root)
        print(f"killed: {rows.total()} rows, {len(files)} files, {stayed} processes stayed")
        assert not stayed
    Grading(root).wait()
    return read(root)


def compare(whole: State, broken: State) -> None:
    """Raise unless the killed runs left what the whole one did."""
    must_be_same(whole, broken)
    print(f"killed or not: the same {whole[0].total()} rows and {len(whole[1])} files")


def must_be_same(one: State, other: State) -> None:
    """Raise, and name the first that differ."""
    rows = [*(one[0] - other[0]), *(other[0] - one[0])]
    files = [name for name in one[1] | other[1] if one[1].get(name) != other[1].get(name)]
    assert not rows, f"{len(rows)} rows differ: {rows[:6]}"
    assert not files, f"{len(files)} files differ: {files[:6]}"


class Grading(Watched):
    """One `soc grade` with a terminal to draw its bar on."""

    def __init__(self, root: Path, *words: str) -> None:
        self._terminal, theirs = pty.openpty()
        soc = str(Path(sys.executable).with_name("soc"))
        process = psutil.Popen(
            [soc, "grade", WEEK, "--data", str(root), "--json", *words],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(theirs)
        super().__init__(process)
        self.shown: set[str] = set()
        threading.Thread(target=self._read_bar, daemon=True).start()

    def wait(self) -> Cost:
        """Wait for its end. It may leave with 1: broken work is ungraded."""
        cost = super().wait()
        assert self.process.returncode in (0, 1), f"soc grade left with {self.process.returncode}"
        return cost

    def kill(self) -> int:
        """Kill it as `kill -9` does; how many of its processes stay.

        A worker that was just being started ends when it has imported what it needs, before it
        grades anything.
        """
        below = self.below()
        self.process.kill()
        self.process.wait()
        return len(psutil.wait_procs(below, timeout=60)[1])

    def _read_bar(self) -> None:
        with contextlib.suppress(OSError):  # the terminal ends with the program
            while drawn := os.read(self._terminal, 65536):
                self.shown.update(re.findall(r"(\d+)/\d+", drawn.decode(errors="replace")))
        os.close(self._terminal)


def read(root: Path) -> State:
    """The gradebook's rows about submissions, without nbgrader's random keys; the graded files."""
    cohort = Site.open(root).cohort(COHORT)
    grade, comment, base = api.Grade.__table__, api.Comment.__table__, api.BaseCell.__table__
    copy, submission = api.SubmittedNotebook.__table__, api.SubmittedAssignment.__table__
    rows: list[Any] = []
    with create_engine(cohort.gradebook_url).connect() as connection:
        rows += connection.execute(select(submission.c.student_id, submission.c.timestamp))
        for table, *kept in (
            (grade, "auto_score", "manual_score", "extra_credit", "needs_manual_grade"),
            (comment, "auto_comment", "manual_comment"),
        ):
            found = (
                select(
                    submission.c.student_id,
                    copy.c.notebook_id,
                    base.c.name,
                    copy.c.late_submission_penalty,
                    *(table.c[name] for name in kept),
                )
                .join_from(table, copy, table.c.notebook_id == copy.c.id)
                .join(submission, submission.c.id == copy.c.assignment_id)
                .join(base, base.c.id == table.c.cell_id)
            )
            rows += connection.execute(found)
    files = (cohort.root / "autograded").rglob("*")
    digests = {
        str(file.relative_to(cohort.root)): digest(file.read_bytes())
        for file in files
        if file.is_file()
    }
    return Counter(tuple(row) for row in rows), digests


def digest(content: bytes) -> str:
    """Of a file without the ids that widgets draw by chance."""
    return hashlib.sha256(re.sub(rb'"model_id": "[0-9a-f]{32}"', b"", content)).hexdigest()


if __name__ == "__main__":
    main()
