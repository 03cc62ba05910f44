"""Verbs about one student, for who works with her: `soc student call | lesson`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from programme import course, mentoring
from programme.site import Cohort, Site
from soc.verbs.options import by_option, dry_run_option, for_cohort


@click.group()
def student() -> None:
    """Note a call, or a lesson that she taught."""


@student.command()
@click.argument("username")
@click.argument("note")
@by_option("called")
@dry_run_option
@for_cohort
def call(site: Site, cohort: Cohort, username: str, note: str, by: str, dry_run: bool) -> None:
    """Note that somebody called her, and what was said: her alarm then shows who."""
    if not dry_run:
        mentoring.log_call(site, username, cohort.name, by, note, datetime.now(UTC))
    click.echo(f"The call {'would be' if dry_run else 'is'} noted by {by}.")


@student.command()
@click.argument("username")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("score", type=click.IntRange(min=0))
@by_option("watched it")
@dry_run_option
@for_cohort
def lesson(
    site: Site, cohort: Cohort, username: str, number: int, score: int, by: str, dry_run: bool
) -> None:
    """Write down how many items of her lesson NUMBER were there; again replaces it."""
    if not dry_run:
        today = course.today(site.course)
        mentoring.record_observation(site, username, cohort.name, number, score, by, today)
    click.echo(f"Lesson {number}: {score} {'would be' if dry_run else 'is'} written by {by}.")
