"""The ids of a week as they were when it was first published: `python -m tests.course.ids week03`.

Translations, grades and learners' answers hang on them: they never change. The command adds a new
week, and refuses to change one that is kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.course.weeks import NOTEBOOKS, read

KEPT = Path(__file__).parent / "ids"


def found(week: str) -> dict[str, list[str]]:
    """The cell ids of each notebook, in order."""
    return {name: [cell["id"] for cell in read(week, name).cells] for name in NOTEBOOKS}


def kept(week: str) -> dict[str, list[str]] | None:
    """The ids that were published; None when the week never was."""
    file = KEPT / f"{week}.json"
    if not file.is_file():
        return None
    published: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return published


def keep(week: str) -> None:
    """Publish the week's ids. Raises SystemExit when others were published before."""
    if kept(week) not in (None, found(week)):
        raise SystemExit(
            f"{week}: ids were published that are different now. Restore the old ones."
        )
    KEPT.mkdir(exist_ok=True)
    text = json.dumps(found(week), indent=1) + "\n"
    (KEPT / f"{week}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        keep(name)
        print(f"{name}: ids kept")
