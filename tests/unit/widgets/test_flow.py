"""Does the diagram have the program's shape, and the run its way through it?"""

from __future__ import annotations

import pytest

from widgets import Flow
from widgets.flow import FlowError


def _counts(flow: Flow) -> dict[str, int]:
    return {shape.text: shape.count for shape in flow.part.shapes}


def _labelled(flow: Flow) -> list[tuple[str, bool]]:
    return [(wire.label, wire.taken) for wire in flow.part.wires if wire.label]


def test_an_if_takes_one_way() -> None:
    flow = Flow("riel = 5000\nif riel > 4000:\n    print('enough')\nelse:\n    print('not yet')")
    assert _labelled(flow) == [("yes", True), ("no", False)]
    assert _counts(flow)["print('enough')"] == 1
    assert _counts(flow)["print('not yet')"] == 0


def test_a_loop_goes_round_and_out() -> None:
    flow = Flow("n = 0\nwhile n < 3:\n    n = n + 1\nprint(n)")
    assert _labelled(flow) == [("yes", True), ("no", True)]
    assert _counts(flow) == {"n = 0": 1, "n < 3 ?": 4, "n = n + 1": 3, "print(n)": 1}


def test_a_for_over_nothing_is_only_asked() -> None:
    flow = Flow("for i in []:\n    print(i)")
    assert _labelled(flow) == [("yes", False), ("no", True)]


def test_an_if_without_else_that_ends_the_program() -> None:
    assert _labelled(Flow("if 1 > 2:\n    print(1)")) == [("yes", False), ("no", True)]


def test_an_endless_loop_is_drawn_too() -> None:
    flow = Flow("while True:\n    x = 1")
    assert not flow.ran.finished
    assert _labelled(flow)[0] == ("yes", True)


def test_break_and_continue_join_the_ways_out_and_back() -> None:
    flow = Flow(
        "for i in range(5):\n    if i == 1:\n        continue\n    if i == 9:\n        break\n"
        "    print(i)"
    )
    shapes = {shape.text: shape for shape in flow.part.shapes}
    ways = {wire.points[0]: wire for wire in flow.part.wires}
    jump, stop = shapes["continue"], shapes["break"]
    question = flow.part.shapes[0]
    back = ways[jump.x - jump.width / 2, jump.y]
    assert back.taken
    assert back.points[-1] == (question.x - question.width / 2, question.y)
    out = ways[stop.x + stop.width / 2, stop.y]
    assert not out.taken
    assert out.points[-1] == (0.0, flow.part.height)
    below = [(shape.x, shape.y + 20) for shape in (jump, stop)]
    assert not [point for point in below if point in ways]


def test_no_shapes_overlap() -> None:
    flow = Flow(
        "if 1:\n    a = 1\n    if 2:\n        b = 1\n    else:\n        c = 1\n"
        "elif 3:\n    for i in [1]:\n        d = 1\nelse:\n    e = 1\n"
    )
    boxes = [(s.x - s.width / 2, s.y - 20, s.x + s.width / 2, s.y + 20) for s in flow.part.shapes]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart_sideways = one[2] <= other[0] or other[2] <= one[0]
            assert apart_sideways or one[3] <= other[1] or other[3] <= one[1]


def test_a_program_that_can_t_be_read_says_where() -> None:
    with pytest.raises(FlowError, match="Line 2"):
        Flow("a = 1\nif a\n")
