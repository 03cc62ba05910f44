"""Verbs about the course: build, release."""

from __future__ import annotations

from datetime import datetime

import click

from programme.site import CHECKOUT, Cohort, Site
from soc.build import build_release
from soc.cli import finish
from soc.cohorts import due_by_calendar
from soc.course_folder import check_week
from soc.output import bar, show
from soc.release import release as release_week
from soc.verbs.options import dry_run_option, for_cohort, json_option


@click.command()
@click.argument("weeks", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when course/release differs.")
@json_option
def build(weeks: tuple[str, ...], check: bool, as_json: bool) -> None:
    """Write course/release from course/source: what students receive, in English."""
    with bar("Building") as advance:
        rows = build_release(CHECKOUT, list(weeks), check=check, on_progress=advance)
    show(rows, title="course/release", as_json=as_json)
    finish(not check or all(row.state == "unchanged" for row in rows))


@click.command()
@click.argument("week")
@click.option(
    "--due", type=click.DateTime(), help="Due at (UTC). Default: by the cohort's calendar."
)
@click.option("--again", is_flag=True, help="Replace a released week whose source has changed.")
@dry_run_option
@json_option
@for_cohort
def release(
    site: Site,
    cohort: Cohort,
    week: str,
    due: datetime | None,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Release a week to a cohort's students."""
    check_week(site, cohort, week)
    due = due or due_by_calendar(site, cohort, week)
    row = release_week(site, cohort, week, due=due, again=again, dry_run=dry_run)
    show([row], title=f"Released to {cohort.name}", as_json=as_json)
