"""A data folder and the cohorts in it: everything that must be there before a week is released.

Every function may be run twice. The programme's database knows the people; the cohort's gradebook
gets its students from there.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from nbgrader.api import Gradebook

from programme import roster
from programme.site import LANGUAGES, Cohort, Site
from programme.store import ensure_database, reading
from programme.taught import course_of
from programme.whole_file import FOR_ALL, write_whole
from soc.course_folder import ensure_course_folder
from soc.database import ensure_database_exists
from soc.errors import SocError


def ensure_site(root: Path, *, course_folder: Path | None = None, database: str = "") -> Site:
    """Make the data folder, readable by its owner only, and the programme's database.

    `database` is a SQLAlchemy URL with `{cohort}` where the gradebooks' name goes, for PostgreSQL;
    without it all is SQLite. What soc.toml says already is never changed.
    """
    root = root.expanduser().resolve()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = root / "soc.toml"
    if not settings.exists():
        lines = ["# What this installation chose. See docs/operator.md."]
        if course_folder:
            lines.append(f'course = "{course_folder.resolve()}"')
        if database:
            lines.append(f'programme_url = "{database.format(cohort="programme")}"')
            lines.append(f'gradebook_url = "{database}"')
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.chmod(settings, 0o600)  # noqa: PTH101  a database URL may hold a password
    site = Site.open(root)
    ensure_database_exists(site.programme_url)
    ensure_database(site.programme_url)
    return site


def ensure_cohort(
    site: Site,
    name: str,
    starts_on: date,
    *,
    language: str = "en",
    kind: str = "ambassador",
    mode: str = "online",
) -> Cohort:
    """Add a cohort: to the programme, as an nbgrader course folder, and with a gradebook.

    Raises SocError for a language that the course isn't in, or when the cohort is there in another.
    """
    if language not in LANGUAGES:
        raise SocError(f"{language!r} is no language of the course: {', '.join(LANGUAGES)}.")
    roster.add_cohort(site, name, starts_on, kind=kind, mode=mode)
    folder = site.root / "cohorts" / name
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "cohort.toml"
    if not settings.exists():
        chosen = f'language = "{language}"\nkind = "{kind}"\n'
        settings.write_text(chosen, encoding="utf-8")
    elif tomllib.loads(settings.read_text(encoding="utf-8")).get("language", "en") != language:
        raise SocError(f"{name} is there already, in another language. A cohort has one language.")
    cohort = site.cohort(name)
    ensure_database_exists(cohort.gradebook_url)
    ensure_course_folder(cohort)
    return cohort


def grade_arrivals(cohort: Cohort, since: datetime | None) -> None:
    """From `since` on (aware), have the hub grade what arrives as it arrives; None: don't.

    What arrived before waits for an instructor, so that nothing is given back unasked.
    """
    settings = cohort.root / "cohort.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("grade_arrivals_since")]
    if since is not None:
        lines.append(f"grade_arrivals_since = {since.astimezone(UTC).isoformat()}")
    write_whole(settings, "".join(f"{line}\n" for line in lines).encode(), mode=FOR_ALL)


@dataclass(frozen=True)
class Listed:
    """One cohort in the list."""

    cohort: str
    language: str
    starts_on: date
    mode: str
    students: int


def list_cohorts(site: Site) -> list[Listed]:
    """All cohorts of the site, the latest first."""
    rows = []
    for row in roster.known_cohorts(site):
        if row.name in site.cohort_names():
            language = site.cohort(row.name).language
            students = [e for e in roster.enrolled(site, row.name) if e.status == "active"]
            rows.append(Listed(row.name, language, row.starts_on, row.mode, len(students)))
    return rows


def ensure_students_in_gradebook(site: Site, cohort: Cohort) -> int:
    """Give the gradebook every student who is enrolled; returns how many are new to it.

    Who was withdrawn stays, with her marks. nbgrader gets the Latin name and nothing else.
    """
    enrolled = roster.enrolled(site, cohort.name)
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        known = {student.id for student in gradebook.students}
        new = [e.person for e in enrolled if e.person.username not in known]
        for person in new:
            family, _, given = person.name_latin.partition(" ")
            gradebook.add_student(person.username, first_name=given or family, last_name=family)
    return len(new)


def due_by_calendar(site: Site, cohort: Cohort, week: str) -> datetime:
    """When `week` is due for this cohort, by course.toml and its first day. Aware, in UTC."""
    plan = course_of(site, cohort.name)
    numbers: Sequence[int] = [w.number for w in plan.weeks if w.assignment == week]
    if not numbers:
        raise SocError(f"{plan.id} has no {week}, so nothing says when it is due. Pass --due.")
    with reading(site) as connection:
        starts_on = roster.find_cohort(connection, cohort.name).starts_on
    return plan.schedule.due(starts_on, numbers[0])
