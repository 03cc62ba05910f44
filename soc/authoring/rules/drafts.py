"""Is everything written that `soc new-week` left open?"""

from __future__ import annotations

from collections.abc import Iterator

from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week

MARK = "✎"  # stands where an author still has to write


@rule(
    why="A pencil marks a place that `soc new-week` left for you.",
    do="Write your own words there and take the pencil away. Weeks 1 and 2 are the pattern.",
)
def still_to_write(week: Week) -> Iterator[Spot]:
    """Pencils, each line once."""
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            for line in _marked(cell.source):
                yield at(week, notebook, cell["id"], line)
    folders = (week.source, week.guides, week.mistakes_folder)
    files = [p for folder in folders for p in sorted(folder.glob("*")) if p.suffix != ".ipynb"]
    for file in (file for file in files if file.suffix in (".toml", ".md")):
        for line in _marked(file.read_text(encoding="utf-8")):
            yield Spot(file, line)


def _marked(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if MARK in line]


RULES = (still_to_write,)
