"""`Flow`: the flow diagram of a piece of code."""

from __future__ import annotations

from widgets.card import Card


class Flow(Card):
    """Flow."""
