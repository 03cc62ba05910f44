"""A turtle's drawing as marks on a sheet: what a picture is made of, and what a test asks about.

Rule: a drawing is data (lines, dots, fills, words in the order they were made), so it can be graded
without being seen, and saved as SVG that needs no script.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_MARKS = 20_000
MARGIN = 20
SMALLEST = 200
MOST_MOMENTS = 100
_APPEAR = (
    "<style>@media screen and (prefers-reduced-motion:no-preference){"
    ".soc-moment{animation:soc-appear 1ms backwards}"
    "@keyframes soc-appear{from{visibility:hidden}}}</style>"
)
_NEAR = 1e-6
_COLOUR = re.compile(r"[a-z]{3,24}|#[0-9a-f]{3}|#[0-9a-f]{6}")

Point = tuple[float, float]


class TurtleError(Exception):
    """The turtle was asked for something it can't do."""


@dataclass(frozen=True)
class Line:
    """One straight stroke of the pen."""

    start: Point
    end: Point
    colour: str
    width: float

    @property
    def length(self) -> float:
        """How long it is, in steps."""
        return math.dist(self.start, self.end)


@dataclass(frozen=True)
class Dot:
    """A round dot with its diameter."""

    at: Point
    colour: str
    size: float


@dataclass(frozen=True)
class Fill:
    """A filled shape."""

    corners: tuple[Point, ...]
    colour: str


@dataclass(frozen=True)
class Word:
    """Text written on the sheet. `align` is left, center or right."""

    at: Point
    colour: str
    text: str
    size: float
    align: str


Mark = Line | Dot | Fill | Word


@dataclass
class Drawing:
    """A sheet of paper. y grows upwards, as in mathematics."""

    marks: list[Mark] = field(default_factory=list)
    background: str = "#ffffff"

    def add(self, mark: Mark) -> None:
        """Put a mark on the sheet. Raises TurtleError when it is full."""
        if len(self.marks) >= MOST_MARKS:
            raise TurtleError(
                f"The drawing has {MOST_MARKS} strokes already. Does a loop go round too often?"
            )
        self.marks.append(mark)

    @property
    def lines(self) -> list[Line]:
        """All strokes, in order."""
        return [mark for mark in self.marks if isinstance(mark, Line)]

    @property
    def fills(self) -> list[Fill]:
        """All filled shapes, in order."""
        return [mark for mark in self.marks if isinstance(mark, Fill)]

    @property
    def colours(self) -> set[str]:
        """The colours used, also for dots, fills and words."""
        return {mark.colour for mark in self.marks}

    @property
    def length(self) -> float:
        """How far the pen walked."""
        return sum(line.length for line in self.lines)

    def sides(self) -> list[Line]:
        """The strokes, those that go straight on in one colour joined to one."""
        joined: list[Line] = []
        for line in self.lines:
            if line.length < _NEAR:
                continue
            last = joined[-1] if joined else None
            if last is not None and _goes_on(last, line):
                joined[-1] = Line(last.start, line.end, last.colour, last.width)
            else:
                joined.append(line)
        first, last = (joined[0], joined[-1]) if len(joined) > 1 else (None, None)
        if first is not None and last is not None and _goes_on(last, first):
            joined = [Line(last.start, first.end, first.colour, first.width), *joined[1:-1]]
        return joined

    def is_closed(self, near: float = 1.0) -> bool:
        """Whether the pen came back to where its first stroke began."""
        lines = self.lines
        return bool(lines) and math.dist(lines[0].start, lines[-1].end) <= near

    def is_regular(self, sides: int, near: float = 0.5) -> bool:
        """Whether it is one closed shape of `sides` equally long sides."""
        found = self.sides()
        lengths = [line.length for line in found]
        return len(found) == sides and self.is_closed(near) and max(lengths) - min(lengths) <= near

    def is_symmetric(self, axis: str = "vertical", near: float = 1.0) -> bool:
        """Whether the strokes are the same in a mirror that stands in the middle of the drawing."""
        if axis not in ("vertical", "horizontal"):
            raise ValueError(f"An axis is 'vertical' or 'horizontal', not {axis!r}.")
        side = 0 if axis == "vertical" else 1
        ends = [point[side] for line in self.lines for point in (line.start, line.end)]
        if not ends:
            return False
        middle = (min(ends) + max(ends)) / 2
        strokes = {_rounded(line.start, line.end, near) for line in self.lines}
        mirrored = {
            _rounded(_mirror(line.start, side, middle), _mirror(line.end, side, middle), near)
            for line in self.lines
        }
        return strokes == mirrored

    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the sheet that holds everything, with a margin."""
        points = [point for mark in self.marks for point in _points(mark)] or [(0.0, 0.0)]
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
        wide = max(SMALLEST, right - left + 2 * MARGIN) - (right - left)
        high = max(SMALLEST, top - bottom + 2 * MARGIN) - (top - bottom)
        return left - wide / 2, bottom - high / 2, right + wide / 2, top + high / 2

    def svg(self, label: str, speed: int = 0) -> str:
        """The drawing for a page without script. With a `speed` it draws itself once.

        On paper, and for who asked the computer for less motion, it is finished at once.
        """
        left, bottom, right, top = self.box()
        width, height = right - left, top - bottom
        body = (
            self._appearing(speed)
            if speed and self.marks
            else "".join(_svg(mark) for mark in self.marks)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'width="{_n(width)}" height="{_n(height)}" style="max-width:100%;height:auto" '
            f'viewBox="{_n(left)} {_n(-top)} {_n(width)} {_n(height)}">'
            f"<title>{html.escape(label)}</title>"
            f'<rect x="{_n(left)}" y="{_n(-top)}" width="{_n(width)}" height="{_n(height)}" '
            f'fill="{self.background}"/>{body}</svg>'
        )

    def _appearing(self, speed: int) -> str:
        """The marks in up to a hundred groups, each shown a moment after the one before."""
        together = -(-len(self.marks) // MOST_MOMENTS)
        seconds = len(self.marks) / strokes_a_second(speed, len(self.marks))
        groups = [self.marks[i : i + together] for i in range(0, len(self.marks), together)]
        shown = (
            f'<g class="soc-moment" style="animation-delay:{_n(seconds * i / len(groups))}s">'
            f"{''.join(_svg(mark) for mark in group)}</g>"
            for i, group in enumerate(groups)
        )
        return _APPEAR + "".join(shown)


def strokes_a_second(speed: int, marks: int) -> float:
    """How fast a turtle's `speed` draws; no drawing takes longer than fifteen seconds."""
    return max(2 * speed * speed, marks / 15)


