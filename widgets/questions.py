"""One question, as Predict, Quiz, Recall and Survey ask it.

Rule: each option of a choice has a reply of its own. Typed answers are compared the way a learner
means them: Khmer digits, U+200B from the Khmer space bar, case and outer spaces make no difference.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widgets.language import Text, pick

KINDS = ("choice", "many", "number", "text")
ANY_OTHER = "*"
LONGEST_ANSWER = 2000
_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789", "\u200b\u200c\u200d\ufeff")

Value = str | float | list[str]


class QuestionError(Exception):
    """A question is written so that no learner could answer it."""


class UnanswerableError(ValueError):
    """The value is no answer to this question."""


@dataclass(frozen=True)
class Question:
    """A question with its options (`choice`, `many`) or a field to type in (`number`, `text`).

    `right` is a key, several keys, or the accepted typed answers; None when nothing is right.
    `replies` has a reply for each option, or for typed answers; `"*"` is the reply to any other.
    `code` is shown under the prompt.
    """

    id: str
    prompt: Text
    choices: Mapping[str, Text] = field(default_factory=dict)
    right: str | float | Sequence[str | float] | None = None
    replies: Mapping[str, Text] = field(default_factory=dict)
    kind: str = "choice"
    code: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise QuestionError(f"{self.id}: kind {self.kind!r} is none of {', '.join(KINDS)}.")
        if self.has_options != bool(self.choices):
            raise QuestionError(
                f"{self.id}: kind {self.kind!r} and its choices don't fit together."
            )
        unknown = set(self.replies) - set(self.choices) - {ANY_OTHER}
        if self.has_options and unknown:
            raise QuestionError(f"{self.id}: there are replies to no choice: {sorted(unknown)}.")

    @property
    def has_options(self) -> bool:
        """Whether she picks among `choices`."""
        return self.kind in ("choice", "many")

    def read(self, given: Any) -> Value:
        """The answer that `given` stands for. Raises UnanswerableError when it is none."""
        if self.kind == "choice":
            return self._key(given)
        if self.kind == "many":
            if not isinstance(given, list):
                raise UnanswerableError(f"{self.id} takes a list of choices")
            return sorted({self._key(key) for key in given})
        if self.kind == "number":
            return read_number(given)
        text = str(given).strip()
        if not text or len(text) > LONGEST_ANSWER:
            raise UnanswerableError(f"{self.id} takes 1 to {LONGEST_ANSWER} characters")
        return text

    def is_right(self, value: Value) -> bool | None:
        """Whether the answer is a right one; None when the question has none."""
        if self.right is None:
            return None
        rights = [self.right] if isinstance(self.right, (str, int, float)) else list(self.right)
        if self.kind == "many":
            return isinstance(value, list) and set(value) == {str(key) for key in rights}
        return same(value) in {same(right) for right in rights}

    def reply(self, value: Value) -> list[Text]:
        """What is said to this answer: one reply, or one for each of several choices."""
        keys = value if isinstance(value, list) else [value]
        by_meaning = {same(key): text for key, text in self.replies.items()}
        found = [by_meaning[same(key)] for key in keys if same(key) in by_meaning]
        if not found and ANY_OTHER in self.replies:
            found = [self.replies[ANY_OTHER]]
        return found

    def label(self, value: Value) -> str:
        """The answer as she saw it: the option's text, or what she typed."""
        if isinstance(value, list):
            return ", ".join(self.label(key) for key in value)
        if self.has_options and value in self.choices:
            return pick(self.choices[str(value)]).text
        return same(value) if isinstance(value, float) else str(value)

    def view(self) -> dict[str, Any]:
        """For the page. The right answer and the replies stay in the kernel."""
        return {
            "id": self.id,
            "kind": self.kind,
            "prompt": pick(self.prompt).pair(),
            "code": self.code,
            "choices": [[key, *pick(text).pair()] for key, text in self.choices.items()],
        }

    def _key(self, given: Any) -> str:
        if not isinstance(given, str) or given not in self.choices:
            raise UnanswerableError(f"{self.id} has no choice {given!r}")
        return given


def plain(text: str) -> str:
    """Text without the marks that a Khmer keyboard adds, with Arabic digits, in one normal form."""
    return unicodedata.normalize("NFC", text.translate(_KHMER_DIGITS)).strip()


def read_number(given: Any) -> float:
    """A number as a learner types it: Khmer digits, thousands commas and spaces are fine."""
    text = plain(str(given)).replace(",", "").replace(" ", "").replace("\u00a0", "")
    try:
        value = float(text)
    except ValueError as error:
        raise UnanswerableError(f"{given!r} is no number") from error
    if not math.isfinite(value):
        raise UnanswerableError(f"{given!r} is no number")
    return value


def same(value: object) -> str:
    """A form in which two answers that mean the same are equal."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{float(value):.12g}"
    text = plain(str(value)).casefold()
    try:
        return f"{read_number(text):.12g}"
    except UnanswerableError:
        return text
