"""Are ids, on which grades and translations hang, named well, unique and as they were?"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from soc.authoring import ids
from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week


@rule(
    why="One name for one cell: gradebook, catalogue and answers find it by this id.",
    do="Begin the id with the week (w05-), and give the grade_id the same text.",
)
def id_names(week: Week) -> Iterator[Spot]:
    """Cells whose id does not name the week, or whose grade_id is another."""
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", cell["id"])
            if grade_id != cell["id"]:
                yield at(week, notebook, cell["id"], f"its grade_id is another: {grade_id}")
            if not cell["id"].startswith(week.prefix):
                yield at(week, notebook, cell["id"], f"its id does not begin with {week.prefix}")


@functools.cache  # fifteen weeks ask for one another's; a file that changes is read again
def _ids_in(notebook: Path, changed_ns: int, size: int) -> frozenset[str]:  # noqa: ARG001
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return frozenset(str(cell.get("id")) for cell in cells)
    except (ValueError, LookupError, TypeError, AttributeError):
        return frozenset()  # no notebook: that is said of its own week


@rule(
    why="With two cells of one id, one of them gets the other's marks and words.",
    do="Give the later cell an id of its own.",
)
def id_unique(week: Week) -> Iterator[Spot]:
    """Ids that this week has twice, or that another week has too."""
    elsewhere = set().union(
        *(
            _ids_in(path, path.stat().st_mtime_ns, path.stat().st_size)
            for path in week.course.glob("source/week*/*.ipynb")
            if path.parent != week.source
        )
    )
    times = Counter(c["id"] for n in NOTEBOOKS for c in week.notebooks[n].cells)
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            if times[cell["id"]] > 1 or cell["id"] in elsewhere:
                yield at(week, notebook, cell["id"], "another cell has the same id")


@rule(
    why="Marks and translations of cohorts hang on the ids that were published.",
    do="Restore a lost id. For new cells, and when the week is ready: soc check --keep-ids.",
)
def id_kept(week: Week) -> Iterator[Spot]:
    """Published ids that are lost, and cells that aren't published."""
    published = ids.kept(week)
    if published is None:
        yield Spot(ids.file_of(week), "its ids are not published yet")
        return
    lost = ids.lost(week)
    for notebook, names in lost.items():
        file = week.source / f"{notebook}.ipynb"
        yield Spot(file, f"not as published: {', '.join(names)}")
    for notebook, names in ids.found(week).items():
        for name in names:
            if name not in published[notebook]:
                yield at(week, notebook, name, "this cell is not published yet")


RULES = (id_names, id_unique, id_kept)
