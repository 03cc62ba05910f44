"""A random whose luck is chosen: one draw of a run gives what would help a program most.

A notebook's first cell calls `lucky`, its last one `seen`. Rule: all other draws are a seed's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

LOWEST, HIGHEST, TWIN = "lowest", "highest", "twin"  # TWIN: the same as some draw before
_randrange, _choice, _sample = random.randrange, random.choice, random.sample


class _Draws:
    def __init__(self, at: int, wish: Any) -> None:
        self.at, self.wish = at, wish
        self.before: list[Any] = []
        self.options: list[Sequence[Any]] = []

    def one(self, options: Sequence[Any], drawn: Any) -> Any:
        """The draw, or what is wished for at its turn when it could be drawn."""
        self.options.append(options)
        if len(self.options) == self.at + 1:
            drawn = self._wished(options, drawn)
        self.before.append(drawn)
        return drawn

    def _wished(self, options: Sequence[Any], drawn: Any) -> Any:
        if self.wish in (LOWEST, HIGHEST):
            return options[0 if self.wish == LOWEST else -1]
        wishes = self.before if self.wish == TWIN else [self.wish]
        return next((wish for wish in wishes if wish in options), drawn)

    def sample(self, population: Sequence[Any], k: int) -> list[Any]:
        """Draws without repeating; one of them is as wished."""
        drawn = _sample(population, k)
        first = self.one(list(population), drawn[0])
        return [first, *[one if one != first else drawn[0] for one in drawn[1:]]]


_drawn: list[_Draws] = []  # the last one counts


def lucky(seed: int, at: int = -1, wish: Any = None) -> None:
    """From here on, the draw number `at` (from 0) is `wish`, if it can be."""
    draws = _Draws(at, wish)
    _drawn.append(draws)
    random.seed(seed)
    new: dict[str, Callable[..., Any]] = {
        "randrange": lambda *given: draws.one(range(*given), _randrange(*given)),
        "randint": lambda low, high: draws.one(range(low, high + 1), _randrange(low, high + 1)),
        "choice": lambda options: draws.one(list(options), _choice(options)),
        "sample": draws.sample,
    }
    for name, function in new.items():
        setattr(random, name, function)


def seen(wishes: Sequence[Any]) -> list[list[Any]]:
    """For each draw there was: which of the wishes could have been drawn."""
    return [[wish for wish in wishes if wish in options] for options in _drawn[-1].options]
