"""A reason as it is kept (an id and its numbers), and as it is read (words in two languages)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from programme.course import Both
from programme.messages import catalogue, message
from programme.people import province_names


@dataclass(frozen=True)
class Why:
    """One reason: the id of a text and what stands in it. Ready for JSON with `as_json`."""

    id: str
    fields: Mapping[str, str | int]

    def as_json(self) -> dict[str, object]:
        """As it is kept in the database."""
        return {"id": self.id, "fields": dict(self.fields)}

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Why | None:
        """What was kept; None when it is a reason of another kind or of an older program."""
        fields = kept.get("fields", {})
        if kept.get("id") not in catalogue() or not isinstance(fields, dict):
            return None
        return cls(str(kept["id"]), fields)

    @property
    def text(self) -> Both:
        """In words."""
        return message(self.id, **{name: _word(name, value) for name, value in self.fields.items()})


def number_text(number: Fraction) -> str:
    """17.5, or 17 without a decimal point when there is nothing behind it."""
    return f"{float(number):g}"


def _word(name: str, value: str | int) -> object:
    if name == "province":
        names = province_names().get(str(value))
        return Both(*names) if names else value
    if name == "school":
        return message(f"apply.school.{value}")
    return message(value) if isinstance(value, str) and value in catalogue() else value
