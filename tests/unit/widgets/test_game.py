"""Can a game be played, tested and stopped without a browser?"""

from __future__ import annotations

from typing import Any

import pytest

from widgets import Game
from widgets.card import RefusedError
from widgets.drawing import TurtleError
from widgets.game import MOST_SHAPES, Canvas, GameError


class _Player:
    """A ball that goes where it is sent."""

    def __init__(self) -> None:
        self.x = 10.0

    def draw(self, sheet: Canvas) -> None:
        sheet.circle(self.x, 20, 5, "Dark Red")
        sheet.say(f"at {self.x}")

    def key(self, key: str) -> None:
        self.x += {"left": -1, "right": 1}.get(key, 0)

    def tap(self, x: float, _: float) -> None:
        self.x = x

    def tick(self) -> None:
        self.x = 1 / 0


def _game() -> Game:
    player = _Player()
    return Game(player.draw, on_key=player.key, on_tap=player.tap, on_tick=player.tick)


def test_it_is_played_and_read() -> None:
    game = _game()
    assert game.press("right").shapes == [["circle", 11.0, 20, 5, "darkred"]]
    assert game.tap(50, 1).spoken == "at 50"
    assert "at 50" in repr(game)


def test_an_error_in_her_function_reaches_a_test_and_stops_the_page() -> None:
    game = _game()
    with pytest.raises(ZeroDivisionError):
        game.tick()
    game.do_tick(None)
    assert "divided by 0" in game.state["problem"]


@pytest.mark.parametrize("key", ["a", None, 3, "<b>", ["left"]])
def test_only_the_game_s_keys_count(key: Any) -> None:
    with pytest.raises(RefusedError):
        _game().do_key(key)


@pytest.mark.parametrize("place", [None, [1], ["1", 2], {"x": 1}])
def test_a_tap_needs_a_place(place: Any) -> None:
    with pytest.raises(RefusedError):
        _game().do_tap(place)


def test_a_tap_outside_is_at_the_edge() -> None:
    game = _game()
    game.do_tap([9999, -3])
    assert game.sheet_now.shapes[0][1] == 320


def test_without_functions_nothing_happens() -> None:
    game = Game(lambda sheet: sheet.rect(0, 0, 1, 1))
    assert game.press("left").shapes == [["rect", 0, 0, 1, 1, "black"]]
    assert game.state["handles"] == []


def test_what_can_t_be_drawn_is_said() -> None:
    sheet = Canvas(10, 10)
    with pytest.raises(GameError, match="needs numbers"):
        sheet.circle(float("nan"), 0, 1)
    with pytest.raises(TurtleError, match="no colour"):
        sheet.rect(0, 0, 1, 1, "url(http://x)")
    sheet.shapes.extend([[]] * MOST_SHAPES)
    with pytest.raises(GameError, match="loop"):
        sheet.line(0, 0, 1, 1)
    with pytest.raises(GameError, match="wide"):
        Game(lambda _: None, width=9999)
