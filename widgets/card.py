"""What all widgets share: one synced state that Python writes, and reports that the page sends.

The page draws `state` and reports what the learner did as a numbered message; Python checks it,
keeps it and acknowledges the number, so that the page can show a lost kernel and report again.
Rule: the page's word is never taken for state; each action is a method named in `actions`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from widgets.answers import AnswersError
from widgets.language import Text, language, pick, word
from widgets.sheet import Sheet

HERE = Path(__file__).parent
_WORD_IN_PAGE = re.compile(r'(?<=")[a-z]+(?:\.[a-z]+)+(?=")')


class RefusedError(Exception):
    """The page reported something that this widget does not offer."""


@cache
def page_code(ending: str, *parts: str) -> str:
    """The JavaScript (`js`) or style (`css`) of these parts as one text; not each has a style."""
    files = [HERE / f"{part}.{ending}" for part in parts]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())


class Card(anywidget.AnyWidget):
    """Base of the widgets. A subclass gives `view()`, `sheet()` and its `actions`."""

    kind: ClassVar[str] = ""
    parts: ClassVar[tuple[str, ...]] = ()
    actions: ClassVar[tuple[str, ...]] = ()
    _words_named: ClassVar[list[str]] = []

    state = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:  # not the class that add_traits makes of it
            parts = cls.parts or ("card", cls.kind)
            cls._esm = page_code("js", *parts)
            cls._css = page_code("css", *parts)
            cls._words_named = sorted(set(_WORD_IN_PAGE.findall(cls._esm)))

    def __init__(self) -> None:
        super().__init__()
        self._heard: deque[object] = deque(maxlen=50)
        self.on_msg(self._receive)
        self.redraw()

    def view(self) -> dict[str, Any]:
        """What the page draws, as JSON."""
        raise NotImplementedError

    def sheet(self) -> Sheet:
        """The widget on paper."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Send the page what has changed."""
        self.state = {
            "kind": self.kind,
            "lang": language(),
            "title": title(self.kind),
            "words": {identity: word(identity) for identity in self._words_named},
            **self.view(),
        }

    def __repr__(self) -> str:
        return self.sheet().text()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        sheet = self.sheet()
        return {**data, "text/plain": sheet.text(), "text/html": sheet.html()}, metadata

    def _receive(self, _: object, content: object, __: object) -> None:
        if not isinstance(content, dict) or "seq" not in content:
            return
        reply: dict[str, Any] = {"ack": content["seq"]}
        if content["seq"] in self._heard:  # the page repeated it, for its acknowledgement was lost
            self.send(reply)
            return
        try:
            if content.get("do") not in self.actions:
                raise RefusedError(f"{self.kind} has no action {content.get('do')!r}")
            method: Callable[[Any], None] = getattr(self, f"do_{content['do']}")
            method(content.get("value"))
        except (RefusedError, AnswersError) as error:
            reply["problem"] = str(error)
        self._heard.append(content["seq"])  # not before: what failed unforeseen is not saved
        self.send(reply)


def pairs(texts: dict[str, Text]) -> dict[str, list[str]]:
    """A lesson's texts by key, each with its language, as the page receives them."""
    return {key: pick(text).pair() for key, text in texts.items()}


def title(kind: str) -> str:
    """The widget's name for the reader, at the head of its static form."""
    return word(f"{kind}.title")
