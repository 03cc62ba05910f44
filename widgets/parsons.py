"""`Parsons`: put the lines of a program in order, and indent them.

Rule: an order is right when *running* it gives the right result, so several orders can be right,
and the message says what her order printed. After two tries the widget joins two lines for her.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from widgets import answers
from widgets.card import Card, RefusedError, title
from widgets.language import Said, Text, language, pick, word
from widgets.runner import NoInputError, Ran, TooLong, run
from widgets.sheet import Sheet

INDENT = "    "
TRIES_BEFORE_HELP = 2
FEWEST_PIECES = 2
DEEPEST = 4

Check = Callable[[Ran], bool]
Place = tuple[int, int]  # a piece and how many steps it stands to the right


class ParsonsError(Exception):
    """The puzzle's own lines, in the given order, don't pass its check."""


class Parsons(Card):
    """A puzzle. `lines` are in a right order, indented as Python is (four spaces a step).

    `distractors` are lines that are not needed. The right result is what the given order prints
    with `inputs`, unless `expect` gives the output or `check(ran)` decides (see `runner.Ran`).
    `answer(id)` is her program as text.
    """

    kind = "parsons"
    actions = ("try", "place")

    def __init__(
        self,
        id: str,
        lines: Sequence[str],
        *,
        prompt: Text | None = None,
        distractors: Sequence[str] = (),
        check: Check | None = None,
        expect: str | None = None,
        inputs: Sequence[str] = (),
        names: dict[str, Any] | None = None,
    ) -> None:
        self.id = id
        self.prompt = prompt if prompt is not None else word("parsons.prompt")
        self.lines = list(lines)
        self.distractors = list(distractors)
        self.inputs = tuple(inputs)
        self.names = dict(names or {})
        self.expect = expect
        self.check = check
        self._prove()
        self._restore()
        super().__init__()

    def _prove(self) -> None:
        """The author's order must pass, and gives the expected output."""
        ran = self._run("\n".join(self.lines))
        if ran.error is not None:
            raise ParsonsError(f"{self.id}: its own lines stop with {ran.error!r}")
        if self.expect is None:
            self.expect = ran.output
        if not self._passes(ran):
            raise ParsonsError(f"{self.id}: its own lines print {ran.output!r} and don't pass")

    def _restore(self) -> None:
        kept = answers.record(self.id)
        self.joins: list[int] = [j for j in kept.get("joins", []) if isinstance(j, int)]
        self.pieces = self._make_pieces()
        self.placed: list[Place] = self._fitting(kept.get("placed", []))
        self.tries = int(kept.get("tries", 0))
        self.solved = bool(kept.get("solved", False))
        self.report: list[Said] = []
        self.printed: str | None = None

    def _make_pieces(self) -> list[str]:
        """What can be moved: single lines, or neighbours that were joined. Their order is mixed."""
        groups: list[list[str]] = []
        for number, line in enumerate(self.lines):
            if number and number - 1 in self.joins:
                groups[-1].append(line)
            else:
                groups.append([line])
        pieces = [textwrap.dedent("\n".join(group)) for group in groups]
        return _mixed(self.id, [*pieces, *(line.strip() for line in self.distractors)])

    def program(self) -> str:
        """Her lines as a program."""
        return "\n".join(
            textwrap.indent(self.pieces[piece], INDENT * depth) for piece, depth in self.placed
        )

    def answer(self, program: str) -> bool:
        """Try a whole program (its lines in order, indented), as the page does.

        Raises RefusedError when it has a line that the puzzle hasn't.
        """
        rest = [line for line in program.splitlines() if line.strip()]
        placed: list[Place] = []
        while rest:
            piece = self._starting(rest, {used for used, _ in placed})
            placed.append((piece, (len(rest[0]) - len(rest[0].lstrip())) // len(INDENT)))
            rest = rest[self.pieces[piece].count("\n") + 1 :]
        return self.attempt(placed)

    def _starting(self, lines: Sequence[str], used: set[int]) -> int:
        for number, piece in enumerate(self.pieces):
            start = textwrap.dedent("\n".join(lines[: piece.count("\n") + 1]))
            if number not in used and start == piece:
                return number
        raise RefusedError(f"{self.id} has no line {lines[0].strip()!r} left.")

    def attempt(self, placed: Sequence[Place]) -> bool:
        """Run this order, say what happened, keep it; after two failures, join two lines."""
        self.placed = list(placed)
        ran = self._run(self.program())
        self.solved = self._passes(ran)
        self.tries += 1
        self.printed = ran.output
        self.report = self._say(ran)
        if not self.solved and self.tries % TRIES_BEFORE_HELP == 0 and self._join():
            self.report.append(Said(word("parsons.joined"), language()))
        self._keep()
        self.redraw()
        return self.solved

    def _join(self) -> bool:
        """Join the first two neighbours that she hasn't put together; the other lines stay put."""
        if len(self.lines) - len(self.joins) <= FEWEST_PIECES:
            return False
        hers = [self.pieces[piece] for piece, _ in self.placed]
        apart = [
            n
            for n in range(len(self.lines) - 1)
            if n not in self.joins
            and not _together(hers, self.lines[n].strip(), self.lines[n + 1].strip())
        ]
        free = apart or [n for n in range(len(self.lines) - 1) if n not in self.joins]
        self.joins.append(free[0])
        old = [(self.pieces[piece], depth) for piece, depth in self.placed]
        self.pieces = self._make_pieces()
        self.placed = [
            (self.pieces.index(text), depth) for text, depth in old if text in self.pieces
        ]
        return True

    def _run(self, program: str) -> Ran:
        return run(program, inputs=self.inputs, names=self.names)

    def _passes(self, ran: Ran) -> bool:
        if self.check is not None:
            return bool(self.check(ran))
        return ran.finished and ran.output == self.expect

    def _say(self, ran: Ran) -> list[Said]:
        lang = language()
        if self.solved:
            return [Said(word("parsons.solved"), lang)]
        if isinstance(ran.error, TooLong):
            return [Said(word("parsons.endless"), lang)]
        if isinstance(ran.error, NoInputError):
            return [Said(word("parsons.noinput"), lang)]
        if isinstance(ran.error, IndentationError):
            return [Said(word("parsons.indent", line=ran.error.lineno or 0), lang)]
        if ran.error is not None:
            return [Said(word("parsons.error", error=f"{type(ran.error).__name__}"), lang)]
        return [Said(word("parsons.other"), lang)]

    def _keep(self) -> None:
        answers.keep(
            self.id,
            lambda _: {
                "kind": self.kind,
                "value": self.program(),
                "placed": [list(pair) for pair in self.placed],
                "joins": self.joins,
                "tries": self.tries,
                "solved": self.solved,
            },
        )

    def do_try(self, placed: Any) -> None:
        """The page: she asks whether this order works."""
        self.attempt(self._fitting(placed))

    def do_place(self, placed: Any) -> None:
        """The page: she moved a line; it is kept without being judged."""
        self.placed = self._fitting(placed)
        self.report, self.printed = [], None
        self._keep()
        self.redraw()

    def _fitting(self, placed: Any) -> list[Place]:
        """Pairs of piece and depth; whatever names no piece, or one twice, is left out."""
        fitting: dict[int, int] = {}
        for pair in placed if isinstance(placed, list) else []:
            if isinstance(pair, (list, tuple)) and len(pair) == 2:
                piece, depth = pair
                if (
                    isinstance(piece, int)
                    and 0 <= piece < len(self.pieces)
                    and isinstance(depth, int)
                ):
                    fitting.setdefault(piece, min(max(depth, 0), DEEPEST))
        return list(fitting.items())

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "prompt": pick(self.prompt).pair(),
            "pieces": self.pieces,
            "placed": [list(pair) for pair in self.placed],
            "tries": self.tries,
            "solved": self.solved,
            "report": [said.pair() for said in self.report],
            "printed": self.printed,
            "expect": self.expect if self.check is None else None,
        }

    def sheet(self) -> Sheet:
        """To be cut out: the lines in mixed order, each with a box for its number."""
        sheet = Sheet(title("parsons")).say(self.prompt)
        sheet.items([("☐", Said(f"`{piece}`", sheet.lang)) for piece in self.pieces])
        if self.placed:
            sheet.say(Said(word("common.yours", label=""), sheet.lang)).code(self.program())
        return sheet


def _mixed(seed: str, pieces: Sequence[str]) -> list[str]:
    """A mixed order that is the same for everybody, and not the right one."""
    mixed = list(pieces)
    chance = random.Random(seed)  # noqa: S311  (a puzzle, not a secret)
    for _ in range(20):
        chance.shuffle(mixed)
        if mixed != list(pieces):
            break
    return mixed


def _together(hers: Sequence[str], first: str, second: str) -> bool:
    return any(a.endswith(first) and b.startswith(second) for a, b in pairwise(hers))
