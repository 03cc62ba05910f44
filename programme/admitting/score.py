"""What readers gave becomes one number: the mean of two, or the middle one of three. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

State = Literal["unread", "read_once", "far_apart", "read"]
READERS = 2


@dataclass(frozen=True)
class Score:
    """How far it is read. `points` is None until it is; `apart`: how far the first two differ."""

    state: State
    points: Fraction | None = None
    apart: int = 0
    third: bool = False


def score(totals: Sequence[int], far_apart: int) -> Score:
    """The score of an application whose readers gave these totals, in the order of their seats.

    Two that differ by more than `far_apart` wait for a third reader; of three the middle one
    counts, so that no single reader decides.
    """
    if len(totals) < READERS:
        return Score("read_once" if totals else "unread")
    apart = abs(totals[0] - totals[1])
    if len(totals) > READERS:
        return Score("read", Fraction(sorted(totals)[1]), apart, third=True)
    if apart > far_apart:
        return Score("far_apart", apart=apart)
    return Score("read", Fraction(sum(totals), READERS), apart)
