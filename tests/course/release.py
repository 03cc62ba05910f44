"""What a student receives, by the names of week and notebook, and each made only once."""

from __future__ import annotations

from functools import cache
from typing import Any

from soc.authoring.released import released as released_week
from soc.authoring.released import settings
from tests.course.weeks import week

__all__ = ["released", "settings"]


@cache
def released(name: str, notebook: str, language: str = "en") -> Any:
    """The released notebook, in memory. Callers copy before they change it."""
    return released_week(week(name), notebook, language)
