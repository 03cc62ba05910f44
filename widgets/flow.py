"""`Flow`: the flow diagram of an `if` or a loop, and the way the last run took through it.

The diagram comes from the program's syntax tree; the run is recorded under the runner's guards.
Rule: the taken way is told by thickness and by counts, not by colour alone. `break` joins the way
out of its loop and `continue` the way back to its question; a function is one step, as its
definition is.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from widgets.card import Card, title
from widgets.language import Said, word, words
from widgets.runner import run
from widgets.sheet import Sheet

LETTER, HIGH, GAP, SIDE = 8.5, 40.0, 26.0, 24.0
LONGEST_TEXT = 40
MOST_STEPS = 5_000
_MARKS = {"ask": "?", "box": "·"}

Point = tuple[float, float]


class FlowError(Exception):
    """The text is no program that Python can read."""


@dataclass(frozen=True)
class Shape:
    """A step (`box`) or a question (`ask`), by its middle."""

    kind: str
    x: float
    y: float
    width: float
    text: str
    count: int


@dataclass(frozen=True)
class Wire:
    """A way from shape to shape: how often it was taken, and the answer it stands for."""

    points: tuple[Point, ...]
    taken: bool
    label: str = ""


@dataclass(frozen=True)
class Jump:
    """A `break` or a `continue` whose loop isn't drawn yet, by the middle of its shape."""

    kind: type[ast.stmt]
    x: float
    y: float
    half: float
    taken: bool


@dataclass(frozen=True)
class Part:
    """A piece of the diagram around an axis at x = 0, entered at the top, left at the bottom."""

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    shapes: tuple[Shape, ...] = ()
    wires: tuple[Wire, ...] = ()
    jumps: tuple[Jump, ...] = ()
    goes_on: bool = True

    def moved(self, x: float, y: float) -> Part:
        """The same piece elsewhere."""
        shapes = tuple(replace(shape, x=shape.x + x, y=shape.y + y) for shape in self.shapes)
        wires = tuple(
            replace(wire, points=tuple((px + x, py + y) for px, py in wire.points))
            for wire in self.wires
        )
        jumps = tuple(replace(jump, x=jump.x + x, y=jump.y + y) for jump in self.jumps)
        return replace(self, shapes=shapes, wires=wires, jumps=jumps)


@dataclass
class _Way:
    """Which lines ran, and which line came after which."""

    visits: Counter[int] = field(default_factory=Counter)
    steps: Counter[tuple[int, int]] = field(default_factory=Counter)
    last: int = 0

    def follow(self, frame: FrameType, event: str, _: Any) -> None:
        if frame.f_code.co_name != "<module>" or event not in ("line", "return"):
            return
        line = frame.f_lineno if event == "line" else -1
        self.steps[self.last, line] += 1
        self.visits[line] += 1
        self.last = line

    def asked(self, line: int, first_inside: int) -> tuple[int, int]:
        """How often the question of `line` was answered by yes, and by no."""
        after = {to: count for (start, to), count in self.steps.items() if start == line}
        yes = after.pop(first_inside, 0)
        return yes, sum(after.values())


class Flow(Card):
    """The diagram of `code`, with `inputs` for its `input()`."""

    kind = "flow"

    def __init__(self, code: str, *, inputs: Sequence[str] = ()) -> None:
        self.code = textwrap.dedent(code).strip("\n")
        try:
            tree = ast.parse(self.code)
        except SyntaxError as error:
            raise FlowError(f"Line {error.lineno} can't be read: {error.msg}") from error
        way = _Way()
        self.ran = run(self.code, inputs=inputs, max_steps=MOST_STEPS, on_step=way.follow)
        self.part = _sequence(tree.body, way, self.code)
        super().__init__()

    def view(self) -> dict[str, Any]:
        part = self.part
        return {
            "box": [-part.left - 8, -8, part.left + part.right + 16, part.height + 16],
            "shapes": [[s.kind, s.x, s.y, s.width, HIGH, s.text, s.count] for s in part.shapes],
            "wires": [[list(wire.points), wire.taken, wire.label] for wire in part.wires],
            "label": self.label(),
        }

    def label(self) -> str:
        """The diagram in words."""
        asks = sum(shape.kind == "ask" for shape in self.part.shapes)
        steps = words("flow.steps", len(self.part.shapes) - asks)
        return word("flow.label", steps=steps, questions=words("flow.questions", asks))

    def sheet(self) -> Sheet:
        sheet = Sheet(title("flow"))
        sheet.say(Said(self.label(), sheet.lang))
        return sheet.items([
            (f"{_MARKS[shape.kind]} ×{shape.count}", Said(f"`{shape.text}`", sheet.lang))
            for shape in self.part.shapes
        ])  # fmt: skip


