"""Collect, grade, give feedback: the cohort's work through nbgrader and the autograder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograder import batch
from hub.mover import move_all
from programme.site import Cohort, Site
from soc.course_folder import check_week, load_config, nbgrader_api, need_space, run
from soc.errors import SocError
from soc.exchange import REFUSED, handed_in
from soc.output import Advance
from soc.turns import alone


@dataclass(frozen=True)
class Collected:
    """One submission after `collect`. State: new, updated, unchanged, missing or refused."""

    student: str
    state: str
    handed_in: str | None
    reason: str = ""


def collect(site: Site, cohort: Cohort, week: str, *, dry_run: bool = False) -> list[Collected]:
    """Bring what students handed in from the exchange into submitted/. May run twice.

    One that is in already is replaced only by a newer one. Raises SocError when the week is not
    released.
    """
    check_week(site, cohort, week)
    _check_released(cohort, week)
    enrolled = _students(cohort)
    before = _timestamps(cohort, week)
    refused = _refused(cohort, week)
    if dry_run:
        return _waiting(cohort, week, enrolled, before)
    need_space(cohort.root, 50_000_000)
    move_all(site)  # with a hub that runs, its mover has done so already
    api = nbgrader_api(load_config(cohort))
    run(api.collect, week, update=True)
    after = _timestamps(cohort, week)
    odd = renamed_notebooks(cohort, week)
    rows = [
        replace(_collected(s, before.get(s), after.get(s)), reason=odd.get(s, "")) for s in enrolled
    ]
    for name in sorted(_refused(cohort, week) - refused):
        student = name.removeprefix(REFUSED).split("+")[0]
        rows.append(Collected(student, "refused", None, f"kept as {name}"))
    for student in sorted(_handed_in_by(cohort, week) - set(enrolled)):
        rows.append(Collected(student, "refused", None, "not a student of this cohort"))
    return rows


def renamed_notebooks(cohort: Cohort, week: str) -> dict[str, str]:
    """Students who lack a notebook of the week and have a strange one instead → what to do.

    nbgrader gives zero for a missing notebook, and never looks at the other.
    """
    wanted = {path.name for path in (cohort.outbound / week).glob("*.ipynb")}
    found = {}
    for folder in cohort.root.glob(f"submitted/*/{week}"):
        there = {path.name for path in folder.glob("*.ipynb")}
        missing, strange = sorted(wanted - there), sorted(there - wanted)
        if missing and strange:
            found[folder.parent.name] = (
                f"{', '.join(missing)} is missing, but {', '.join(strange)} is there: "
                "rename it, or ask her to hand in again"
            )
    return found


def collected_students(cohort: Cohort, week: str, students: list[str] | None) -> list[str]:
    """Whose work of `week` is collected, sorted; of `students` only, unless that is None."""
    there = sorted(folder.parent.name for folder in cohort.root.glob(f"submitted/*/{week}"))
    return [student for student in there if students is None or student in students]


def collect_one(cohort: Cohort, week: str, student: str) -> None:
    """Collect the newest of one student, if it is not in yet. Raises SocError."""
    config = load_config(cohort)
    config.CourseDirectory.student_id = student
    run(nbgrader_api(config).collect, week, update=True)


def grade(
    cohort: Cohort,
    week: str,
    *,
    students: list[str] | None = None,
    again: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: Advance | None = None,
) -> list[batch.Result]:
    """Grade what was collected. Whose notebook was renamed stays ungraded, and is named."""
    odd = renamed_notebooks(cohort, week)
    asked = collected_students(cohort, week, students)
    os.environ["SOC_LANGUAGE"] = cohort.language  # tests speak to the student in it
    with alone(cohort.root):
        results = batch.grade(
            load_config(cohort),
            week,
            [student for student in asked if student not in odd],
            workers=workers,
            executor=executor,
            force=again,
            on_progress=lambda p: (
                on_progress(p.done, p.total, p.result.student) if on_progress else None
            ),
        )
    left = [batch.Result(s, "ungraded", None, odd[s]) for s in asked if s in odd]
    return sorted([*results, *left], key=lambda result: result.student)


@contextmanager
def dask_workers(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask scheduler, and how many they are. Raises SocError when it is away."""
    from distributed import Client  # noqa: PLC0415  # an extra: pip install 'sisters-of-code[cluster]'

    try:
        client: Any = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SocError(
            f"No Dask scheduler answers at {address}: {error}. Nothing is graded."
        ) from error
    with client:
        count = len(client.scheduler_info()["workers"])
        if not count:
            raise SocError(f"The Dask scheduler at {address} has no workers. Nothing is graded.")
        yield client.get_executor(), count


