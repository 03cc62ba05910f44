"""Does school-book turtle code run, and can a test ask about the drawing?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from widgets import Turtle, turtle
from widgets.drawing import MOST_MARKS, Dot, Drawing, TurtleError
from widgets.picture import Picture


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    turtle.reset()
    yield
    turtle.reset()


def _polygon(sides: int, length: float = 100) -> Drawing:
    for _ in range(sides):
        turtle.forward(length)
        turtle.left(360 / sides)
    return turtle.drawing()


@pytest.mark.parametrize("sides", [3, 4, 5, 6, 12])
def test_polygons_are_closed_and_regular(sides: int) -> None:
    drawing = _polygon(sides)
    assert drawing.is_closed()
    assert drawing.is_regular(sides)
    assert not drawing.is_regular(sides + 1)
    assert math.isclose(drawing.length, sides * 100)


def test_a_side_drawn_in_two_strokes_is_one_side() -> None:
    for _ in range(4):
        turtle.forward(50)
        turtle.forward(50)
        turtle.right(90)
    assert len(turtle.drawing().lines) == 8
    assert len(turtle.drawing().sides()) == 4


def test_an_open_shape_is_not_closed() -> None:
    turtle.forward(100)
    turtle.left(120)
    turtle.forward(100)
    assert not turtle.drawing().is_closed()
    assert not turtle.drawing().is_symmetric()


def test_symmetry_and_colours() -> None:
    turtle.color("Light Blue")
    drawing = _polygon(4)
    assert drawing.is_symmetric("vertical")
    assert drawing.is_symmetric("horizontal")
    assert drawing.colours == {"lightblue"}
    with pytest.raises(ValueError, match="axis"):
        drawing.is_symmetric("diagonal")


def test_the_field_s_names_are_there() -> None:
    names = [
        "forward",
        "fd",
        "back",
        "bk",
        "backward",
        "right",
        "rt",
        "left",
        "lt",
        "goto",
        "setpos",
        "setposition",
        "setx",
        "sety",
        "setheading",
        "seth",
        "home",
        "circle",
        "dot",
        "write",
        "speed",
        "position",
        "pos",
        "towards",
        "xcor",
        "ycor",
        "heading",
        "distance",
        "pendown",
        "pd",
        "down",
        "penup",
        "pu",
        "up",
        "pensize",
        "width",
        "isdown",
        "color",
        "pencolor",
        "fillcolor",
        "filling",
        "begin_fill",
        "end_fill",
        "reset",
        "clear",
        "showturtle",
        "st",
        "hideturtle",
        "ht",
        "isvisible",
        "shape",
        "bgcolor",
        "colormode",
        "setup",
        "title",
        "tracer",
        "update",
        "done",
        "mainloop",
        "exitonclick",
        "Screen",
        "Turtle",
        "Pen",
    ]
    assert [name for name in names if not hasattr(turtle, name)] == []


BOOK = """
from widgets import turtle
screen = turtle.Screen()
screen.bgcolor("white")
t = turtle.Turtle()
t.shape("turtle")
t.speed("fastest")
t.pensize(3)
t.color("red", "yellow")
t.begin_fill()
for i in range(5):
    t.forward(100)
    t.right(144)