def _sequence(body: Sequence[ast.stmt], way: _Way, source: str) -> Part:
    whole = Part()
    for number, statement in enumerate(body):
        part = _statement(statement, way, source)
        top = whole.height + (GAP if number else 0.0)
        wires = whole.wires
        if number and whole.goes_on:
            taken = way.visits[statement.lineno] > 0
            wires = (*wires, Wire(((0.0, whole.height), (0.0, top)), taken))
        moved = part.moved(0.0, top)
        whole = Part(
            max(whole.left, part.left),
            max(whole.right, part.right),
            top + part.height,
            (*whole.shapes, *moved.shapes),
            (*wires, *moved.wires),
            (*whole.jumps, *moved.jumps),
            part.goes_on,
        )
    return whole


def _statement(statement: ast.stmt, way: _Way, source: str) -> Part:
    if isinstance(statement, ast.If):
        return _choice(statement, way, source)
    if isinstance(statement, (ast.While, ast.For)):
        return _loop(statement, way, source)
    first = (ast.get_source_segment(source, statement) or "").split("\n")[0]
    shape = _shape("box", first, way.visits[statement.lineno])
    half = shape.width / 2
    if isinstance(statement, (ast.Break, ast.Continue)):
        jump = Jump(type(statement), shape.x, shape.y, half, shape.count > 0)
        return Part(half, half, HIGH, (shape,), jumps=(jump,), goes_on=False)
    return Part(half, half, HIGH, (shape,))


def _choice(choice: ast.If, way: _Way, source: str) -> Part:
    ask = _shape("ask", _question(choice, source), way.visits[choice.lineno])
    yes, no = way.asked(choice.lineno, choice.body[0].lineno)
    inside = _sequence(choice.body, way, source)
    other = _sequence(choice.orelse, way, source)
    half = ask.width / 2
    aside = max(half, inside.right) + SIDE + other.left
    top = HIGH + GAP
    end = top + max(inside.height, other.height) + GAP
    wires = [
        Wire(((0.0, HIGH), (0.0, top)), yes > 0, word("flow.yes")),
        Wire(((half, HIGH / 2), (aside, HIGH / 2), (aside, top)), no > 0, word("flow.no")),
    ]
    if inside.goes_on:
        wires.append(Wire(((0.0, top + inside.height), (0.0, end)), yes > 0))
    if other.goes_on:
        wires.append(Wire(((aside, top + other.height), (aside, end), (0.0, end)), no > 0))
    moved = (inside.moved(0.0, top), other.moved(aside, top))
    return Part(
        max(half, inside.left),
        aside + other.right,
        end,
        (ask, *moved[0].shapes, *moved[1].shapes),
        (*wires, *moved[0].wires, *moved[1].wires),
        (*moved[0].jumps, *moved[1].jumps),
        inside.goes_on or other.goes_on,
    )


def _loop(loop: ast.While | ast.For, way: _Way, source: str) -> Part:
    ask = _shape("ask", _question(loop, source), way.visits[loop.lineno])
    yes, no = way.asked(loop.lineno, loop.body[0].lineno)
    inside = _sequence(loop.body, way, source)
    half = ask.width / 2
    top = HIGH + GAP
    bottom = top + inside.height + GAP / 2
    end = bottom + GAP
    left, right = max(half, inside.left) + SIDE, max(half, inside.right) + SIDE
    middle = HIGH / 2
    back = (
        (0.0, top + inside.height),
        (0.0, bottom),
        (-left, bottom),
        (-left, middle),
        (-half, middle),
    )
    wires = [
        Wire(((0.0, HIGH), (0.0, top)), yes > 0, word("flow.yes")),
        Wire(((half, middle), (right, middle), (right, end), (0.0, end)), no > 0, word("flow.no")),
    ]
    if inside.goes_on:
        wires.append(Wire(back, yes > 0))
    moved = inside.moved(0.0, top)
    for jump in moved.jumps:
        if jump.kind is ast.Break:
            start = (jump.x + jump.half, jump.y)
            wires.append(Wire((start, (right, jump.y), (right, end), (0.0, end)), jump.taken))
        else:
            start = (jump.x - jump.half, jump.y)
            points = (start, (-left, jump.y), (-left, middle), (-half, middle))
            wires.append(Wire(points, jump.taken))
    return Part(left, right, end, (ask, *moved.shapes), (*wires, *moved.wires))


def _question(statement: ast.If | ast.While | ast.For, source: str) -> str:
    if isinstance(statement, ast.For):
        things = ast.get_source_segment(source, statement.iter) or ""
        target = ast.get_source_segment(source, statement.target) or ""
        return word("flow.more", name=target, things=things)
    return (ast.get_source_segment(source, statement.test) or "") + " ?"


def _shape(kind: str, text: str, count: int) -> Shape:
    shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    width = round(len(shown) * LETTER + (56 if kind == "ask" else 28))
    return Shape(kind, 0.0, HIGH / 2, float(width), shown, count)
