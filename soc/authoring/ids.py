"""The ids of a week as they were when it was first published, in `course/ids/weekNN.json`.

Translations, grades and learners' answers hang on them: they never change. A cell may come between,
with a new id.
"""

from __future__ import annotations

import json
from pathlib import Path

from soc.authoring.week import NOTEBOOKS, Week
from soc.errors import SocError


def file_of(week: Week) -> Path:
    """Where the published ids are kept."""
    return week.course / "ids" / f"{week.name}.json"


def found(week: Week) -> dict[str, list[str]]:
    """The cell ids of each notebook, in order."""
    return {name: [cell["id"] for cell in week.notebooks[name].cells] for name in NOTEBOOKS}


def kept(week: Week) -> dict[str, list[str]] | None:
    """The ids that were published; None when the week never was."""
    file = file_of(week)
    if not file.is_file():
        return None
    published: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return published


def lost(week: Week) -> dict[str, list[str]]:
    """By notebook, the published ids that are gone or stand in another order; none, when new."""
    published = kept(week) or {}
    now = found(week)
    gone = {}
    for notebook, ids in published.items():
        here = [identity for identity in now[notebook] if identity in set(ids)]
        if here != ids:
            gone[notebook] = sorted(set(ids) - set(here)) or ["their order"]
    return gone


def keep(week: Week) -> Path:
    """Publish the week's ids, new ones among old ones too. Raises SocError when an old one is lost.

    Returns the file.
    """
    if gone := lost(week):
        names = ", ".join(name for ids in gone.values() for name in ids)
        raise SocError(
            f"{week.name}: published ids are lost ({names}). Grades and translations hang on them: "
            f"restore them in the notebooks. They are kept in {file_of(week)}."
        )
    file = file_of(week)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(found(week), indent=1) + "\n", encoding="utf-8")
    return file