t.end_fill()
t.penup()
t.goto(0, -50)
t.pendown()
t.write("Star", align="center", font=("Arial", 14, "bold"))
t.circle(20)
t.hideturtle()
turtle.done()
"""


def test_a_school_book_s_program_runs_with_one_changed_import() -> None:
    exec(BOOK, {})  # noqa: S102
    drawing = turtle.drawing()
    assert len(drawing.fills) == 1
    assert drawing.colours == {"red", "yellow"}
    assert drawing.sides()[0].length == 100


FROM_BOOKS = {
    "square": "for i in range(4):\n    turtle.forward(100)\n    turtle.right(90)",
    "star": "turtle.color('red')\nfor i in range(36):\n    turtle.fd(200)\n    turtle.lt(170)",
    "spiral": "for i in range(60):\n    turtle.forward(i * 2)\n    turtle.right(91)",
    "circles": "t = turtle.Pen()\nfor r in (10, 20, 30):\n    t.circle(r)\n    t.up()\n"
    "    t.sety(-r)\n    t.down()",
    "flower": "turtle.speed('fastest')\nfor i in range(12):\n    turtle.circle(50, 60)\n"
    "    turtle.left(120)\n    turtle.circle(50, 60)\n    turtle.left(90)",
    "stamps": "t = turtle.Turtle()\nt.shape('turtle')\nt.penup()\nfor i in range(6):\n"
    "    t.forward(30)\n    s = t.stamp()\nt.clearstamp(s)",
    "tree": "def branch(n):\n    if n > 10:\n        turtle.forward(n)\n        turtle.left(30)\n"
    "        branch(n - 15)\n        turtle.right(60)\n        branch(n - 15)\n"
    "        turtle.left(30)\n        turtle.backward(n)\nturtle.setheading(90)\nbranch(50)",
    "house": "turtle.begin_fill()\nturtle.fillcolor('gold')\nfor x, y in [(0, 80), (40, 120), "
    "(80, 80), (80, 0), (0, 0)]:\n    turtle.goto(x, y)\nturtle.end_fill()",
    "dots": "wn = turtle.Screen()\nwn.colormode(255)\nwn.setup(width=400, height=400)\n"
    "turtle.penup()\nfor c in range(0, 250, 50):\n    turtle.dot(20, (c, 0, 100))\n"
    "    turtle.setx(c)",
    "race": "a, b = turtle.Turtle(), turtle.Turtle()\nfor t, y in ((a, 20), (b, -20)):\n"
    "    t.penup()\n    t.goto(-100, y)\n    t.pendown()\n    t.write('Go', font=('Arial', 8))\n"
    "    t.forward(100)\nb.undo()\nturtle.mainloop()",
}
MARKS = {"square": 4, "star": 36, "spiral": 60, "stamps": 5, "house": 6, "dots": 5, "race": 3}


@pytest.mark.parametrize("name", FROM_BOOKS)
def test_typical_programs_run_with_one_changed_import(name: str) -> None:
    exec("from widgets import turtle\n" + FROM_BOOKS[name], {})  # noqa: S102
    marks = turtle.drawing().marks
    assert len(marks) == MARKS.get(name, len(marks)) > 0


def test_a_step_is_taken_back() -> None:
    turtle.forward(10)
    turtle.circle(20)
    turtle.left(90)
    turtle.undo()
    assert turtle.heading() == 0
    turtle.undo()
    assert len(turtle.drawing().lines) == 1
    turtle.undo()
    assert turtle.position() == (0, 0)
    turtle.undo()
    assert turtle.drawing().marks == []


def test_a_stamp_is_a_filled_arrow_that_can_be_taken_away() -> None:
    turtle.color("red")
    first, second = turtle.stamp(), turtle.stamp()
    turtle.clearstamp(first)
    assert [fill.colour for fill in turtle.drawing().fills] == ["red"]
    with pytest.raises(TurtleError, match="no stamp 7"):
        turtle.clearstamp(7)
    turtle.clearstamps()
    assert turtle.drawing().fills == []
    assert second == 2


def test_a_function_s_drawing_is_had_without_touching_what_is_drawn() -> None:
    turtle.forward(30)
    kept = turtle.keep()
    assert turtle.draw(_polygon, 5).is_regular(5)
    turtle.forward(30)
    assert [line.end[0] for line in turtle.drawing().lines] == [30, 60]
    assert len(kept.lines) == 1


def test_a_saved_drawing_draws_itself_once_and_shows_all_on_paper() -> None:
    drawing = _polygon(4)
    svg = drawing.svg("label", speed=1)
    assert svg.count("animation-delay") == 4
    assert "@media screen and (prefers-reduced-motion:no-preference)" in svg
    long = turtle.draw(lambda: [turtle.forward(1) for _ in range(5000)]).svg("label", speed=1)
    assert long.count("animation-delay") <= 100
    assert long.count("<line") == 5000


def test_it_moves_as_the_field_s_turtle_does() -> None:
    one = Turtle()
    one.circle(50, 90)
    assert one.position() == pytest.approx((50, 50), abs=0.01)
    assert one.heading() == pytest.approx(90)
    one.home()
    one.setheading(45)
    one.forward(10)
    assert one.pos() == pytest.approx((7.0710678, 7.0710678))
    assert one.distance((0, 0)) == pytest.approx(10)
    assert one.towards(7.0710678, 17) == pytest.approx(90, abs=0.01)


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: turtle.color("no such colour!"), "no colour"),
        (lambda: turtle.color(300, 0, 0), "no colour"),
        (lambda: turtle.color('red" onload="alert(1)'), "no colour"),
        (lambda: turtle.forward(1e9), "off the map"),
        (lambda: turtle.forward(float("nan")), "off the map"),
        (lambda: turtle.pensize(-1), "thick"),
        (lambda: turtle.goto(5), "two numbers"),
        (lambda: turtle.speed("warp"), "no speed"),
    ],
)
def test_what_a_turtle_can_t_do_is_said_kindly(act: Any, match: str) -> None:
    with pytest.raises(TurtleError, match=match):
        act()


def test_an_endless_drawing_is_stopped() -> None:
    turtle.drawing().marks.extend([Dot((0, 0), "red", 1)] * MOST_MARKS)
    with pytest.raises(TurtleError, match="loop"):
        turtle.forward(1)


def test_the_saved_picture_has_no_markup_of_hers() -> None:
    turtle.write('<script>alert("x")</script>')
    svg = turtle.drawing().svg("label <b>")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "<b>" not in svg


def test_each_cell_begins_with_an_empty_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_cell("from widgets import turtle\nturtle.forward(10)")
    assert "A drawing with 1 line;" in capsys.readouterr().out
    assert len(turtle.drawing().lines) == 1
    shell.run_cell("turtle.forward(20)")
    assert [line.end for line in turtle.drawing().lines] == [(20.0, 0.0)]
    capsys.readouterr()
    shell.run_cell("1")
    assert "A drawing" not in capsys.readouterr().out


def test_the_picture_stays_as_svg() -> None:
    drawing = _polygon(4)
    bundle, _ = Picture(drawing)._repr_mimebundle_()
    assert bundle["image/svg+xml"].count("<line") == 4
    assert "4 lines" in bundle["text/plain"]
