"""`Survey`: questions to the learner about how it goes, kept apart from her work.

Rule: answers lie in a folder of their own (never in answers.json, which is handed in under her
name), without name, and are marked as sent only after she agreed and pressed the button.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from widgets.answers import replace_file
from widgets.card import Card, RefusedError, title
from widgets.language import Said, Text, pick, word
from widgets.questions import Question, UnanswerableError, Value
from widgets.sheet import Sheet

FOLDER_VARIABLE = "SOC_SURVEYS"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class SurveyError(Exception):
    """A survey's id can't be the name of a file."""


def folder() -> Path:
    """Where surveys are kept: SOC_SURVEYS, else a folder in her home."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path.home() / ".sisters-of-code" / "surveys"


class Survey(Card):
    """Questions without right answers; each may be left empty."""

    kind = "survey"
    parts = ("card", "questions", "survey")
    actions = ("reply", "send", "takeback")

    def __init__(
        self, id: str, questions: Sequence[Question], *, about: Text | None = None
    ) -> None:
        if not _ID.fullmatch(id):
            raise SurveyError(f"A survey's id has small letters, digits and hyphens, not {id!r}.")
        self.id = id
        self.about = about
        self.questions = {question.id: question for question in questions}
        kept = self._read()
        self.sent: bool = kept.get("consent") is True
        held = kept.get("value")
        self.values: dict[str, Value] = {
            key: value
            for key, value in (held if isinstance(held, dict) else {}).items()
            if key in self.questions
        }
        super().__init__()

    @property
    def path(self) -> Path:
        """The file of this survey."""
        return folder() / f"{self.id}.json"

    def answer(self, question: str, value: Any) -> None:
        """Keep one answer on this machine. Nothing is sent by it."""
        self.values[question] = self.questions[question].read(value)
        self.sent = False
        self._write()

    def share(self) -> None:
        """She agrees that the programme reads these answers, without her name."""
        self.sent = True
        self._write()

    def take_back(self) -> None:
        """She changes her mind: the answers stay hers alone."""
        self.sent = False
        self._write()

    def do_reply(self, report: Any) -> None:
        """The page: one answer."""
        try:
            self.answer(report["question"], report["value"])
        except (UnanswerableError, KeyError, TypeError) as error:
            raise RefusedError(word("common.unreadable")) from error

    def do_send(self, _: Any) -> None:
        """The page: the consent box is ticked and the button pressed."""
        self.share()

    def do_takeback(self, _: Any) -> None:
        """The page: she takes her consent back."""
        self.take_back()

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {"schema": 1, "survey": self.id, "consent": self.sent, "value": self.values}
        replace_file(self.path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        self.redraw()

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "about": None if self.about is None else pick(self.about).pair(),
            "questions": [
                {**question.view(), "value": self.values.get(question.id)}
                for question in self.questions.values()
            ],
            "sent": self.sent,
        }

    def sheet(self) -> Sheet:
        """The questions only: her answers are not printed into a notebook."""
        sheet = Sheet(title("survey"))
        if self.about is not None:
            sheet.say(self.about)
        for question in self.questions.values():
            sheet.say(question.prompt)
            if question.choices:
                sheet.items([("☐", text) for text in question.choices.values()])
        return sheet.say(Said(word("survey.private"), sheet.lang))
