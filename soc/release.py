"""Release a week: source → release (nbgrader's generate) → the cohort's exchange."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from programme.site import Cohort, Site
from soc.club.cohort import ensure_session_source
from soc.course_folder import check_week, load_config, nbgrader_api, need_space, run
from soc.errors import SocError


@dataclass(frozen=True)
class Released:
    """What `release` did. `state` is new, unchanged or replaced; points are the week's maximum."""

    week: str
    cohort: str
    language: str
    state: str
    points: float
    due: str | None


def release(
    site: Site,
    cohort: Cohort,
    week: str,
    *,
    due: date | datetime | None = None,
    again: bool = False,
    dry_run: bool = False,
) -> Released:
    """Generate `week` for the cohort and put it into its exchange. May run twice.

    Raises SocError when the week isn't written, when nbgrader refuses its source, and when a
    released week would change without `again`: students who opened it keep their copy, so a
    change must be meant.
    """
    check_week(site, cohort, week)
    outbound = cohort.outbound / week
    if dry_run:
        return Released(week, cohort.name, cohort.language, _dry_state(outbound), 0.0, _iso(due))
    need_space(cohort.root, 50_000_000)
    if cohort.kind == "club":
        ensure_session_source(site, cohort, week)
    api = nbgrader_api(load_config(cohort))
    run(api.generate_assignment, week, force=True, create=True)
    generated = cohort.root / "release" / week
    state = "new"
    if outbound.exists():
        state = "unchanged" if same_files(generated, outbound) else "replaced"
        if state == "replaced" and not again:
            raise SocError(
                f"{week} is released to {cohort.name} already, and its source has changed since. "
                "Students who have opened it keep their copy. `soc release --again` replaces "
                "the released one."
            )
    if state != "unchanged":
        _put_into_exchange(api, week)
    points = _set_due(cohort, week, due)
    return Released(week, cohort.name, cohort.language, state, points, _iso(due))


def same_files(one: Path, other: Path) -> bool:
    """True when both folders hold the same files with the same bytes."""
    names = [{p.relative_to(root) for p in root.rglob("*") if p.is_file()} for root in (one, other)]
    return names[0] == names[1] and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in names[0]
    )


def _put_into_exchange(api: Any, week: str) -> None:
    exchange = api.exchange.ReleaseAssignment
    step = exchange(coursedir=api.coursedir, authenticator=api.authenticator, parent=api)
    step.force = True  # `release` has asked already
    previous = api.coursedir.assignment_id
    api.coursedir.assignment_id = week
    try:
        step.start()
    except Exception as error:  # nbgrader raises its own and OSError alike
        raise SocError(f"{week} could not be put into the exchange: {error}") from error
    finally:
        api.coursedir.assignment_id = previous


def _set_due(cohort: Cohort, week: str, due: date | datetime | None) -> float:
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        if due is not None:
            gradebook.update_or_create_assignment(week, duedate=_iso(due))
        return float(gradebook.find_assignment(week).max_score)


def _dry_state(outbound: Path) -> str:
    return "would compare with what is released" if outbound.exists() else "would be new"


def _iso(due: date | datetime | None) -> str | None:
    return due.isoformat() if due else None
