"""The funder's report of any period: figures from the database, as a page, a PDF and a workbook.

`figures` counts, `document` puts into words, `drawing` draws, `render` writes. Nothing in a report
leads to a person: it holds sums, and numbers by province as ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from programme.errors import ProgrammeError


class ReportError(ProgrammeError):
    """A report can't be made for such a period."""


@dataclass(frozen=True)
class Period:
    """From the first day to the last one, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ReportError(f"The period ends on {self.last}, before it begins on {self.first}.")
