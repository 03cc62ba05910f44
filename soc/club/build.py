"""Everything that a club needs, into one folder: an nbgrader course and the book. Whole or not.

<out>/course/source/sessionNN/            what nbgrader releases and grades, like course/source
<out>/course/locale/km/sessionNN.po       its words in Khmer
<out>/course/release/<language>/sessionNN/   what members get, for laptops without a hub
<out>/club-<language>.pdf                 the book; of one session, session03-<language>.pdf

All is made beside `out` first and moved into place at the end, so that a build that fails changes
nothing. The same sources give the same bytes.
"""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from programme import club_plan
from programme.club_plan import ClubPlan
from programme.site import LANGUAGES
from soc.club.book import make_book
from soc.club.notebooks import write_source
from soc.club.texts import BOTH
from soc.course_folder import nbgrader_api, run
from soc.errors import SocError
from soc.nbgrader_settings import load_settings
from soc.output import Advance
from soc.release import same_files


@dataclass(frozen=True)
class Built:
    """A file or folder, relative to the output folder. State: written or unchanged."""

    what: str
    state: str


def build_club(
    checkout: Path,
    out: Path,
    *,
    session: int | None = None,
    language: str = "en",
    on_progress: Advance | None = None,
) -> list[Built]:
    """Build all sessions, or one; `language` is en, km or both.

    Raises SocError and CourseError with file and field; then `out` is as it was.
    """
    course = checkout / "course"
    club = club_plan.read(course)
    numbers = _numbers(club, session)
    # Students read Khmer first.
    languages = LANGUAGES[::-1] if language == BOTH else (language,)
    out = out.expanduser().resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    steps = len(numbers) * (1 + len(languages)) + 1
    done = 0

    def advance(what: str) -> None:
        nonlocal done
        done += 1
        if on_progress:
            on_progress(done, steps, what)

    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch:
        made = Path(scratch)
        for number in numbers:
            write_source(course, club, number, made / "course")
            advance(club.session(number).assignment)
        name = "club" if session is None else club.session(session).assignment
        book = make_book(course, club, numbers, languages)
        (made / f"{name}-{language}.pdf").write_bytes(book)
        advance("book")
        for one in languages:
            for number in numbers:
                _release(checkout, made / "course", club.session(number).assignment, one)
                advance(f"{club.session(number).assignment} ({one})")
        return [_put(made, out, unit) for unit in _units(made)]


def _numbers(club: ClubPlan, session: int | None) -> Sequence[int]:
    known = range(1, club.course.sessions + 1)
    if session is None:
        return known
    if session not in known:
        raise SocError(f"The club has sessions 1 to {len(known)}, and none with number {session}.")
    return [session]


def _release(checkout: Path, course: Path, assignment: str, language: str) -> None:
    """What members get: nbgrader's own way, with the checkout's settings and no gradebook."""
    config = load_settings(checkout)
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.source_directory = str(course / "source")
    config.CourseDirectory.release_directory = str(course / "release" / language)
    config.Translate.language = language
    config.Translate.catalogues = str(course / "locale")
    run(nbgrader_api(config).generate_assignment, assignment, force=True, create=False)


def _units(made: Path) -> list[Path]:
    """What is replaced as a whole: a session's folder, a catalogue, the book."""
    course = made / "course"
    found = [
        *course.glob("source/*"),
        *course.glob("locale/*/*.po"),
        *course.glob("release/*/*"),
        *made.glob("*.pdf"),
    ]
    return sorted(path.relative_to(made) for path in found)


def _put(made: Path, out: Path, unit: Path) -> Built:
    fresh, place = made / unit, out / unit
    if place.exists() and _same(fresh, place):
        return Built(str(unit), "unchanged")
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        shutil.rmtree(place)
    fresh.replace(place)
    return Built(str(unit), "written")


def _same(one: Path, other: Path) -> bool:
    if one.is_dir() and other.is_dir():
        return same_files(one, other)
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)
