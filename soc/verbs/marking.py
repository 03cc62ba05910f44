"""Verbs about marking: collect, grade, feedback."""

from __future__ import annotations

from contextlib import ExitStack

import click

from programme.site import Cohort, Site
from soc.cli import finish
from soc.course_folder import check_week, need_space
from soc.marking import collect as collect_week
from soc.marking import collected_students, dask_workers, give_feedback
from soc.marking import grade as grade_week
from soc.output import bar, show
from soc.verbs.options import dry_run_option, for_cohort, json_option

student_option = click.option(
    "--student", "students", multiple=True, help="Only this student; may be given again."
)


@click.command()
@click.argument("week")
@dry_run_option
@json_option
@for_cohort
def collect(site: Site, cohort: Cohort, week: str, dry_run: bool, as_json: bool) -> None:
    """Collect what students handed in."""
    rows = collect_week(site, cohort, week, dry_run=dry_run)
    show(rows, title=f"{week} of {cohort.name}", as_json=as_json)
    finish(not [row for row in rows if row.reason])


@click.command()
@click.argument("week")
@student_option
@click.option("--again", is_flag=True, help="Grade also what is graded and hasn't changed.")
@click.option("--workers", type=int, help="Processes side by side. Default: one a core.")
@click.option("--dask", metavar="ADDRESS", help="Grade on a Dask cluster: tcp://host:8786.")
@dry_run_option
@json_option
@for_cohort
def grade(
    site: Site,
    cohort: Cohort,
    week: str,
    students: tuple[str, ...],
    again: bool,
    workers: int | None,
    dask: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grade what was collected, each submission in a sandbox."""
    check_week(site, cohort, week)
    if dry_run:
        chosen = collected_students(cohort, week, list(students) or None)
        show([{"student": s, "would be": "graded"} for s in chosen], title=week, as_json=as_json)
        return
    need_space(cohort.root, 50_000_000)
    with ExitStack() as stack:
        executor = None
        if dask:
            executor, workers = stack.enter_context(dask_workers(dask))
        results = grade_week(
            cohort,
            week,
            students=list(students) or None,
            again=again,
            workers=workers,
            executor=executor,
            on_progress=stack.enter_context(bar(f"Grading {week}")),
        )
    show(results, title=f"{week} of {cohort.name}", as_json=as_json)
    finish(not [result for result in results if result.status == "ungraded"])


@click.command()
@click.argument("week")
@student_option
@dry_run_option
@json_option
@for_cohort
def feedback(
    site: Site,
    cohort: Cohort,
    week: str,
    students: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write feedback and release it to the students."""
    with bar(f"Feedback on {week}") as advance:
        rows = give_feedback(
            site,
            cohort,
            week,
            students=list(students) or None,
            dry_run=dry_run,
            on_progress=advance,
        )
    show(rows, title=f"Feedback on {week} of {cohort.name}", as_json=as_json)
    finish(not [row for row in rows if row.state == "failed"])
