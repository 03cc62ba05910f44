"""The club book as PDF: guides, exercises, lines to cut out, answer key. Set by Typst.

Fonts come from packages and from Typst itself, never from the machine or the network, and the time
is a fixed one: the same sources give the same bytes on every machine.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst

from programme.club import Club
from soc.club.guide import Guide, read_guide
from soc.club.markdown import blocks, inline
from soc.club.paper import LANGUAGES, Paper, read_paper, sheet
from soc.club.sources import find_exercises
from soc.club.texts import texts
from soc.errors import SocError

FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_khmer")
GUIDE_PAGES = 2
_MADE_AT = 1_767_225_600  # 2026-01-01, for every copy


def make_book(course: Path, club: Club, numbers: Sequence[int], languages: Sequence[str]) -> bytes:
    """The book of these sessions. Exercises and labels are in `languages`, guides in English.

    Raises SocError when a guide does not fit on its two pages, or when Typst can't set the book,
    and CourseError for what is missing in course/club.
    """
    papers = read_paper(course)
    unknown = sorted(set(papers) - {name for names in club.exercises.values() for name in names})
    if unknown:
        raise SocError(
            f"{course / 'club' / 'paper.toml'}: {', '.join(unknown)} is in no session of "
            f"{club.file}. Take it out there, or into a session here."
        )
    content = {
        "title": club.course.title.in_language(languages[0]),
        "names": {language: club.course.title.in_language(language) for language in LANGUAGES},
        "languages": list(languages),
        "texts": {
            language: {name: both.in_language(language) for name, both in texts(course).items()}
            for language in LANGUAGES
        },
        "how": _in_both(course, "book.how"),
        "marking": _in_both(course, "key.marking"),
        "sessions": [_session(course, club, number, papers) for number in numbers],
    }
    return _set(course / "club" / "book.typ", content, numbers)


def _session(course: Path, club: Club, number: int, papers: dict[str, Paper]) -> dict[str, Any]:
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


def _in_both(course: Path, name: str) -> dict[str, Any]:
    return {lang: blocks(texts(course)[name].in_language(lang)) for lang in LANGUAGES}


def _set(template: Path, content: dict[str, Any], numbers: Sequence[int]) -> bytes:
    """Set the book in a Typst that sees no font of the machine."""
    inputs = {"book": json.dumps(content, ensure_ascii=False)}
    compiler = typst.Compiler(
        input=str(template), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )
    try:
        found = json.loads(compiler.query("<mark>", field="value"))
        _check_guides(found, numbers)
        made = compiler.compile(format="pdf", timestamp=_MADE_AT)
    except typst.TypstError as error:
        raise SocError(f"{template} could not be set: {error}") from error
    if not isinstance(made, bytes):
        raise SocError(f"{template} made no PDF.")
    return made


def _check_guides(marks: list[dict[str, Any]], numbers: Sequence[int]) -> None:
    at = {(mark["session"], mark["part"]): int(mark["page"]) for mark in marks}
    for number in numbers:
        begins = at[number, "guide"]
        plan, end = at[number, "plan-end"], at[number, "guide-end"]
        if plan != begins or end != begins + 1:
            raise SocError(
                f"The guide of session {number} takes {end - begins + 1} pages (its plan "
                f"{plan - begins + 1}): it must fit on {GUIDE_PAGES}. Shorten "
                f"guides/session{number:02}.toml."
            )


def _fonts() -> list[str]:
    found = []
    for package in FONT_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SocError(f"The package {package} is missing, and with it its fonts. Run `make`.")
        found.append(str(Path(spec.origin).parent / "files"))
    return found
