"""admission.toml as values: what is asked, how it is read, and how places are shared out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from programme.course import Both
from programme.toml_table import Table, read_toml


@dataclass(frozen=True)
class Question:
    """One question of the form; an answer has up to `longest` letters."""

    id: str
    longest: int
    text: Both


@dataclass(frozen=True)
class Criterion:
    """What a reader gives 0 to `most` points for."""

    id: str
    most: int
    text: Both


@dataclass(frozen=True)
class Rules:
    """All of admission.toml. Shares are of the places of one programme."""

    version: str
    youngest: int
    oldest: int
    most_of_a_province: Fraction
    most_of_a_school_kind: Fraction
    draft_days: int
    keep_days: int
    questions: tuple[Question, ...]
    criteria: tuple[Criterion, ...]


def read(folder: Path) -> Rules:
    """Read `folder`/admission.toml. Raises CourseError that names file and key."""
    top = read_toml(folder / "admission.toml")
    rules = top.table("rules")
    made = Rules(
        version=rules.text("version"),
        youngest=rules.whole("youngest", 6, 99),
        oldest=rules.whole("oldest", 6, 99),
        most_of_a_province=rules.percent("most_of_a_province"),
        most_of_a_school_kind=rules.percent("most_of_a_school_kind"),
        draft_days=rules.whole("draft_days", 1, 365),
        keep_days=rules.whole("keep_days", 1, 3650),
        questions=tuple(_question(table) for table in top.tables("question")),
        criteria=tuple(_criterion(table) for table in top.tables("criterion")),
    )
    rules.done()
    top.done()
    return made


def _question(table: Table) -> Question:
    made = Question(table.text("id"), table.whole("longest", 1, 5000), _text(table))
    table.done()
    return made


def _criterion(table: Table) -> Criterion:
    made = Criterion(table.text("id"), table.whole("most", 1, 100), _text(table))
    table.done()
    return made


def _text(table: Table) -> Both:
    texts = table.table("text")
    both = Both(en=texts.text("en"), km=texts.text("km"))
    texts.done()
    return both
