"""Two interpreters that talk: one asks, the other answers, and may ask back before it answers.

Requests nest strictly, so one channel and one thread on each side are enough. What a side may
ask of the other is decided by the side that answers (`handle`).
"""

from __future__ import annotations

import time
from typing import Any

from autograder.codec import Decoder, Encoder, Json
from autograder.errors import Malformed
from autograder.wire import Channel

MAX_NESTING = 50


class Peer:
    """One end. Objects lent to the other end are kept under a number until the end."""

    def __init__(self, channel: Channel) -> None:
        """Talk over `channel`."""
        self.channel = channel
        self.encoder = Encoder(self.refer)
        self.decoder = Decoder(self.resolve)
        self.deadline: float | None = None
        self._lent: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._nesting = 0

    def refer(self, value: object) -> dict[str, Json]:
        """A reference to `value` for the other end."""
        raise NotImplementedError

    def resolve(self, data: dict[str, Json]) -> object:
        """The object that a reference from the other end stands for."""
        raise NotImplementedError

    def handle(self, request: dict[str, Json]) -> dict[str, Json]:
        """Do what the other end asks; the answer's body. Must not raise."""
        raise NotImplementedError

    def lend(self, value: object) -> int:
        """The number under which the other end may name `value`."""
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._lent) + 1
            self._lent[number] = value
            self._numbers[id(value)] = number
        return number

    def lent(self, number: Json) -> object:
        """What was lent under `number`. Raises Malformed when nothing was."""
        if not isinstance(number, int) or number not in self._lent:
            raise Malformed("a reference to nothing")
        return self._lent[number]

    def ask(self, request: dict[str, Json]) -> dict[str, Json]:
        """Send `request`, serve what is asked back meanwhile, return the answer's body."""
        self._nesting += 1
        try:
            if self._nesting > MAX_NESTING:
                raise RecursionError("calls between the test and the program are nested too deep")
            self.channel.send({"q": request})
            while True:
                answer = self.serve_one(waiting=True)
                if answer is not None:
                    return answer
        finally:
            self._nesting -= 1

    def serve_one(self, *, waiting: bool = False) -> dict[str, Json] | None:
        """Receive one message: answer a request, or return the answer that was waited for."""
        timeout_s = None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)
        body: dict[str, Any] = self.channel.receive(timeout_s).body
        if isinstance(body.get("q"), dict):
            self.channel.send({"a": self.handle(body["q"])})
            return None
        answer = body.get("a")
        if not waiting or not isinstance(answer, dict):
            raise Malformed("neither a request nor an answer")
        return answer
