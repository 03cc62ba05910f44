"""Verbs about alumnae and everybody: mentor, chain, search."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from programme import chain as chains
from programme import course, mentors
from programme import search as search_in
from programme.chain import Chain, Link
from programme.matching import LANGUAGES, MEETS, SIDES, Side
from programme.site import Site
from soc.output import show
from soc.verbs.options import author_option, data_option, json_option


@click.group()
def mentor() -> None:
    """Wishes, pairs that fit, and pairs that are."""


@mentor.command("list")
@data_option
@json_option
def list_pairs(data: Path | None, as_json: bool) -> None:
    """List all pairs."""
    show(mentors.pairs(Site.open(data)), title="Mentors", as_json=as_json)


@mentor.command("match")
@data_option
@json_option
def match_(data: Path | None, as_json: bool) -> None:
    """Propose a pair for everybody who agreed and can have one, with the reasons."""
    found = mentors.proposals(Site.open(data))
    rows = [
        {"mentor": p.mentor.username, "mentee": p.mentee.username, "points": p.points,
         "why": ", ".join(why.en for why in p.reasons)}
        for p in found
    ]  # fmt: skip
    show(rows, title="Proposed pairs", as_json=as_json)


@mentor.command()
@click.argument("mentor_name", metavar="MENTOR")
@click.argument("mentee_name", metavar="MENTEE")
@author_option
@data_option
def confirm(mentor_name: str, mentee_name: str, by: str, data: Path | None) -> None:
    """Make a pair of two who both agreed."""
    site = Site.open(data)
    mentors.confirm(site, mentor_name, mentee_name, by, course.today(site.course))
    click.echo(f"{mentor_name} walks beside {mentee_name}.")


@mentor.command()
@click.argument("username")
@click.option("--side", type=click.Choice(SIDES), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="km", show_default=True)
@click.option("--meets", type=click.Choice(MEETS), default="either", show_default=True)
@click.option("--places", type=int, default=1, show_default=True)
@click.option("--agreed-by", required=True, help="Her name; her guardian's while she is a minor.")
@click.option("--wording", required=True, help="What was agreed to: the paper's words.")
@data_option
def wish(
    username: str, side: Side, language: str, meets: str, places: int, agreed_by: str,
    wording: str, data: Path | None,
) -> None:  # fmt: skip
    """Write down somebody's wish and that she, or her guardian, agreed on paper."""
    site, now = Site.open(data), datetime.now(UTC)
    mentors.offer(site, username, side, language, meets, places, agreed_by, wording, now)
    click.echo(f"{username}'s wish is written down.")


@mentor.command("take-back")
@click.argument("username")
@data_option
def take_back(username: str, data: Path | None) -> None:
    """Take somebody's consent back: her pairs end."""
    mentors.take_back(Site.open(data), username, datetime.now(UTC))
    click.echo(f"{username}'s consent is taken back; no pair of hers goes on.")


@click.command()
@click.argument("username", required=False)
@data_option
@json_option
def chain(username: str | None, data: Path | None, as_json: bool) -> None:
    """Show who taught USERNAME and whom she taught; without a name, how far all chains reach."""
    site = Site.open(data)
    if username is None:
        show([chains.totals(site)], title="The chain", as_json=as_json)
        return
    found = chains.read_chain(site, username)
    if as_json:
        show([asdict(found)], as_json=True)
    else:
        click.echo("\n".join(_told(found)))


def _told(found: Chain) -> list[str]:
    above = [f"{t.name} led {t.club}, where {t.learned_there} learned" for t in found.above[::-1]]
    return [*above, *_below(found.person, "")]


def _below(one: Link, indent: str) -> list[str]:
    lines = [f"{indent}{one.name} ({one.username}){', Ambassador' if one.ambassador else ''}"]
    for taught in one.clubs:
        lines.append(f"{indent}  led {taught.club}: {taught.members} members")
        for further in taught.went_on:
            lines += _below(further, f"{indent}    ")
    return lines


@click.command("search")
@click.argument("text")
@data_option
@json_option
def search(text: str, data: Path | None, as_json: bool) -> None:
    """Find somebody by the beginning of her names, in Khmer or Latin, or by her phone."""
    rows = [
        {"username": one.username, "name": f"{one.name_km} {one.name_latin}".strip(),
         "province": one.province_code, "phone": one.phone,
         "where": ", ".join(" ".join(place).strip() for place in one.places)}
        for one in search_in.search(Site.open(data), text)
    ]  # fmt: skip
    show(rows, title=text, as_json=as_json)
