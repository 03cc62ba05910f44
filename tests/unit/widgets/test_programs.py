"""Parsons, Tracer, Memory, Clusters, Path and Swap without a browser."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from widgets import Clusters, Memory, Parsons, Swap, Tracer, answer, runner
from widgets import Path as CoursePath
from widgets.answers import keep, record
from widgets.card import RefusedError
from widgets.parsons import ParsonsError
from widgets.runner import NoInputError, Ran, TooLong, run

TOTAL = ["total = 0", "for price in [1000, 2000]:", "    total = total + price", "print(total)"]


def test_several_orders_are_right() -> None:
    puzzle = Parsons("x", ["a = 1", "b = 2", "print(a + b)"])
    assert puzzle.answer("a = 1\nb = 2\nprint(a + b)")
    assert puzzle.answer("b = 2\na = 1\nprint(a + b)")
    assert answer("x") == "b = 2\na = 1\nprint(a + b)"
    assert not puzzle.answer("print(a + b)\na = 1\nb = 2")
    assert "NameError" in puzzle.report[0].text


def test_indentation_counts() -> None:
    puzzle = Parsons("x", TOTAL)
    assert not puzzle.answer(
        "total = 0\nfor price in [1000, 2000]:\n    total = total + price\n    print(total)"
    )
    assert puzzle.printed == "1000\n3000\n"
    assert puzzle.answer("\n".join(TOTAL))


def test_no_order_can_hang_the_kernel() -> None:
    puzzle = Parsons("x", ["n = 0", "while n < 3:", "    n = n + 1", "print(n)"])
    assert not puzzle.answer("n = 0\nwhile n < 3:\n    print(n)\nn = n + 1")
    assert "never stops" in puzzle.report[0].text


def test_after_two_failures_two_lines_become_one() -> None:
    puzzle = Parsons("x", TOTAL)
    before = len(puzzle.pieces)
    for _ in range(2):
        puzzle.answer("print(total)\ntotal = 0")
    assert len(puzzle.pieces) == before - 1
    assert any("\n" in piece for piece in puzzle.pieces)
    assert puzzle.answer("\n".join(TOTAL))
    assert Parsons("x", TOTAL).program() == "\n".join(TOTAL)


def test_help_ends_before_the_puzzle_is_gone() -> None:
    puzzle = Parsons("x", TOTAL, distractors=["total = price"])
    for _ in range(12):
        puzzle.attempt([])
    assert len(puzzle.pieces) == 3  # two pieces and the line that isn't needed


def test_a_check_can_decide() -> None:
    def has_two(ran: Ran) -> bool:
        return ran.names.get("n") == 2

    puzzle = Parsons("x", ["n = 1", "n = n + 1"], check=has_two)
    assert puzzle.answer("n = 1\nn = n + 1")
    assert not puzzle.answer("n = 1")


def test_a_puzzle_that_doesn_t_pass_itself_is_refused() -> None:
    with pytest.raises(ParsonsError, match="don't pass"):
        Parsons("x", ["print(1)"], expect="2\n")
    with pytest.raises(ParsonsError, match="ZeroDivisionError"):
        Parsons("x", ["1 / 0"])


@pytest.mark.parametrize(
    "placed", [None, "x", [[0]], [[99, 0]], [["0", 0]], [[0, 0], [0, 1]], [[0, 99]], [[-1, 0]]]
)
def test_odd_places_from_the_page_do_no_harm(placed: object) -> None:
    puzzle = Parsons("x", TOTAL)
    puzzle.do_place(placed)
    assert all(0 <= piece < 4 and 0 <= depth <= 4 for piece, depth in puzzle.placed)


def test_a_line_that_the_puzzle_hasn_t_is_refused() -> None:
    with pytest.raises(RefusedError, match="no line"):
        Parsons("x", TOTAL).answer("import os")


def test_the_mixed_order_is_the_same_for_everybody_and_not_solved() -> None:
    assert Parsons("x", TOTAL).pieces == Parsons("x", TOTAL).pieces
    assert Parsons("x", TOTAL).pieces != [line.strip() for line in TOTAL]


def test_moves_are_kept_without_being_tried() -> None:
    Parsons("x", TOTAL).do_place([[0, 0]])
    assert record("x")["tries"] == 0
    assert len(Parsons("x", TOTAL).placed) == 1


def test_the_runner_gives_input_and_stops_without_it() -> None:
    assert run("print(input('? '))", inputs=["5"]).output == "? 5\n5\n"
    assert isinstance(run("input()").error, NoInputError)


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "while True:\n    try:\n        x = 1\n    except Exception:\n        pass",
        "while True: print('x')",
    ],
)
def test_the_runner_ends_endless_programs(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MAX_SECONDS", 0.3)
    assert isinstance(run(program).error, TooLong)


def test_a_trace_tells_the_run() -> None:
    tracer = Tracer("def double(n):\n    return n * 2\nx = double(3)\nprint(x)")
    events = [(step["line"], step["event"]) for step in tracer.steps]
    assert events == [
        (1, "line"),
        (3, "line"),
        (1, "call"),
        (2, "line"),
        (2, "return"),
        (4, "line"),
        (4, "return"),
    ]
    inside = tracer.pool[tracer.steps[3]["frames"][-1]]
    assert inside == {"name": "double", "names": {"n": {"text": "3", "type": "int"}}}
    assert tracer.ran.output == "6\n"


def test_a_trace_shows_which_names_share_a_list() -> None:
    tracer = Tracer("a = [1]\nb = a\nb.append(2)")
    names = tracer.pool[tracer.steps[-1]["frames"][0]]["names"]
    assert names["a"] == names["b"] == {"box": 1}
    assert [cell[1]["text"] for cell in tracer.pool[tracer.steps[-1]["boxes"]]["1"]["items"]] == [
        "1",
        "2",
    ]


def test_on_paper_values_are_written_as_python_writes_them() -> None:
    tracer = Tracer(
        "class Cow:\n    pass\nprices = {'rice': [1, 2]}\none = (7,)\ncow = Cow()\ncow.legs = 4"
    )
    for text in ("{'rice': [1, 2]}", "(7,)", "Cow(legs=4)"):
        assert text in repr(tracer)


def test_an_error_ends_a_trace() -> None:
    tracer = Tracer("x = 1\nprint(y)")
    assert tracer.state["error"] == "NameError: name 'y' is not defined"
    assert "NameError" in repr(tracer)


def test_endless_and_huge_runs_are_cut() -> None:
    endless = Tracer("n = 0\nwhile True:\n    n = n + 1")
    assert endless.cut
    assert len(endless.steps) <= 300
    huge = Tracer(
        "a = list(range(10**6))\nb = 'x' * 10**6\nc = 7 ** 9999\n"
        "d = {i: [i] * 50 for i in range(100)}"
    )
    assert len(json.dumps(huge.state)) < 40_000


def test_a_learner_s_own_repr_is_never_run() -> None:
    tracer = Tracer("class A:\n    def __repr__(self):\n        raise SystemExit\na = A()\na.x = 1")
    assert tracer.ran.finished
    assert any('"A"' in json.dumps(part) for part in tracer.pool)


def test_a_typical_lesson_s_trace_is_small() -> None:
    tracer = Tracer(
        "prices = [4000, 2500, 8000, 1000]\ntotal = 0\nhighest = prices[0]\nfor price in prices:\n"
        "    total = total + price\n    if price > highest:\n        highest = price\n"
        "names = {'rice': 4000, 'fish': 8000}\nfor name in names:\n    print(name, names[name])\n"
        "print(total, highest)"
    )
    assert len(json.dumps(tracer.state, ensure_ascii=False).encode()) < 40_000
    assert len(gzip.compress(json.dumps(tracer.state).encode())) < 4_000


def test_a_function_is_traced_with_its_arguments() -> None:
    tracer = Tracer(_add, args=(2, 3))
    assert [step["event"] for step in tracer.steps] == ["line", "call", "line", "return"]
    assert tracer.pool[tracer.steps[-1]["value"]] == {"text": "5", "type": "int"}
    assert tracer.state["source"] == ["def _add(a: int, b: int) -> int:", "    return a + b"]


def _add(a: int, b: int) -> int:
    return a + b


def test_watch_shows_only_what_matters() -> None:
    tracer = Tracer("a = 1\nb = 2", watch=["b"])
    assert tracer.pool[tracer.steps[-1]["frames"][0]]["names"] == {
        "b": {"text": "2", "type": "int"}
    }


def test_memory_knows_what_is_shared() -> None:
    things: list[object] = [1]
    things.append(things)
    memory = Memory(a=things, b=things, c=[1])
    assert memory.shared() == [["a", "b"]]
    assert "a, b hold the same box" in repr(memory)


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("ស្រី", ["ស្រី"]),
        ("កម្ពុជា", ["ក", "ម្ពុ", "ជា"]),
        ("អក្សរ", ["អ", "ក្ស", "រ"]),
        ("a é", ["a", " ", "é"]),
        ("👩🏽‍💻", ["👩🏽‍💻"]),
        ("🇰🇭🇰🇭", ["🇰🇭", "🇰🇭"]),
        ("", []),
    ],
)
def test_clusters_are_what_a_reader_sees(text: str, clusters: list[str]) -> None:
    assert Clusters(text).clusters == clusters


def test_one_letter_is_not_one_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Clusters("a").counts() == "Python counts 1 code point; a reader sees 1 letter."
    assert "4 code points; a reader sees 1 letter." in Clusters("ស្រី").counts()
    monkeypatch.setenv("SOC_LANGUAGE", "km")
    assert "1 អក្សរ" in Clusters("ស្រី").counts()


def test_a_path_forgives_one_missed_week(week: Path) -> None:
    for name in ("week01", "week02", "week04", "week05"):
        (week.parent / name).mkdir(exist_ok=True)
        keep(f"{name}-p", lambda _: {"kind": "predict", "value": "a"}, folder=week.parent / name)
    path = CoursePath(here=5)
    assert path.begun() == {1, 2, 4, 5}
    assert path.streak() == 4
    assert dict(path.badges()) == {"days": 1, "guesses": 4}
    (week.parent / "week05" / "answers.json").unlink()
    (week.parent / "week04" / "answers.json").unlink()
    assert CoursePath(here=8).streak() == 2


def test_a_path_names_no_other_learner_and_no_rank() -> None:
    text = repr(CoursePath(["One", {"en": "Two", "km": "ពីរ"}], here=1))
    assert "▶ 1 One" in text
    assert "rank" not in text.lower()


def test_a_timer_has_sensible_limits() -> None:
    with pytest.raises(ValueError, match="minutes"):
        Swap(0)
    assert Swap(2.5).state["seconds"] == 150