def colour(given: object, scale: float = 1.0) -> str:
    """A colour as CSS knows it, from a name, `#rrggbb`, or red, green, blue up to `scale`."""
    if isinstance(given, str):
        name = given.lower().replace(" ", "")
        if _COLOUR.fullmatch(name):
            return name
    if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == 3:
        parts = [round(float(part) / scale * 255) for part in given]
        if all(0 <= part <= 255 for part in parts):
            return "#" + "".join(f"{part:02x}" for part in parts)
    raise TurtleError(f"{given!r} is no colour. Try a name such as 'red', or '#ff8800'.")


def _goes_on(first: Line, second: Line) -> bool:
    if math.dist(first.end, second.start) > _NEAR or first.colour != second.colour:
        return False
    turn = math.atan2(
        second.end[1] - second.start[1], second.end[0] - second.start[0]
    ) - math.atan2(first.end[1] - first.start[1], first.end[0] - first.start[0])
    return abs(math.remainder(turn, math.tau)) < 1e-4


def _mirror(point: Point, side: int, middle: float) -> Point:
    x, y = point
    return (2 * middle - x, y) if side == 0 else (x, 2 * middle - y)


def _rounded(start: Point, end: Point, near: float) -> frozenset[tuple[int, int]]:
    return frozenset((round(x / near), round(y / near)) for x, y in (start, end))


def _points(mark: Mark) -> list[Point]:
    if isinstance(mark, Line):
        return [mark.start, mark.end]
    if isinstance(mark, Fill):
        return list(mark.corners)
    if isinstance(mark, Dot):
        x, y = mark.at
        return [(x - mark.size / 2, y - mark.size / 2), (x + mark.size / 2, y + mark.size / 2)]
    x, y = mark.at
    wide = len(mark.text) * mark.size * 0.7
    start = {"left": x, "center": x - wide / 2, "right": x - wide}[mark.align]
    return [(start, y - mark.size * 0.4), (start + wide, y + mark.size * 1.2)]


def _svg(mark: Mark) -> str:
    if isinstance(mark, Line):
        (x, y), (x2, y2) = mark.start, mark.end
        return (
            f'<line x1="{_n(x)}" y1="{_n(-y)}" x2="{_n(x2)}" y2="{_n(-y2)}" stroke="{mark.colour}" '
            f'stroke-width="{_n(mark.width)}" stroke-linecap="round"/>'
        )
    if isinstance(mark, Fill):
        corners = " ".join(f"{_n(x)},{_n(-y)}" for x, y in mark.corners)
        return f'<polygon points="{corners}" fill="{mark.colour}" fill-rule="evenodd"/>'
    x, y = mark.at
    if isinstance(mark, Dot):
        return f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(mark.size / 2)}" fill="{mark.colour}"/>'
    anchor = {"left": "start", "center": "middle", "right": "end"}[mark.align]
    return (
        f'<text x="{_n(x)}" y="{_n(-y)}" fill="{mark.colour}" font-size="{_n(mark.size)}" '
        f'text-anchor="{anchor}" font-family="Noto Sans, Noto Sans Khmer, sans-serif">'
        f"{html.escape(mark.text)}</text>"
    )


def _n(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
