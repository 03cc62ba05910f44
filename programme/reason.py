"""Why a decision is as it is: an id, a state, the numbers behind it, words in two languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from programme.course import Both
from programme.messages import message

State = Literal["met", "open", "waiting", "make_up", "behind"]


@dataclass(frozen=True)
class Reason:
    """One reason. `evidence` is ready for JSON and says where its numbers come from.

    `state`: met; open (not due yet); waiting (we owe something); make_up (missing, and she can
    still make it up); behind (below the bar, or can't be reached any more: somebody has to talk
    with her).
    """

    id: str
    state: State
    evidence: Mapping[str, object]
    text: Both


def reason(
    reason_id: str, state: State, evidence: Mapping[str, object], **fields: object
) -> Reason:
    """A reason with the text of its id."""
    return Reason(reason_id, state, evidence, message(reason_id, **fields))


def percent(share: Fraction) -> str:
    """A share as a percentage with one decimal, rounded down: 69.96 % never shows as 70."""
    return f"{math.floor(share * 1000) / 10:g}"


def exact(share: Fraction) -> str:
    """The fraction as it is, for evidence: 7/10."""
    return f"{share.numerator}/{share.denominator}"
