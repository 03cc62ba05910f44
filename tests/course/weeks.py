"""The weeks of this checkout's course, by name: `soc.authoring.week`, and each read only once."""

from __future__ import annotations

from functools import cache
from typing import Any

from programme.site import CHECKOUT
from soc.authoring.week import (
    KINDS,
    NOTEBOOKS,
    Attempt,
    Exercise,
    Week,
    assertions,
    week_names,
)

__all__ = ["COURSE", "KINDS", "MISTAKES", "NOTEBOOKS", "SOURCE", "Attempt", "Exercise"]
__all__ += ["assertions", "checks", "exercises", "hints", "messages", "mistakes", "read"]
__all__ += ["recall_items", "rights", "week", "weeks", "written"]

COURSE = CHECKOUT / "course"
SOURCE = COURSE / "source"
MISTAKES = COURSE / "mistakes"


@cache
def week(name: str) -> Week:
    """One week."""
    return Week(COURSE, name)


def weeks() -> list[str]:
    """Names of the weeks that are written, in order."""
    return week_names(COURSE)


def written() -> list[tuple[str, str]]:
    """Every (week, notebook) there is."""
    return [(name, notebook) for name in weeks() for notebook in NOTEBOOKS]


def read(name: str, notebook: str) -> Any:
    """A source notebook. Callers copy before they change it."""
    return week(name).notebooks[notebook]


def exercises(name: str) -> list[Exercise]:
    """The exercises of a week's practice, in order."""
    return week(name).exercises


def checks(name: str, notebook: str) -> dict[str, Any]:
    """The autograded cells by grade_id."""
    return week(name).checks(notebook)


def recall_items(name: str) -> list[dict[str, Any]]:
    """The items that the week's recall may ask; none in week 1."""
    return week(name).recall


def messages(name: str) -> dict[str, dict[str, dict[str, str]]]:
    """The week's messages by id and language."""
    return week(name).messages


def hints(name: str) -> dict[str, dict[str, list[str]]]:
    """The week's hints by exercise and language."""
    return week(name).hints


def mistakes(name: str) -> list[Attempt]:
    """The stored programs that a test must stop."""
    return week(name).mistakes


def rights(name: str) -> list[Attempt]:
    """The stored different answers that must score full."""
    return week(name).rights
