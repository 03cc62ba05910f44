"""`Turtle`: walks over the desk's sheet and draws, with the methods of the field's turtle."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from widgets.desk import desk
from widgets.drawing import Dot, Drawing, Fill, Line, Point, TurtleError, Word, colour

MOST_UNDONE = 1000  # as many steps back as the field's turtle takes
_OUTLINE = (
    (0.0, 0.0),
    (-9.0, 5.0),
    (-7.0, 0.0),
    (-9.0, -5.0),
)  # the classic arrow, its tip at home
_SPEEDS = {"fastest": 0, "fast": 10, "normal": 6, "slow": 3, "slowest": 1}


class Turtle:
    """A turtle at home: in the middle, looking right, pen down, black."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._x, self._y, self._heading = 0.0, 0.0, 0.0
        self._down, self._width = True, 1.0
        self._colour, self._fill_colour = "black", "black"
        self._corners: list[Point] | None = None
        self._full_circle = 360.0
        self._scale = 1.0
        self._generation = desk.generation
        self._visible = True
        self._stamps: list[Fill] = []
        self._past: deque[tuple[int, float, float, float]] = deque(maxlen=MOST_UNDONE)

    def _sheet(self) -> Drawing:
        sheet = desk.open()
        if self._generation != desk.generation:
            self._start()
        return sheet

    def forward(self, distance: float) -> None:
        """Walk straight on, drawing if the pen is down."""
        self._sheet()
        angle = math.radians(self._heading)
        self._walk_to(self._x + distance * math.cos(angle), self._y + distance * math.sin(angle))

    def back(self, distance: float) -> None:
        """Walk backwards."""
        self.forward(-distance)

    def left(self, angle: float) -> None:
        """Turn to the left by `angle` degrees."""
        self._sheet()
        self._remember()
        self._heading = (self._heading + angle * 360 / self._full_circle) % 360

    def right(self, angle: float) -> None:
        """Turn to the right by `angle` degrees."""
        self.left(-angle)

    def goto(self, x: float | Point, y: float | None = None) -> None:
        """Walk to a place, without turning."""
        self._sheet()
        if isinstance(x, tuple):
            x, y = x
        if y is None:
            raise TurtleError("goto needs two numbers, for example goto(50, 100).")
        self._walk_to(float(x), float(y))

    def setx(self, x: float) -> None:
        """Walk sideways to `x`."""
        self.goto(x, self._y)

    def sety(self, y: float) -> None:
        """Walk up or down to `y`."""
        self.goto(self._x, y)

    def setheading(self, angle: float) -> None:
        """Look to `angle`: 0 right, 90 up."""
        self._sheet()
        self._remember()
        self._heading = angle * 360 / self._full_circle % 360

    def home(self) -> None:
        """Walk to the middle and look right."""
        self.goto(0.0, 0.0)
        self._heading = 0.0

    def circle(self, radius: float, extent: float | None = None, steps: int | None = None) -> None:
        """Walk a circle (or an arc of `extent` degrees); its middle is to the left."""
        self._sheet()
        degrees = 360.0 if extent is None else extent * 360 / self._full_circle
        if steps is None:
            steps = 1 + int(min(11 + abs(radius) / 6.0, 59.0) * abs(degrees) / 360)
        turn = degrees / steps
        stride = 2.0 * radius * math.sin(math.radians(turn / 2))
        if radius < 0:
            stride, turn = -stride, -turn
        self._remember()
        past = self._past.copy()  # the whole circle is one step for `undo`
        self._heading += turn / 2
        for _ in range(steps):
            self.forward(stride)
            self._heading += turn
        self._heading = (self._heading - turn / 2) % 360
        self._past = past

    def dot(self, size: float | None = None, *colours: Any) -> None:
        """A round dot."""
        sheet = self._sheet()
        self._remember()
        wide = max(self._width + 4, 2 * self._width) if size is None else float(size)
        sheet.add(Dot((self._x, self._y), self._read(colours) if colours else self._colour, wide))

    def write(self, arg: object, move: bool = False, align: str = "left", font: Any = None) -> None:
        """Write a text at this place. `font` is (name, size, style), of which the size is used."""
        if align not in ("left", "center", "right"):
            raise TurtleError(f"align is 'left', 'center' or 'right', not {align!r}.")
        size = float(font[1]) if isinstance(font, (tuple, list)) and len(font) > 1 else 16.0
        sheet = self._sheet()
        self._remember()
        sheet.add(Word((self._x, self._y), self._colour, str(arg)[:500], size, align))
        if move:
            self._x += len(str(arg)) * size * 0.6

    def penup(self) -> None:
        """Lift the pen: walking leaves no line."""
        self._sheet()
        self._down = False

    def pendown(self) -> None:
        """Put the pen down."""
        self._sheet()
        self._down = True

    def isdown(self) -> bool:
        """Whether the pen is down."""
        return self._down

    def pensize(self, width: float | None = None) -> float:
        """The thickness of the line; with a number, set it."""
        self._sheet()
        if width is not None:
            if not 0 < width <= 500:
                raise TurtleError(f"A pen is more than 0 and up to 500 thick, not {width!r}.")
            self._width = float(width)
        return self._width

    def color(self, *colours: Any) -> tuple[str, str]:
        """Set the colours of line and fill; one colour sets both."""
        self._sheet()
        if len(colours) == 2:
            self._colour, self._fill_colour = (colour(c, self._scale) for c in colours)
        elif colours:
            self._colour = self._fill_colour = self._read(colours)
        return self._colour, self._fill_colour

    def pencolor(self, *colours: Any) -> str:
        """The colour of the line; with a colour, set it."""
        self._sheet()
        if colours:
            self._colour = self._read(colours)
        return self._colour

    def fillcolor(self, *colours: Any) -> str:
        """The colour of fills; with a colour, set it."""
        self._sheet()
        if colours:
            self._fill_colour = self._read(colours)
        return self._fill_colour

    def begin_fill(self) -> None:
        """From here on, remember the corners of a shape."""
        self._sheet()
        self._corners = [(self._x, self._y)]

    def end_fill(self) -> None:
        """Fill the shape since `begin_fill`."""
        sheet = self._sheet()
        if self._corners is not None and len(self._corners) > 2:
            sheet.add(Fill(tuple(self._corners), self._fill_colour))
        self._corners = None

    def filling(self) -> bool:
        """Whether a fill has begun."""
        return self._corners is not None

    def speed(self, speed: float | str | None = None) -> int:
        """How fast the drawing is shown: 1 slow to 10 fast, 0 all at once."""
        self._sheet()
        if speed is not None:
            number = _SPEEDS.get(speed, -1) if isinstance(speed, str) else round(speed)
            if number < 0:
                raise TurtleError(f"{speed!r} is no speed. Use 0 to 10.")
            desk.speed = number if number <= 10 else 0
        return desk.speed

    def position(self) -> Point:
        """Where the turtle is."""
        return (round(self._x, 9) + 0.0, round(self._y, 9) + 0.0)

    def xcor(self) -> float:
        """How far right of the middle."""
        return self.position()[0]

    def ycor(self) -> float:
        """How far above the middle."""
        return self.position()[1]

    def heading(self) -> float:
        """Where it looks, in degrees."""
        return round(self._heading % 360 * self._full_circle / 360, 9)

    def distance(self, x: float | Point, y: float = 0.0) -> float:
        """How far away a place is."""
        return math.dist((self._x, self._y), x if isinstance(x, tuple) else (x, y))

    def towards(self, x: float | Point, y: float = 0.0) -> float:
        """Where to look for a place."""
        px, py = x if isinstance(x, tuple) else (x, y)
        return math.degrees(math.atan2(py - self._y, px - self._x)) % 360

    def stamp(self) -> int:
        """Leave a print of the turtle here; the number is what `clearstamp` takes."""
        sheet = self._sheet()
        angle = math.radians(self._heading)
        corners = tuple(
            (
                self._x + x * math.cos(angle) - y * math.sin(angle),
                self._y + x * math.sin(angle) + y * math.cos(angle),
            )
            for x, y in _OUTLINE
        )
        self._remember()
        mark = Fill(corners, self._fill_colour)
        sheet.add(mark)
        self._stamps.append(mark)
        return len(self._stamps)

    def clearstamp(self, stamp: int) -> None:
        """Take one print away."""
        sheet = self._sheet()
        if not 1 <= stamp <= len(self._stamps):
            raise TurtleError(f"There is no stamp {stamp!r}. Use a number that stamp() gave.")
        mark = self._stamps[stamp - 1]
        sheet.marks = [one for one in sheet.marks if one is not mark]

    def clearstamps(self) -> None:
        """Take all prints of this turtle away."""
        for number in range(1, len(self._stamps) + 1):
            self.clearstamp(number)

    def undo(self) -> None:
        """Go back by one step that walked or drew."""
        sheet = self._sheet()
        if self._past:
            marks, self._x, self._y, self._heading = self._past.pop()
            del sheet.marks[marks:]

    def _remember(self) -> None:
        self._past.append((len(desk.sheet.marks), self._x, self._y, self._heading))

    def hideturtle(self) -> None:
        """The finished drawing never shows the turtle; kept for books that say it."""
        self._visible = False

    def showturtle(self) -> None:
        """See `hideturtle`."""
        self._visible = True

    def isvisible(self) -> bool:
        """What `hideturtle` or `showturtle` said last."""
        return self._visible

    def shape(self, name: str = "classic") -> str:
        """Kept for books that set it; the page has one turtle shape."""
        return name

    def clear(self) -> None:
        """Take an empty sheet; the turtle stays where it is."""
        desk.open().marks.clear()

    def reset(self) -> None:
        """Take an empty sheet, and the turtle walks home."""
        desk.clear()
        self._start()

    def colormode(self, most: float | None = None) -> float:
        """Whether red, green and blue go up to 1.0 or to 255."""
        if most is not None:
            self._scale = float(most)
        return self._scale

    def bgcolor(self, *colours: Any) -> str:
        """The colour of the sheet."""
        sheet = self._sheet()
        if colours:
            sheet.background = self._read(colours)
        return sheet.background

    def done(self) -> None:
        """Show the drawing now; without it, it is shown when the cell ends."""
        desk.show()

    def _read(self, given: tuple[Any, ...]) -> str:
        return colour(given[0] if len(given) == 1 else given, self._scale)

    def _walk_to(self, x: float, y: float) -> None:
        if not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > 1e6:
            raise TurtleError("The turtle would walk off the map. Use smaller numbers.")
        self._remember()
        if self._down:
            desk.open().add(Line((self._x, self._y), (x, y), self._colour, self._width))
        self._x, self._y = x, y
        if self._corners is not None:
            self._corners.append((x, y))

    fd, bk, backward, lt, rt = forward, back, back, left, right
    setpos = setposition = goto
    seth, pu, up, pd, down = setheading, penup, penup, pendown, pendown
    width, pos, ht, st = pensize, position, hideturtle, showturtle
    mainloop = exitonclick = done
