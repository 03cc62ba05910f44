"""One session as an nbgrader assignment: notebooks, hints, messages, data and a Khmer catalogue.

What it writes is a source in the manner of course/source, so that nbgrader releases and grades it
like a week. A check's messages keep their week: `say("order")` of week 3 becomes
`say("w03.order")`, so that exercises of several weeks can stand in one session.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import polib

from programme.club_plan import ClubPlan
from programme.course import Week as Session
from soc.club.sources import NOTEBOOK, Exercise, find_exercises, numbered
from soc.club.texts import text
from soc.errors import SocError

PROJECT = "project"
_SAY = re.compile(r'\bsay\(\s*"([^"]+)"')
_EXTENSION = "%load_ext widgets\n"
_CATALOGUE_HEAD = {
    "Project-Id-Version": "sisters-of-code",
    "Language": "km",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "X-Review": "needs a native reader",
}


def write_source(course: Path, club: ClubPlan, number: int, target: Path) -> None:
    """Write `target`/source/sessionNN and `target`/locale/km/sessionNN.po; both may be there.

    Raises SocError for an exercise that the course does not have or a message that no week has.
    """
    session = club.session(number)
    exercises = find_exercises(course, club, number)
    folder = target / "source" / session.assignment
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = dict(_CATALOGUE_HEAD)
    pages = _Pages(course, catalogue)
    made = {NOTEBOOK: _practice(session, exercises, pages)}
    if PROJECT in session.counts:
        made[PROJECT] = _project(session, pages)
    for name, notebook in made.items():
        _write_notebook(notebook, folder / f"{name}.ipynb")
    _write_words(exercises, folder)
    _copy_data(exercises, folder)
    file = target / "locale" / "km" / f"{session.assignment}.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(file))


class _Pages:
    """Makes markdown cells, and keeps their Khmer."""

    def __init__(self, course: Path, catalogue: polib.POFile) -> None:
        self.course = course
        self.catalogue = catalogue

    def cell(self, notebook: str, identity: str, name: str, session: Session) -> Any:
        """A markdown cell with a text of the club."""
        fields = {"number": session.number, "title": session.title, "question": session.question}
        english = text(self.course, name, "en", **fields)
        self.keep(notebook, identity, english, text(self.course, name, "km", **fields))
        return nbformat.v4.new_markdown_cell(english, id=identity)

    def keep(self, notebook: str, identity: str, english: str, khmer: str) -> None:
        """Remember the Khmer of a cell, as soc.translate looks it up."""
        self.catalogue.append(
            polib.POEntry(msgctxt=f"{notebook}/{identity}", msgid=english, msgstr=khmer)
        )


def _practice(session: Session, exercises: list[Exercise], pages: _Pages) -> Any:
    name = session.assignment
    cells = [pages.cell(NOTEBOOK, f"{name}-title", "notebook.title", session)]
    weeks = {exercise.week.name: exercise.week for exercise in exercises}
    for place, week in enumerate(weeks[key] for key in sorted(weeks)):
        for found in week.setup:
            cell = copy.deepcopy(found)
            if place:  # loaded by the first set-up
                cell.source = cell.source.replace(_EXTENSION, "")
            cells.append(cell)
    for number, exercise in enumerate(exercises, 1):
        cells += [_taken(exercise, cell, number, pages) for cell in exercise.cells]
    cells.append(pages.cell(NOTEBOOK, f"{name}-end", "notebook.end", session))
    return _notebook(cells)


def _taken(exercise: Exercise, found: Any, number: int, pages: _Pages) -> Any:
    """A cell of the course with the session's number, and messages that keep their week."""
    cell = copy.deepcopy(found)
    cell.source = numbered(cell.source, number)
    if cell.cell_type == "markdown":
        khmer = exercise.week.in_khmer(found)
        if khmer:
            pages.keep(NOTEBOOK, cell.id, cell.source, numbered(khmer, number))
    else:
        cell.source = _SAY.sub(rf'say("{_prefix(exercise)}\1"', cell.source)
    return cell


def _project(session: Session, pages: _Pages) -> Any:
    """A project has been shown: one point, given by the leader."""
    name = session.assignment
    title = pages.cell(PROJECT, f"{name}-project-title", "project.title", session)
    shown = pages.cell(PROJECT, f"{name}-project-shown", "project.answer", session)
    shown.metadata["nbgrader"] = {
        "grade_id": shown.id,
        "schema_version": 3,
        "grade": True,
        "solution": True,
        "locked": False,
        "task": False,
        "points": 1,
    }
    return _notebook([title, shown])


def _notebook(cells: list[Any]) -> Any:
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _prefix(exercise: Exercise) -> str:
    return f"w{exercise.week.name.removeprefix('week')}."


def _write_notebook(notebook: Any, file: Path) -> None:
    nbformat.validate(notebook)
    nbformat.write(notebook, file)


def _write_words(exercises: list[Exercise], folder: Path) -> None:
    """messages.toml and hints.toml with what the session's exercises need."""
    messages: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    for exercise in exercises:
        for identity in _messages_of(exercise):
            known = exercise.week.messages
            if identity not in known:
                raise SocError(
                    f"{exercise.name} says {identity!r}, which "
                    f"{exercise.week.folder / 'messages.toml'} does not have."
                )
            messages[f"{_prefix(exercise)}{identity}"] = known[identity]
        if exercise.name in exercise.week.hints:
            hints[exercise.name] = exercise.week.hints[exercise.name]
    for name, tables in (("messages.toml", messages), ("hints.toml", hints)):
        (folder / name).write_text(_as_toml(tables), encoding="utf-8")


def _messages_of(exercise: Exercise) -> Iterable[str]:
    """The messages that its checks bring up, in order, each once."""
    code = "\n".join(cell.source for cell in exercise.cells if cell.cell_type == "code")
    return dict.fromkeys(_SAY.findall(code))


def _as_toml(tables: dict[str, Any]) -> str:
    """A table for each id. A JSON string is a TOML string too."""
    parts = []
    for name, table in tables.items():
        lines = [f"{key} = {_value(value)}" for key, value in table.items()]
        parts.append("\n".join([f"[{_value(name)}]", *lines]))
    return "\n\n".join(parts) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _copy_data(exercises: list[Exercise], folder: Path) -> None:
    """The data of every week that the session takes from."""
    for week in dict.fromkeys(exercise.week for exercise in exercises):
        if (week.folder / "data").is_dir():
            shutil.copytree(week.folder / "data", folder / "data", dirs_exist_ok=True)
