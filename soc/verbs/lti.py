"""Verbs about an LMS: show, keys, roster, grades, untie."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from hub import accounts, ways
from hub.lti import keys as tool_keys
from hub.lti.message import Addresses
from hub.lti.services import LmsMember, ServiceError, Services
from programme import course
from programme.site import Cohort, Site
from soc.cli import finish
from soc.cohorts import ensure_students_in_gradebook
from soc.errors import SocError
from soc.lms import marks, members
from soc.lms.connection import find_course
from soc.output import as_record, show
from soc.verbs.options import data_option, dry_run_option, for_cohort, json_option


@click.group()
def lti() -> None:
    """Work with an LMS by LTI 1.3: see docs/lti.md."""


@lti.command("show")
@data_option
@json_option
def show_(data: Path | None, as_json: bool) -> None:
    """Print what the LMS has to know about this school."""
    here = Addresses(f"{ways.public_url(Site.open(data))}hub/")
    rows = [
        ("Tool URL", here.launch),
        ("Initiate login URL", here.login),
        ("Redirection URI", here.launch),
        ("Public keyset URL", here.keys),
        ("Content selection URL (deep linking)", here.choose),
        ("Custom parameter of a link", "week=week01"),
    ]
    show([{"field": field, "value": value} for field, value in rows], as_json=as_json)


@lti.command()
@click.option("--rotate", is_flag=True, help="Make the next key; it signs from tomorrow on.")
@click.option("--now", is_flag=True, help="With --rotate: all others end now. When one is known.")
@data_option
@json_option
def keys(rotate: bool, now: bool, data: Path | None, as_json: bool) -> None:
    """List this school's keys, or make the next one."""
    site = Site.open(data)
    if now and not rotate:
        raise SocError("--now goes with --rotate.")
    if rotate:
        tool_keys.rotate(site, now=now)
    signing = tool_keys.signing_key(site)
    rows = [
        {"key": key.kid, "made": datetime.fromtimestamp(key.made, UTC), "signs": key == signing}
        for key in tool_keys.all_keys(site)
    ]
    show(rows, as_json=as_json)


@lti.command()
@dry_run_option
@json_option
@for_cohort
def roster(site: Site, cohort: Cohort, dry_run: bool, as_json: bool) -> None:
    """Compare the LMS's course with the cohort, and enrol its students.

    Nobody is made an instructor, nobody is withdrawn: who should be is named.
    """
    platform, course_there = find_course(site, cohort)
    if not course_there.memberships:
        raise SocError(
            f"The LMS gives its course of {cohort.name} no list of members. Its administrator "
            "switches on 'Names and Role Provisioning'; then open one link from there again."
        )
    there = asyncio.run(_members(Services(site, platform), course_there.memberships))
    rows = members.compare(members.Roster.read(site, cohort, platform), platform, there)
    if not dry_run:
        rows = members.write(site, cohort, platform, rows, course.today(site.course))
        ensure_students_in_gradebook(site, cohort)
    shown = [{name: as_record(row)[name] for name in ("username", "name", "state", "what")}
             for row in rows if row.state != "same"]  # fmt: skip
    title = f"{cohort.name} and the LMS's course" + (" (nothing written)" if dry_run else "")
    show(shown, title=title, as_json=as_json)
    finish(not [row for row in rows if row.state == "look"])


async def _members(services: Services, url: str) -> list[LmsMember]:
    try:
        return await services.members(url)
    except ServiceError as error:
        raise SocError(str(error)) from error


@lti.command()
@dry_run_option
@json_option
@for_cohort
def grades(site: Site, cohort: Cohort, dry_run: bool, as_json: bool) -> None:
    """Give the LMS the marks whose feedback is released. What it has already isn't sent again."""
    platform, course_there = find_course(site, cohort)
    if dry_run:
        rows = marks.due_marks(site, cohort, platform)
    else:
        rows = asyncio.run(marks.send(site, cohort, platform, course_there))
    title = f"Marks of {cohort.name} for the LMS" + (" (nothing sent)" if dry_run else "")
    show([row for row in rows if row.state != "same"], title=title, as_json=as_json)
    finish(not [row for row in rows if row.state == "failed"])


@lti.command()
@click.argument("username")
@data_option
def untie(username: str, data: Path | None) -> None:
    """Let go of somebody's account elsewhere (an LMS's, a provider's): the next one is tied."""
    gone = accounts.untie(Site.open(data), username)
    click.echo(f"{username}: {gone} accounts elsewhere are no longer tied to her.")
