"""Does it work without a network, without eyes for a picture, and on another machine?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from programme.site import CHECKOUT
from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week

_NO_WORDS = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=)")
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@rule(
    why="A girl who can't see the picture, or whose phone did not load it, reads its words.",
    do="Write what the picture shows: ![Two cups, one of them full](data/cups.png).",
)
def picture_words(week: Week) -> Iterator[Spot]:
    """Pictures without words."""
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            if _NO_WORDS.search(cell.source):
                yield at(week, notebook, cell["id"], "a picture has no words")


@rule(
    why="Many have no network at home, and data cost money.",
    do="Put the file into the week's data folder, or name the source in the guide.",
)
def offline(week: Week) -> Iterator[Spot]:
    """Addresses in a notebook."""
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            if "://" in cell.source:
                yield at(week, notebook, cell["id"], "something comes from the network (“://”)")


@rule(
    why="A link that leads nowhere looks like her own fault.",
    do="Put the file there, or correct the path: it begins at the folder of this text.",
)
def links(week: Week) -> Iterator[Spot]:
    """Links to files that aren't there."""
    for notebook in NOTEBOOKS:
        for cell in week.markdown(notebook):
            for target in _LINK.findall(cell.source):
                if "://" not in target and not (week.source / target).is_file():
                    yield at(week, notebook, cell["id"], f"there is no file {target}")
    for file in sorted(week.guides.glob("*.md")):
        for target in _LINK.findall(file.read_text(encoding="utf-8")):
            if "://" not in target and not (file.parent / target).is_file():
                yield Spot(file, f"there is no file {target}")


@rule(
    why="Stored outputs show what the writer's machine is like, and differ on every other.",
    do="Store them anew: python -m tests.course.outputs and the week's name.",
)
def one_machine(week: Week) -> Iterator[Spot]:
    """Stored outputs of a lesson that name a place of one machine."""
    for cell in week.notebooks["lesson"].cells:
        said = str(cell.get("outputs", ""))
        for place in ("site-packages", str(CHECKOUT)):
            if place in said:
                yield at(week, "lesson", cell["id"], f"an output names a folder: {place}")


RULES = (picture_words, offline, links, one_machine)
