"""Verbs about how the cohort does: status, graduate, override, export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from programme import course, decisions, export, progress
from programme.alarms import Alarm
from programme.board import Row, read_board
from programme.graduation import OUTCOMES, Outcome
from programme.record import Progress, Work
from programme.site import Cohort, Site
from soc.errors import SocError
from soc.output import show
from soc.verbs.options import DAY, author_option, dry_run_option, for_cohort, json_option

day_option = click.option("--day", type=DAY, help="As on this day. Default: today.")


@click.command()
@click.option("--student", help="One student, notebook by notebook.")
@json_option
@for_cohort
def status(site: Site, cohort: Cohort, student: str | None, as_json: bool) -> None:
    """Show how each student does, week by week."""
    found = progress.read(site, cohort.name)
    if student:
        chosen = [one for one in found if one.person.username == student]
        if not chosen:
            raise SocError(f"{student!r} is not a student of {cohort.name}.")
        show(_works(chosen[0].works), title=f"{student} in {cohort.name}", as_json=as_json)
        return
    show([_line(one) for one in found], title=cohort.name, as_json=as_json)


@click.command()
@day_option
@author_option
@dry_run_option
@json_option
@for_cohort
def graduate(
    site: Site, cohort: Cohort, day: datetime | None, by: str, dry_run: bool, as_json: bool
) -> None:
    """Decide about every student, with the reasons, and keep the decisions."""
    on = day.date() if day else course.today(site.course)
    changes = decisions.decide_all(site, cohort.name, author=by, today=on, dry_run=dry_run)
    rows = read_board(site, cohort.name, on).rows
    changed = {change.username for change in changes}
    show(
        [_decided(row, cohort.language, row.progress.person.username in changed) for row in rows],
        title=f"{cohort.name} on {on}",
        as_json=as_json,
    )
    if not as_json:
        click.echo(_totals([row.outcome for row in rows]))
        done = "would be written down" if dry_run else "written down"
        click.echo(f"{len(changes)} decisions are new or differ from the last: {done}.")


@click.command()
@click.argument("username")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--reason", required=True, help="Why: it is kept for good.")
@author_option
@dry_run_option
@for_cohort
def override(
    site: Site,
    cohort: Cohort,
    username: str,
    outcome: Outcome,
    reason: str,
    by: str,
    dry_run: bool,
) -> None:
    """Decide otherwise about one student, with a reason."""
    if not dry_run:
        decisions.override(site, cohort.name, username, outcome, reason, by)
    said = "would be" if dry_run else "is"
    click.echo(f"{username} {said} {outcome} by {by}: {reason}")


@click.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why: it is kept for good.")
@author_option
@dry_run_option
@for_cohort
def lift(site: Site, cohort: Cohort, username: str, reason: str, by: str, dry_run: bool) -> None:
    """Take a decision by hand back: what the rules say holds again."""
    if not dry_run:
        decisions.lift(site, cohort.name, username, reason, by)
    click.echo(f"The decision about {username} {'would be' if dry_run else 'is'} taken back.")


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@for_cohort
def export_(site: Site, cohort: Cohort, folder: Path) -> None:
    """Write graduation, gradebook and attendance as CSV and XLSX into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in export.write_all(site, cohort.name, folder, course.today(site.course)):
        click.echo(file)


def _line(one: Progress) -> dict[str, Any]:
    weeks: dict[str, list[str]] = {}
    for work in one.works:
        if work.state != "not_released":
            weeks.setdefault(work.assignment, []).append(_short(work))
    held = [session for session in one.sessions if session.mark]
    there = [session for session in held if session.mark in ("present", "caught_up")]
    return {
        "student": one.person.username,
        "name": one.person.name_latin,
        **{week: ", ".join(parts) for week, parts in weeks.items()},
        "sessions": f"{len(there)} of {len(held)}",
        "left": one.withdrawn_on,
    }


def _short(work: Work) -> str:
    if work.score is None or work.max_score is None:
        return f"{work.notebook} {work.state.replace('_', ' ')}"
    mark = f"{work.notebook} {float(work.score):g}/{float(work.max_score):g}"
    return mark if work.state == "graded" else f"{mark} ({work.state.replace('_', ' ')})"


def _works(works: Iterable[Work]) -> list[dict[str, Any]]:
    return [
        {
            "week": work.week,
            "notebook": work.notebook,
            "counts for": work.component,
            "state": work.state,
            "score": None if work.score is None else float(work.score),
            "of": None if work.max_score is None else float(work.max_score),
            "still to read": float(work.pending),
            "due": work.due,
            "handed in": work.submitted_at,
            "late": work.late,
        }
        for work in works
        if work.state != "not_released"
    ]


def _decided(row: Row, language: str, changed: bool) -> dict[str, Any]:
    decision, standing = row.decision, row.standing
    by_hand = standing.override if standing else None
    why = [reason.text.in_language(language) for reason in decision.reasons]
    if by_hand:
        why.insert(0, f"By {by_hand.author}: {by_hand.override_reason}")
    return {
        "student": row.progress.person.username,
        "name": row.progress.person.name_latin,
        "outcome": row.outcome,
        "average": decision.average_percent,
        "honours": row.honours,
        "why": "\n".join(why),
        "alarm": "\n".join(_alarm(alarm, language) for alarm in decision.alarms),
        "changed": changed,
    }


def _alarm(alarm: Alarm, language: str) -> str:
    text = alarm.reason.text.in_language(language)
    return f"{text} (called by {alarm.call.caller})" if alarm.call else text


def _totals(outcomes: Sequence[Outcome]) -> str:
    counted = ", ".join(f"{outcomes.count(o)} {o.replace('_', ' ')}" for o in OUTCOMES)
    return f"{len(outcomes)} students: {counted}."
