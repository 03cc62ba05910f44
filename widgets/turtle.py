"""`turtle`."""
from __future__ import annotations
class Turtle:
    """Turtle."""
