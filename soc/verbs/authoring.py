"""Verbs of those who write the course: new-week, check, khmer, preview."""

from __future__ import annotations

import dataclasses
import itertools
import json
import textwrap
from pathlib import Path

import click

from programme.site import CHECKOUT
from soc.authoring import ids
from soc.authoring.catalogue import update
from soc.authoring.check import check as check_rules
from soc.authoring.check import unreadable
from soc.authoring.findings import Finding
from soc.authoring.new_week import new_week as make
from soc.authoring.preview import VIEWS
from soc.authoring.preview import preview as write
from soc.authoring.trial import try_out
from soc.authoring.week import Week, open_week, week_names
from soc.cli import finish
from soc.errors import SocError
from soc.output import bar, show
from soc.verbs.options import json_option

SHOWN = 6  # spots a rule; --all shows the rest
course_option = click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=CHECKOUT / "course",
    help="The course folder. Default: this checkout's.",
)


@click.command("new-week")
@click.argument("week")
@click.argument("title")
@course_option
@json_option
def new_week(week: str, title: str, course: Path, as_json: bool) -> None:
    """Make a whole new WEEK, such as week16, that runs; pencils mark what is yours to write."""
    rows = make(course, week, title)
    show(rows, title=f"{week}: written in {course}", as_json=as_json)
    if not as_json:
        click.echo(f"Next: `soc check {week}` says what to fill in. Add the week to course.toml.")


@click.command()
@click.argument("weeks", nargs=-1)
@click.option("--run", is_flag=True, help="Run its programs too, in the autograder's sandbox.")
@click.option(
    "--mistakes", is_flag=True, help="As --run, and every stored mistake and right answer too."
)
@click.option("--all", "every", is_flag=True, help="Print every place, and not the first few.")
@click.option(
    "--keep-ids", is_flag=True, help="Publish the ids, when nothing else is found: then they stay."
)
@course_option
@json_option
def check(
    weeks: tuple[str, ...],
    run: bool,
    mistakes: bool,
    every: bool,
    keep_ids: bool,
    course: Path,
    as_json: bool,
) -> None:
    """Say what in WEEKS (all when none is named) does not keep the course's rules, and why.

    Leaves with 1 when something is found.
    """
    chosen = [open_week(course, name) for name in weeks or week_names(course)]
    found = {
        week.name: _findings(week, run=run, mistakes=mistakes, keep_ids=keep_ids) for week in chosen
    }
    if as_json:
        rows = [
            {"week": name, **dataclasses.asdict(one)}
            for name, ones in found.items()
            for one in ones
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for name, findings in found.items():
            _explain(name, findings, every=every)
    finish(not any(found.values()))


@click.command()
@click.argument("weeks", nargs=-1, required=True)
@course_option
@json_option
def khmer(weeks: tuple[str, ...], course: Path, as_json: bool) -> None:
    """Bring the Khmer catalogue of WEEKS up to date with their English. May run twice."""
    rows = [update(open_week(course, name)) for name in weeks]
    show(rows, title="Khmer catalogues", as_json=as_json)


@click.command()
@click.argument("week")
@click.option("--as", "view", type=click.Choice(["student", "instructor"]), help="One view only.")
@click.option("--language", type=click.Choice(["en", "km"]), default="en", help="Of the students.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write. Default: preview/WEEK, here.",
)
@course_option
@json_option
def preview(
    week: str, view: str | None, language: str, to: Path | None, course: Path, as_json: bool
) -> None:
    """Write HTML of what students and instructors see of WEEK: files that a phone can show."""
    folder = (to or Path("preview") / week).resolve()
    views = (view,) if view else VIEWS
    pages = write(open_week(course, week), folder, views, language=language)
    if as_json:
        show(pages, as_json=True)
        return
    for page in pages:
        click.echo(f"{page.view:10} {page.what:10} {page.file}")
    click.echo(f"{week}: open {folder / 'index.html'}")


def _findings(week: Week, *, run: bool, mistakes: bool, keep_ids: bool) -> list[Finding]:
    found = check_rules(week)
    if (run or mistakes) and not unreadable(week):
        with bar(f"Running {week.name}") as advance:
            found += try_out(week, attempts=mistakes, on_progress=advance)
    if not keep_ids:
        return found
    others = [one for one in found if one.rule != "id-kept"]
    if others:
        raise SocError(
            f"{week.name} has {len(others)} other things to put right first: `soc check "
            f"{week.name}` names them. Ids are published when the week is ready; none was."
        )
    ids.keep(week)
    return []


def _explain(name: str, findings: list[Finding], *, every: bool) -> None:
    """The findings of a week in plain words, rule by rule: where, then why and what to do."""
    if not findings:
        click.echo(f"{name}: nothing to put right.")
        return
    rules = [list(same) for _, same in itertools.groupby(findings, key=lambda one: one.rule)]
    for same in rules:
        first = same[0]
        click.secho(f"\n{first.rule} · {len(same)}", bold=True)
        click.echo(_wrapped("Why: ", first.why))
        click.echo(_wrapped("Do:  ", first.do))
        for one in same if every else same[:SHOWN]:
            cell = f", cell {one.cell}" if one.cell is not None else ""
            named = f" [{one.id}]" if one.id else ""
            click.echo(f"  • {one.file}{cell}{named}: {one.what}")
        if not every and len(same) > SHOWN:
            click.echo(f"  … and {len(same) - SHOWN} more: --all shows them")
    count = len(findings)
    click.echo(f"\n{name}: {count} {'place' if count == 1 else 'places'} to look at.")


def _wrapped(label: str, text: str) -> str:
    indent = " " * (2 + len(label))
    return textwrap.fill(text, 96, initial_indent=f"  {label}", subsequent_indent=indent)
