"""Is the Khmer edition whole, and is its Khmer written in one way?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import polib

from programme.written import KHMER
from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week
from soc.authoring.words import TWO_PARTS

ON_PURPOSE = "shows-two-spellings"  # a cell's tag: here the look-alike is what is taught
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


@rule(
    why="Two ways to type a sign look the same and compare unequal; a hidden space stops Python.",
    do="Type the sign in one part, without zero-width spaces; NFC. Where that is the lesson, give "
    f"the cell the tag {ON_PURPOSE}.",
)
def khmer_spelling(week: Week) -> Iterator[Spot]:
    """Khmer in two parts, with hidden spaces, or not in NFC."""
    shown = {
        cell["id"]
        for notebook in week.notebooks.values()
        for cell in notebook.cells
        if ON_PURPOSE in cell.metadata.get("tags", [])
    }
    for file, identity, text in week.texts():
        if identity in shown or not (TWO_PARTS.search(text) or _is_loose(text)):
            continue
        what = "a Khmer sign in two parts, a hidden space, or not NFC"
        if file.suffix == ".ipynb":
            yield at(week, file.stem, identity, what)
        else:
            yield Spot(file, what, identity)


@rule(
    why="A Khmer cohort gets English where a text has no translation, or has changed since.",
    do="`soc khmer` and the week's name brings the catalogue up to date; then write what is empty.",
)
def khmer_whole(week: Week) -> Iterator[Spot]:
    """Texts without a translation of their present words, and translations without a text."""
    if not week.catalogue.is_file():
        yield Spot(week.catalogue, "there is no catalogue")
        return
    entries = polib.pofile(str(week.catalogue))
    kept = {(entry.msgctxt, entry.msgid) for entry in entries if entry.translated()}
    wanted = {
        (f"{notebook}/{cell['id']}", cell.source): (notebook, cell["id"])
        for notebook in NOTEBOOKS
        for cell in week.markdown(notebook)
    }
    for key in (key for key in wanted if key not in kept):
        yield at(week, *wanted[key], "its words as they are now have no Khmer")
    for entry in entries:
        if (entry.msgctxt, entry.msgid) not in wanted:
            what = "its English is no longer in the notebook"
            yield Spot(week.catalogue, what, str(entry.msgctxt))


@rule(
    why="Code is the same in every language: a translated name does not run.",
    do="Copy what stands in backquotes and fences from the English as it is.",
)
def khmer_code(week: Week) -> Iterator[Spot]:
    """Translations whose code differs."""
    for entry in _catalogue(week):
        if Counter(_CODE.findall(entry.msgid)) != Counter(_CODE.findall(entry.msgstr)):
            yield Spot(week.catalogue, "its code is not that of the English", str(entry.msgctxt))


@rule(
    why="A translation that nobody has checked must say so; one that is English helps nobody.",
    do="Write Khmer, without zero-width spaces, in NFC. Leave the note about a native reader until "
    "one has read it.",
)
def khmer_reviewed(week: Week) -> Iterator[Spot]:
    """Catalogues without the note, and translations that are no Khmer."""
    if not week.catalogue.is_file():
        return
    catalogue = polib.pofile(str(week.catalogue))
    if "native reader" not in catalogue.header:
        yield Spot(week.catalogue, "its head does not say that a native reader must see it")
    for entry in catalogue.translated_entries():
        if not KHMER.search(entry.msgstr):
            yield Spot(week.catalogue, "it is not Khmer", str(entry.msgctxt))
        elif "\u200b" in entry.msgstr or _is_loose(entry.msgstr):
            yield Spot(week.catalogue, "a hidden space, or not NFC", str(entry.msgctxt))


def _catalogue(week: Week) -> list[polib.POEntry]:
    """What is translated, if there is a catalogue."""
    if not week.catalogue.is_file():
        return []
    return list(polib.pofile(str(week.catalogue)).translated_entries())


def _is_loose(text: str) -> bool:
    return not unicodedata.is_normalized("NFC", text)


RULES = (khmer_spelling, khmer_whole, khmer_code, khmer_reviewed)
