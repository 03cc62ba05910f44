"""What a demo student hands in: the released week with her own answers in it.

Her answers are real ones: the author's solutions, and the wrong and right programs that the course
keeps in mistakes/ to test itself with.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from programme.site import Cohort, Site

_SOLUTION = re.compile(r"^### BEGIN SOLUTION\n(.*?)^### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
_START = re.compile(r"^### BEGIN START\n.*?^### END START\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Answers:
    """Known answers of a week: an exercise → its programs; a widget → its answer."""

    solutions: Mapping[str, str]
    wrong: Mapping[str, list[str]]
    right: Mapping[str, list[str]]
    widgets: Mapping[str, Any]


def read_answers(site: Site, week: str) -> Answers:
    """Collect the week's answers from its source and from mistakes/."""
    solutions: dict[str, str] = {}
    for file in sorted((site.course / "source" / week).glob("*.ipynb")):
        for cell in nbformat.read(file, as_version=4).cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("solution"):
                solutions[marks["grade_id"]] = _SOLUTION.sub(
                    lambda match: _START.sub("", match[1]), cell.source
                )
    wrong: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for file in sorted((site.course / "mistakes" / week).glob("*.toml")):
        listed = tomllib.loads(file.read_text(encoding="utf-8"))
        for kind, into in (("mistake", wrong), ("right", right)):
            for entry in listed.get(kind, []):
                if "code" in entry:
                    into.setdefault(entry["exercise"], []).append(entry["code"].strip("\n"))
    kept = json.loads((site.course / "mistakes" / week / "answers.json").read_text("utf-8"))
    return Answers(solutions, wrong, right, kept["answers"])


def hand_in(
    cohort: Cohort,
    week: str,
    student: str,
    when: datetime,
    answers: Answers,
    *,
    skill: float,
    dice: random.Random,
) -> Path:
    """Put a submission into the exchange, as the hub's mover does; returns its folder.

    `skill` is the chance, 0 to 1, that an exercise is solved; of the others half hold a listed
    mistake and half are left as they were released.
    """
    stamp = when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    folder = cohort.inbound / f"{student}+{week}+{stamp}+{dice.randbytes(8).hex()}"
    shutil.copytree(cohort.outbound / week, folder)
    for file in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        for cell in notebook.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("solution"):
                cell.source = _answer(marks["grade_id"], cell.source, answers, skill, dice)
        nbformat.write(notebook, file)
    given = {name: entry for name, entry in answers.widgets.items() if dice.random() < skill + 0.2}
    (folder / "answers.json").write_text(
        json.dumps({"schema": 1, "answers": given}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    (folder / "timestamp.txt").write_text(stamp, encoding="utf-8")
    (folder / "submission_secret.txt").write_text(dice.randbytes(32).hex(), encoding="utf-8")
    return folder


def _answer(
    exercise: str, released: str, answers: Answers, skill: float, dice: random.Random
) -> str:
    if dice.random() < skill:
        return dice.choice([answers.solutions[exercise], *answers.right.get(exercise, [])])
    if dice.random() < 0.5:
        return dice.choice([released, *answers.wrong.get(exercise, [])])
    return released
