"""What the club book says: guides, exercises, lines to cut out, answer key. book.typ draws it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from programme.club_plan import ClubPlan
from programme.site import LANGUAGES
from soc.club.guide import Guide, read_guide
from soc.club.markdown import blocks, inline
from soc.club.paper import Paper, read_paper, sheet
from soc.club.sources import find_exercises
from soc.club.texts import text, texts
from soc.club.typesetting import as_pdf, as_pictures
from soc.errors import SocError

TEMPLATE = Path("club") / "book.typ"


def make_book(
    course: Path, club: ClubPlan, numbers: Sequence[int], languages: Sequence[str]
) -> bytes:
    """The book of these sessions. Exercises and labels are in `languages`, guides in English.

    Raises SocError when a guide does not fit on its two pages, or when Typst can't set the book,
    and CourseError for what is missing in course/club.
    """
    return as_pdf(course / TEMPLATE, contents(course, club, numbers, languages), numbers)


def make_pictures(
    course: Path,
    club: ClubPlan,
    numbers: Sequence[int],
    languages: Sequence[str],
    dots_per_inch: int,
) -> list[bytes]:
    """The same book, each page as PNG."""
    return as_pictures(course / TEMPLATE, contents(course, club, numbers, languages), dots_per_inch)


def contents(
    course: Path, club: ClubPlan, numbers: Sequence[int], languages: Sequence[str]
) -> dict[str, Any]:
    """What the template is given. Raises CourseError, and SocError for paper of no session."""
    papers = read_paper(course)
    unknown = sorted(set(papers) - {name for names in club.exercises.values() for name in names})
    if unknown:
        raise SocError(
            f"{course / 'club' / 'paper.toml'}: {', '.join(unknown)} is in no session of "
            f"{club.file}. Take it out there, or into a session here."
        )
    return {
        "title": club.course.title.in_language(languages[0]),
        "names": {language: club.course.title.in_language(language) for language in LANGUAGES},
        "languages": list(languages),
        "register": club.course.sessions,
        "texts": {
            language: {name: both.in_language(language) for name, both in texts(course).items()}
            for language in LANGUAGES
        },
        "how": _in_both(
            course,
            "book.how",
            required=club.course.policy.sessions_required,
            sessions=club.course.sessions,
        ),
        "marking": _in_both(course, "key.marking"),
        "sessions": [_session(course, club, number, papers) for number in numbers],
    }


def _session(course: Path, club: ClubPlan, number: int, papers: dict[str, Paper]) -> dict[str, Any]:
    session = club.session(number)
    exercises = find_exercises(course, club, number)
    sheets = [sheet(one, papers.get(one.name, Paper())) for one in exercises]
    return {
        "number": number,
        "title": dataclasses.asdict(session.title),
        "question": dataclasses.asdict(session.question),
        "minutes": club.minutes,
        "guide": _guide(read_guide(course, club, number)),
        "sheets": [_sheet(dataclasses.asdict(one)) for one in sheets],
    }


def _sheet(record: dict[str, Any]) -> dict[str, Any]:
    for question in record["questions"]:
        question["prompt"] = {lang: inline(said) for lang, said in question["prompt"].items()}
    return record


def _guide(guide: Guide) -> dict[str, Any]:
    """All its texts as trees, the drawing as it is."""
    record = _trees(dataclasses.asdict(guide))
    record["board"] = guide.board.strip("\n")
    return dict(record)


def _trees(value: Any) -> Any:
    if isinstance(value, str):
        return inline(value)
    if isinstance(value, dict):
        return {key: _trees(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_trees(one) for one in value]
    return value


def _in_both(course: Path, name: str, **fields: object) -> dict[str, Any]:
    return {lang: blocks(text(course, name, lang, **fields)) for lang in LANGUAGES}
