"""`Predict`: what will happen? asked before the cell is run.

The prediction is kept and met again later (`Predict.again`). Rules: there is a reply to each
option, and a prediction is never marked: guessing and being surprised is how one learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widgets import answers
from widgets.card import Card, RefusedError, title
from widgets.language import Said, Text, pick, word
from widgets.questions import Question, UnanswerableError, Value, same
from widgets.sheet import Sheet


class Predict(Card):
    """One prediction. `answer(id)` is the option's key, the number or the text."""

    kind = "predict"
    parts = ("card", "questions", "predict")
    actions = ("keep",)

    def __init__(
        self,
        id: str,
        prompt: Text,
        *,
        choices: Mapping[str, Text] | None = None,
        replies: Mapping[str, Text] | None = None,
        kind: str | None = None,
        code: str | None = None,
    ) -> None:
        kind = kind or ("choice" if choices else "text")
        self.question = Question(
            id, prompt, choices=choices or {}, replies=replies or {}, kind=kind, code=code
        )
        self.value: Value | None = answers.answer(id)
        super().__init__()

    def answer(self, value: Any) -> None:
        """Keep a prediction, as the page does. Raises UnanswerableError when it is none."""
        self.value = self.question.read(value)
        answers.keep(self.question.id, self._record)
        self.redraw()

    def _record(self, old: answers.Record) -> answers.Record:
        first = old.get("first", self.value)
        return {
            "kind": "predict",
            "value": self.value,
            "first": first,
            "label": self.question.label(self.value) if self.value is not None else "",
        }

    def do_keep(self, value: Any) -> None:
        """The page: she keeps this prediction."""
        try:
            self.answer(value)
        except UnanswerableError as error:
            raise RefusedError(word("common.unreadable")) from error

    def view(self) -> dict[str, Any]:
        given = self.value
        return {
            "id": self.question.id,
            "question": self.question.view(),
            "value": given,
            "label": None if given is None else self.question.label(given),
            "replies": []
            if given is None
            else [pick(r).pair() for r in self.question.reply(given)],
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title("predict")).say(self.question.prompt)
        if self.question.code:
            sheet.code(self.question.code)
        if self.question.has_options:
            sheet.items([(f"({key})", text) for key, text in self.question.choices.items()])
        if self.value is None:
            return sheet.say(Said(word("predict.paper"), sheet.lang))
        sheet.say(Said(word("predict.yours", label=self.question.label(self.value)), sheet.lang))
        for reply in self.question.reply(self.value):
            sheet.say(reply)
        return sheet

    @staticmethod
    def again(id: str, saw: object = None) -> Again:
        """Meet a prediction again: what she expected beside what she `saw` (say, a kept output)."""
        return Again(id, saw)


class Again:
    """A prediction beside what happened. Words only; it asks nothing and stores nothing."""

    def __init__(self, identity: str, saw: object = None) -> None:
        self.record = answers.record(identity)
        self.saw = None if saw is None else str(saw).rstrip("\n")

    def __repr__(self) -> str:
        return self.sheet().text()

    def _repr_html_(self) -> str:
        return self.sheet().html()

    def sheet(self) -> Sheet:
        """Her prediction, what happened, and one line on the two."""
        sheet = Sheet(title("again"))
        if not self.record:
            return sheet.say(Said(word("again.none"), sheet.lang))
        label = str(self.record.get("label") or self.record.get("value"))
        sheet.say(Said(word("again.expected"), sheet.lang)).code(label)
        if self.saw is not None:
            agree = same(label) == same(self.saw)
            sheet.say(Said(word("again.saw"), sheet.lang)).code(self.saw)
            sheet.say(Said(word("again.same" if agree else "again.different"), sheet.lang))
        return sheet
