"""An exercise on paper: its task, what stands printed, what is cut out, and its answer.

Widgets are read from their cells' syntax, never run: a puzzle's lines, a quiz's questions. Lines
are shuffled with the exercise's name as the seed, so that each copy of the book is the same.
"""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programme.site import LANGUAGES
from programme.toml_table import Table, read_toml
from soc.club.markdown import Tree, blocks
from soc.club.sources import Exercise
from soc.errors import SocError

_ON_A_LAPTOP = ("-run-text", "-look", "-try", "-load")  # tasks that speak of running a cell
_REGION = re.compile(
    r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n?", re.DOTALL | re.MULTILINE
)
_START = re.compile(r"^ *### BEGIN START\n(.*?)^ *### END START\n", re.DOTALL | re.MULTILINE)
_MAGIC = re.compile(r"^%%.*\n", re.MULTILINE)

Said = dict[str, str]


@dataclass(frozen=True)
class Question:
    """A question of a trace, in both languages, and its right answer."""

    prompt: Said
    choices: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Sheet:
    """One exercise as the book prints it. Texts are by language; `task` is mistune's tree.

    `code` is what she begins with, `solution` what stands in the key; a puzzle has `lines` instead,
    shuffled and without their indentation, of which `stray` do not belong.
    """

    name: str
    kind: str
    points: int
    title: Said
    task: dict[str, Tree]
    code: str = ""
    solution: str = ""
    lines: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    today: tuple[str, ...] = ()
    shows: str = ""
    draw: bool = False


@dataclass(frozen=True)
class Paper:
    """What paper.toml says of one exercise."""

    today: Mapping[str, Any] = field(default_factory=dict)
    shows: str = ""
    draw: bool = False


def read_paper(course: Path) -> dict[str, Paper]:
    """paper.toml by exercise. Raises CourseError that names file and key."""
    top = read_toml(course / "club" / "paper.toml")
    return {name: _paper(top.table(name)) for name in top.data}


def sheet(exercise: Exercise, paper: Paper) -> Sheet:
    """The exercise on paper. Raises SocError when its widget or its program can't be read."""
    english, khmer = _words(exercise)
    common: dict[str, Any] = {
        "name": exercise.name,
        "kind": exercise.kind,
        "points": exercise.points,
        "title": {"en": _heading(english), "km": _heading(khmer)},
        "task": {"en": blocks(english.partition("\n")[2]), "km": blocks(khmer.partition("\n")[2])},
        "today": tuple(_box(name, value) for name, value in paper.today.items()),
        "shows": paper.shows,
        "draw": paper.draw,
    }
    if exercise.kind == "x":
        call = _call(exercise, "Parsons")
        right = ast.literal_eval(call.args[1])
        stray = ast.literal_eval(_keyword(call, "distractors", "[]"))
        lines = _shuffled([line.strip() for line in (*right, *stray)], exercise.name)
        solution = "\n".join(right)
        return Sheet(**common, lines=lines, stray=tuple(stray), solution=solution)
    if exercise.kind == "t":
        asked = _call(exercise, "Quiz").args[1]
        if not isinstance(asked, ast.List):
            raise SocError(f"{exercise.name}: the questions of its Quiz are no list.")
        return Sheet(**common, questions=tuple(_question(one) for one in asked.elts))
    code = _own_cell(exercise)
    return Sheet(**common, code=_begun(code), solution=_solved(code))


def _paper(table: Table) -> Paper:
    today = dict(table.table("today").data) if "today" in table.data else {}
    shows = table.text("shows") if "shows" in table.data else ""
    draw = table.boolean("draw") if "draw" in table.data else False
    table.done()
    return Paper(today, shows, draw)


def _box(name: str, value: Any) -> str:
    """A box and what lies in it, in the course's way to write Python."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"


def _words(exercise: Exercise) -> tuple[str, str]:
    """The task in English and in Khmer; where Khmer is missing, English."""
    tasks = [cell for cell in exercise.tasks if not cell.id.endswith(_ON_A_LAPTOP)]
    english = [cell.source for cell in tasks]
    khmer = [exercise.week.in_khmer(cell) or cell.source for cell in tasks]
    return "\n\n".join(english), "\n\n".join(khmer)


def _heading(task: str) -> str:
    return task.partition("\n")[0].lstrip("# ").partition(" · ")[2]


def _own_cell(exercise: Exercise) -> str:
    """The cell in which she writes."""
    for cell in exercise.cells:
        if cell.id == exercise.name and cell.cell_type == "code":
            return _MAGIC.sub("", cell.source)
    raise SocError(f"{exercise.name} has no cell of its own name to write in.")


def _begun(code: str) -> str:
    """What she begins with, as soc.starts makes it at release."""

    def start(region: re.Match[str]) -> str:
        found = _START.search(region[1])
        lines = found[1].splitlines() if found else []
        return "".join(f"{line.removeprefix('#').removeprefix(' ')}\n" for line in lines)

    return _REGION.sub(start, f"{code}\n").rstrip("\n")


def _solved(code: str) -> str:
    return _REGION.sub(lambda region: _START.sub("", region[1]), f"{code}\n").rstrip("\n")


def _call(exercise: Exercise, widget: str) -> ast.Call:
    for cell in exercise.cells:
        if cell.cell_type == "code" and f"{widget}(" in cell.source:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == widget:
                    return node
    raise SocError(f"{exercise.name} has no {widget} in its cells, so paper can't show it.")


def _keyword(call: ast.Call, name: str, default: str) -> ast.expr | str:
    return next((word.value for word in call.keywords if word.arg == name), default)


def _question(node: ast.expr) -> Question:
    if not isinstance(node, ast.Call):
        raise SocError(f"{ast.unparse(node)[:60]} is no Question.")
    prompt = ast.literal_eval(node.args[1])
    choices = ast.literal_eval(_keyword(node, "choices", "{}"))
    right = ast.literal_eval(_keyword(node, "right", "None"))
    said = dict(prompt) if isinstance(prompt, dict) else {}
    words = said or dict.fromkeys(LANGUAGES, str(prompt))
    shown = str(choices.get(right, right))
    return Question(words, tuple(str(choice) for choice in choices.values()), shown)


def _shuffled(lines: list[str], seed: str) -> tuple[str, ...]:
    """In another order than before, unless there is only one line."""
    mixed = list(lines)
    draw = random.Random(seed)  # noqa: S311  (the same order in each copy is the point)
    while mixed == lines and len(set(lines)) > 1:
        draw.shuffle(mixed)
    return tuple(mixed)
