"""Values as boxes: what a name holds, and which names hold the very same thing.

Simple values become short text; lists, dicts and objects become numbered boxes, so that two names
on one list point at one box. Rule: a learner's own code (`__repr__`, properties) is never run.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_TEXT = 60
MOST_ITEMS = 12
MOST_BOXES = 40
_HIDDEN = (types.ModuleType, types.BuiltinFunctionType, types.MethodType)

Shown = dict[str, Any]


@dataclass
class Boxes:
    """Numbers the boxes of one picture in the order in which they are met."""

    numbers: dict[int, int] = field(default_factory=dict)
    boxes: dict[int, Shown] = field(default_factory=dict)
    _alive: list[Any] = field(default_factory=list)

    def show(self, value: Any) -> Shown:
        """`{"text": …, "type": …}`, or `{"box": number}` for a thing that can be shared."""
        kind = type(value)
        if kind in (list, tuple, set, frozenset, dict) or _is_plain_object(value):
            return self._box(value)
        return {"text": short(value), "type": kind.__name__}

    def _box(self, value: Any) -> Shown:
        if id(value) in self.numbers:
            return {"box": self.numbers[id(value)]}
        if len(self.numbers) >= MOST_BOXES:
            return {"text": "…", "type": type(value).__name__}
        number = self.numbers[id(value)] = len(self.numbers) + 1
        self._alive.append(value)  # an id is only unique while its value lives
        entries, kept = _entries(value)
        self.boxes[number] = {
            "type": type(value).__name__,
            "items": [[None if key is None else self.show(key), self.show(v)] for key, v in kept],
            "more": max(0, entries - len(kept)),
        }
        return {"box": number}


def visible(names: Mapping[str, Any]) -> dict[str, Any]:
    """The names that a beginner made: no modules, no dunder names, no imports from builtins."""
    return {
        name: value
        for name, value in names.items()
        if not name.startswith("_") and not isinstance(value, _HIDDEN) and name != "input"
    }


def short(value: Any) -> str:
    """A short text for a simple value. Own classes are named, never asked."""
    if isinstance(value, types.FunctionType):
        return f"{value.__name__}()"
    if isinstance(value, type):
        return f"class {value.__name__}"
    if type(value) is str:
        return _cut(repr(value[: LONGEST_TEXT + 1]))
    if type(value) is int and value.bit_length() > 200:
        return f"{value.bit_length()} bits"
    if type(value) in (int, float, bool, complex, type(None), range, bytes):
        return _cut(repr(value))
    return type(value).__name__


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _entries(value: Any) -> tuple[int, list[tuple[Any, Any]]]:
    if isinstance(value, dict):
        return len(value), [(k, v) for k, v in list(value.items())[:MOST_ITEMS]]
    if isinstance(value, (set, frozenset)):
        return len(value), [(None, v) for v in sorted(value, key=short)[:MOST_ITEMS]]
    if isinstance(value, (list, tuple)):
        return len(value), [(i, v) for i, v in enumerate(value[:MOST_ITEMS])]
    attributes = vars(value)
    return len(attributes), [(k, v) for k, v in list(attributes.items())[:MOST_ITEMS]]


def _is_plain_object(value: Any) -> bool:
    kind = type(value)
    return (
        kind.__module__ == "__main__"
        and isinstance(kind, type)
        and hasattr(value, "__dict__")
        and not isinstance(value, (type, types.FunctionType))
    )
