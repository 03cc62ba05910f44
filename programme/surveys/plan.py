"""surveys.toml as values: the questions, their choices, and what is asked when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from programme.course import Both
from programme.toml_table import Table, read_toml

Moment = Literal["before", "middle", "after"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)
LONGEST_ID = 32


@dataclass(frozen=True)
class Choice:
    """One possible answer. Those that agree are counted together."""

    id: str
    agrees: bool
    text: Both


@dataclass(frozen=True)
class Question:
    """One question and its choices, in their order."""

    id: str
    text: Both
    choices: tuple[Choice, ...]

    def as_json(self) -> dict[str, Any]:
        """As a survey keeps it: what was asked stays known when the plan changes."""
        choices = [
            {"id": one.id, "agrees": one.agrees, **one.text.__dict__} for one in self.choices
        ]
        return {"id": self.id, **self.text.__dict__, "choices": choices}


YES_NO = (
    Choice("yes", True, Both("Yes", "ចាស")),
    Choice("no", False, Both("No", "ទេ")),
)


def questions_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions that a survey was opened with; one without choices is answered by yes or no."""
    return tuple(
        Question(
            one["id"],
            Both(one["en"], one["km"]),
            tuple(
                Choice(choice["id"], choice["agrees"], Both(choice["en"], choice["km"]))
                for choice in one.get("choices", ())
            )
            or YES_NO,
        )
        for one in kept
    )


@dataclass(frozen=True)
class Planned:
    """What is asked at one moment; `notebook` is the survey's id in the lessons."""

    moment: Moment
    notebook: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Plan:
    """All of surveys.toml."""

    counting_days: int
    surveys: Mapping[Moment, Planned]


def read(folder: Path) -> Plan:
    """Read `folder`/surveys.toml. Raises CourseError that names file and key."""
    top = read_toml(folder / "surveys.toml")
    rules = top.table("rules")
    days = rules.whole("counting_days", 1, 60)
    rules.done()
    scales = dict(_scale(table) for table in top.tables("scale"))
    questions = {one.id: one for one in (_question(t, scales) for t in top.tables("question"))}
    planned = [_planned(table, questions) for table in top.tables("survey")]
    top.done()
    return Plan(days, {one.moment: one for one in planned})


def _scale(table: Table) -> tuple[str, tuple[Choice, ...]]:
    choices = tuple(_choice(one) for one in table.tables("choice"))
    name = table.text("id")
    table.done()
    return name, choices


def _choice(table: Table) -> Choice:
    made = Choice(table.text("id"), table.boolean("agrees"), _text(table))
    table.done()
    return made


def _question(table: Table, scales: Mapping[str, tuple[Choice, ...]]) -> Question:
    name, scale = table.text("id"), table.text("scale")
    if len(name) > LONGEST_ID:
        raise table.error("id", f"is {name!r}: at most {LONGEST_ID} letters")
    if scale not in scales:
        raise table.error("scale", f"is {scale!r}. Known: {', '.join(scales)}")
    made = Question(name, _text(table), scales[scale])
    table.done()
    return made


def _planned(table: Table, questions: Mapping[str, Question]) -> Planned:
    moment = next((one for one in MOMENTS if one == table.text("moment")), None)
    if moment is None:
        raise table.error("moment", f"must be one of {', '.join(MOMENTS)}")
    asked = table.texts("questions")
    unknown = [name for name in asked if name not in questions]
    if unknown or len(set(asked)) != len(asked):
        raise table.error("questions", f"has unknown or double ones: {', '.join(unknown or asked)}")
    made = Planned(moment, table.text("notebook"), tuple(questions[name] for name in asked))
    table.done()
    return made


def _text(table: Table) -> Both:
    texts = table.table("text")
    both = Both(en=texts.text("en"), km=texts.text("km"))
    texts.done()
    return both
