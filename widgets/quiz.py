"""`Quiz`: several questions with a reply to every option, to be tried as often as she likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from widgets import answers
from widgets.card import Card, RefusedError, title
from widgets.language import Said, pick, word
from widgets.questions import Question, QuestionError, UnanswerableError, Value
from widgets.sheet import Sheet

__all__ = ["Question", "Quiz"]


class Quiz(Card):
    """Questions in order. `answer(id)` is `{question id: value}` of what is answered so far."""

    kind = "quiz"
    parts = ("card", "questions", "quiz")
    actions = ("reply",)

    def __init__(self, id: str, questions: Sequence[Question]) -> None:
        self.id = id
        self.questions = {question.id: question for question in questions}
        if len(self.questions) != len(questions):
            raise QuestionError(f"{id}: two questions have the same id.")
        kept = answers.answer(id)
        self.values: dict[str, Value] = {
            key: value
            for key, value in (kept if isinstance(kept, dict) else {}).items()
            if key in self.questions
        }
        super().__init__()

    def answer(self, question: str, value: Any) -> bool | None:
        """Keep the answer to one question; True, False, or None when there is no right one."""
        asked = self.questions[question]
        read = asked.read(value)
        self.values[question] = read
        answers.keep(self.id, lambda old: self._record(old, question, read))
        self.redraw()
        return asked.is_right(read)

    def _record(self, old: answers.Record, question: str, value: Value) -> answers.Record:
        return {
            "kind": self.kind,
            "value": {**_dict(old.get("value")), question: value},
            "first": {question: value, **_dict(old.get("first"))},
        }

    def do_reply(self, report: Any) -> None:
        """The page: she answers one question."""
        try:
            self.answer(report["question"], report["value"])
        except (UnanswerableError, KeyError, TypeError) as error:
            raise RefusedError(word("common.unreadable")) from error

    def view(self) -> dict[str, Any]:
        return {"id": self.id, "questions": [self._one(q) for q in self.questions.values()]}

    def _one(self, question: Question) -> dict[str, Any]:
        value = self.values.get(question.id)
        if value is None:
            return {**question.view(), "value": None, "replies": [], "right": None}
        replies = [pick(reply).pair() for reply in question.reply(value)]
        return {
            **question.view(),
            "value": value,
            "replies": replies,
            "right": question.is_right(value),
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title(self.kind))
        for number, question in enumerate(self.questions.values(), 1):
            prompt = pick(question.prompt)
            sheet.say(Said(f"{number}. {prompt.text}", prompt.lang))
            if question.code:
                sheet.code(question.code)
            if question.choices:
                sheet.items([(f"({key})", text) for key, text in question.choices.items()])
            if question.id in self.values:
                label = question.label(self.values[question.id])
                sheet.say(Said(word("common.yours", label=label), sheet.lang))
        return sheet


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