@dataclass(frozen=True)
class FeedbackGiven:
    """One student's feedback. State: released, or failed with a reason."""

    student: str
    state: str
    to_read_by_hand: bool
    reason: str = ""


def give_feedback(
    site: Site,
    cohort: Cohort,
    week: str,
    *,
    students: list[str] | None = None,
    dry_run: bool = False,
    on_progress: Advance | None = None,
) -> list[FeedbackGiven]:
    """Write feedback from the gradebook and release it to the students. May run twice.

    A student whose project waits for a reader gets what is known and is marked so; the same verb
    after the reading replaces it. One that fails is named and the others go on.
    """
    check_week(site, cohort, week)
    _check_released(cohort, week)
    graded = _graded(cohort, week, students)
    chosen = list(graded)
    if dry_run:
        return [FeedbackGiven(s, "would be released", graded[s]) for s in chosen]
    need_space(cohort.root, 2_000_000 * max(1, len(chosen)))
    api = nbgrader_api(load_config(cohort))
    rows = []
    for done, student in enumerate(chosen, start=1):
        try:
            with alone(cohort.root):
                run(api.generate_feedback, week, student_id=student, force=True)
                run(api.release_feedback, week, student_id=student)
            rows.append(FeedbackGiven(student, "released", graded[student]))
        except SocError as error:
            rows.append(FeedbackGiven(student, "failed", graded[student], str(error)))
        if on_progress:
            on_progress(done, len(chosen), student)
    return rows


def to_read(cohort: Cohort, week: str, student: str) -> tuple[str, ...]:
    """The notebooks of a graded submission that a person still has to read."""
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        notebooks = gradebook.find_submission(week, student).notebooks
        return tuple(sorted(n.name for n in notebooks if n.needs_manual_grade))


def _graded(cohort: Cohort, week: str, students: list[str] | None = None) -> dict[str, bool]:
    """Students whose work has been graded → whether a person still has to read some of it."""
    folder = cohort.root / "autograded"
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        submissions = gradebook.assignment_submissions(week)
        return {
            s.student_id: bool(s.needs_manual_grade)
            for s in sorted(submissions, key=lambda s: str(s.student_id))
            if (students is None or s.student_id in students)
            and (folder / s.student_id / week).is_dir()
        }


def _check_released(cohort: Cohort, week: str) -> None:
    if not (cohort.outbound / week).is_dir():
        raise SocError(f"{week} is not released to {cohort.name}. `soc release {week}` first.")


def _students(cohort: Cohort) -> list[str]:
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        return sorted(student.id for student in gradebook.students)


def _timestamps(cohort: Cohort, week: str) -> dict[str, str]:
    stamps = cohort.root.glob(f"submitted/*/{week}/timestamp.txt")
    return {s.parent.parent.name: s.read_text(encoding="utf-8").strip() for s in stamps}


def _refused(cohort: Cohort, week: str) -> set[str]:
    return {p.name for p in cohort.inbound.glob(f"{REFUSED}*+{week}+*")}


def _handed_in_by(cohort: Cohort, week: str) -> set[str]:
    return {p.name.split("+")[0] for p in handed_in(cohort.inbound, week)}


def _collected(student: str, before: str | None, after: str | None) -> Collected:
    if after is None:
        return Collected(student, "missing", None)
    if before is None:
        return Collected(student, "new", after)
    return Collected(student, "unchanged" if before == after else "updated", after)


def _waiting(
    cohort: Cohort, week: str, enrolled: list[str], before: dict[str, str]
) -> list[Collected]:
    newest: dict[str, str] = {}
    for folder in handed_in(cohort.inbound, week):
        student, _, stamp = folder.name.split("+")[:3]
        newest[student] = stamp
    rows = []
    for student in enrolled:
        waiting = newest.get(student)
        state = "missing" if waiting is None else "would be collected"
        if waiting and student in before and _moment(before[student]) >= _moment(waiting):
            state = "unchanged"
        rows.append(Collected(student, state, waiting))
    return rows


def _moment(stamp: str) -> datetime:
    return parse_utc(stamp)  # type: ignore[no-any-return]
