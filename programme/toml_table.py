"""A TOML table read key by key, so that every complaint names the file and the key.

Numbers with a decimal point are read as Decimal, never as float: 70 % has to mean 70 %.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from programme.errors import ProgrammeError


class CourseError(ProgrammeError):
    """course.toml is missing, can't be read, or a key in it is not what it should be."""


def read_toml(file: Path) -> Table:
    """The file's top table. Raises CourseError when it can't be read."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        raise CourseError(f"{file} is missing. Does soc.toml name the course folder?") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{file} can't be read: {error}") from error
    return Table(file, "", data)


@dataclass
class Table:
    """One table of a TOML file. `done()` complains about keys that nobody asked for."""

    file: Path
    key: str
    data: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def error(self, key: str, problem: str) -> CourseError:
        """A CourseError that names the file and the key."""
        where = ".".join(part for part in (self.key, key) if part)
        return CourseError(f"{self.file}: {where} {problem}")

    def _get(self, key: str, wanted: str) -> object:
        self.asked.add(key)
        if key not in self.data:
            raise self.error(key, f"is missing: give {wanted}")
        return self.data[key]

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._get(key, "a text")
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"is {value!r}: give a text that is not empty")
        return value

    def boolean(self, key: str) -> bool:
        """true or false."""
        value = self._get(key, "true or false")
        if not isinstance(value, bool):
            raise self.error(key, f"is {value!r}: give true or false")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number, low ≤ number ≤ high."""
        value = self._get(key, f"a whole number from {low} to {high}")
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(key, f"is {value!r}: give a whole number from {low} to {high}")
        return value

    def percent(self, key: str) -> Fraction:
        """A percentage as an exact fraction of 1: 70 is 7/10."""
        value = self._get(key, "a percentage from 0 to 100")
        if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 <= value <= 100:
            raise self.error(key, f"is {value!r}: give a percentage from 0 to 100")
        return Fraction(value) / 100

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(key, "a list of texts")
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"is {value!r}: give a list of texts")
        return tuple(value)

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers, each low ≤ number ≤ high."""
        value = self._get(key, "a list of whole numbers")
        if not isinstance(value, list) or not all(
            isinstance(item, int) and low <= item <= high for item in value
        ):
            raise self.error(key, f"is {value!r}: give whole numbers from {low} to {high}")
        return tuple(value)

    def table(self, key: str) -> Table:
        """A table below this one."""
        value = self._get(key, "a table")
        if not isinstance(value, dict):
            raise self.error(key, f"is {value!r}: give a table")
        return Table(self.file, ".".join(part for part in (self.key, key) if part), value)

    def tables(self, key: str) -> list[Table]:
        """An array of tables; complaints count them from 1."""
        value = self._get(key, "an array of tables")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"is {value!r}: give an array of tables")
        prefix = f"{self.key}." if self.key else ""
        return [Table(self.file, f"{prefix}{key}[{n}]", item) for n, item in enumerate(value, 1)]

    def done(self) -> None:
        """Complain about a key that nobody asked for: a typing slip would be silent otherwise."""
        for key in self.data:
            if key not in self.asked:
                known = ", ".join(sorted(self.asked))
                raise self.error(key, f"is not a key that is known here. Known: {known}")
