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
class Level:
    """What so many points of a criterion mean."""

    points: int
    text: Both


@dataclass(frozen=True)
class Criterion:
    """What a reader gives 0 to `most` points for; levels go up from 0 to `most`."""

    id: str
    most: int
    text: Both
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Rules:
    """All of admission.toml. Shares are of the places of one programme.

    Two readings that differ by more than `far_apart` points need a third; under `least_points` (a
    share of all points) no place is given.
    """

    version: str
    youngest: int
    oldest: int
    most_of_a_province: Fraction
    most_of_a_school_kind: Fraction
    far_apart: int
    least_points: Fraction
    waiting_list: Fraction
    draft_days: int
    keep_days: int
    questions: tuple[Question, ...]
    criteria: tuple[Criterion, ...]

    @property
    def most_points(self) -> int:
        """What one reader can give at most."""
        return sum(criterion.most for criterion in self.criteria)


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
        far_apart=rules.whole("far_apart", 0, 1000),
        least_points=rules.percent("least_points"),
        waiting_list=rules.percent("waiting_list"),
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
    most = table.whole("most", 1, 100)
    levels = tuple(_level(level, most) for level in table.tables("levels"))
    points = [level.points for level in levels]
    if points != sorted({0, *points, most}):
        raise table.error("levels", f"are {points}: let them go up from 0 to {most}")
    made = Criterion(table.text("id"), most, _text(table), levels)
    table.done()
    return made


def _level(table: Table, most: int) -> Level:
    made = Level(table.whole("points", 0, most), _text(table))
    table.done()
    return made


def _text(table: Table) -> Both:
    texts = table.table("text")
    both = Both(en=texts.text("en"), km=texts.text("km"))
    texts.done()
    return both
