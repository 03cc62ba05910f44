"""A whole new week, in which everything runs and everything that is yours to write is marked.

The skeleton is week 0 in `skeleton/`, a small week that grades as it is; a pencil stands where
words of your own belong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from soc.authoring import catalogue
from soc.authoring.week import Week
from soc.errors import SocError

SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"week\d\d")


@dataclass(frozen=True)
class Made:
    """One file of the new week, as a path from the course folder."""

    file: str


def new_week(course: Path, name: str, title: str) -> list[Made]:
    """Write the week's source, mistakes, guide and Khmer catalogue; the files, in order.

    Raises SocError for a name that is no week's, a title that is empty or more than a line, and
    when anything of such a week is there already: nothing is changed then.
    """
    if not _NAME.fullmatch(name) or name == "week00":
        raise SocError(f"A week is called week01 to week99, so {name!r} can't be one.")
    title = title.strip()
    if not title or "\n" in title:
        raise SocError('A week needs a title of one line: soc new-week week16 "Sounds"')
    week = Week(course, name)
    places = (week.source, week.mistakes_folder, week.guides, week.catalogue)
    there = [place.relative_to(course).as_posix() for place in places if place.exists()]
    if there:
        raise SocError(
            f"{name} is there already ({', '.join(there)}). Nothing was changed. "
            f"`soc check {name}` says what is still open in it."
        )
    targets = {
        "source": week.source,
        "mistakes": week.mistakes_folder,
        "guides": week.guides,
    }
    made = []
    for part, folder in targets.items():
        for file in sorted((SKELETON / part).iterdir()):
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / file.name
            target.write_text(_renamed(file, name, title), encoding="utf-8")
            made.append(target)
    catalogue.update(week)
    made.append(week.catalogue)
    return [Made(path.relative_to(course).as_posix()) for path in made]


def _renamed(file: Path, name: str, title: str) -> str:
    """The skeleton's text with this week's number and title in the place of week 0's."""
    number = name[4:]
    if file.suffix == ".ipynb":
        title = json.dumps(title, ensure_ascii=False)[1:-1]
    text = file.read_text(encoding="utf-8")
    text = text.replace("week00", name).replace("w00-", f"w{number}-")
    return re.sub(r"\b([Ww])eek 0\b", rf"\1eek {int(number)}", text).replace("TITLE", title)
