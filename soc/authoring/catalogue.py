"""Bring a week's Khmer catalogue up to date with its English.

A text that has changed keeps its old translation, marked fuzzy: cohorts get the English until
somebody has looked at it. A text that is new waits empty, one that is gone goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import polib

from soc.authoring.week import NOTEBOOKS, Week

_HEAD = """Khmer words of {week}: one entry a markdown cell, its context is notebook/cell id.
This translation needs the review of a native reader, preferably a teacher of girls of 14-22."""
_METADATA = {
    "Project-Id-Version": "sisters-of-code",
    "Language": "km",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
    "X-Review": "needs a native reader",
}


@dataclass(frozen=True)
class Updated:
    """Texts that are as they were, new (empty), changed (to look at again), and gone."""

    week: str
    kept: int
    new: int
    changed: int
    gone: int


def update(week: Week) -> Updated:
    """Write the catalogue, in the order of the cells. May run twice.

    Raises OSError when there is a catalogue that can't be read.
    """
    old = polib.pofile(str(week.catalogue)) if week.catalogue.is_file() else _empty(week)
    known = {entry.msgctxt: entry for entry in old}
    now = polib.POFile(wrapwidth=0)
    now.header, now.metadata = old.header, old.metadata
    counts = {"kept": 0, "new": 0, "changed": 0}
    for notebook in NOTEBOOKS:
        for cell in week.markdown(notebook):
            context = f"{notebook}/{cell['id']}"
            entry = known.pop(context, None)
            if entry is None:
                entry = polib.POEntry(msgctxt=context, msgid=cell.source)
                counts["new"] += 1
            elif entry.msgid != cell.source:
                entry.msgid = cell.source
                if entry.msgstr and "fuzzy" not in entry.flags:
                    entry.flags.append("fuzzy")
                counts["changed"] += 1
            else:
                counts["kept"] += 1
            now.append(entry)
    week.catalogue.parent.mkdir(parents=True, exist_ok=True)
    now.save(str(week.catalogue))
    return Updated(week.name, **counts, gone=len(known))


def _empty(week: Week) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.header = _HEAD.format(week=week.name)
    catalogue.metadata = dict(_METADATA)
    return catalogue
