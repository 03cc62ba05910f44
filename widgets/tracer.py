"""`Tracer`: records a run of beginner's code, then steps through it, forward and back.

What a step holds: the line that is about to run, the calls, their names as boxes, what was printed.
Rule: the run is recorded once, in the kernel, under the runner's guards; the page only shows it.
Equal parts are stored once, so that a lesson's trace stays small.
"""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from widgets.boxes import Boxes, Shown, visible
from widgets.card import Card, title
from widgets.language import Said, Text, pick, word
from widgets.runner import Output, Ran, TooLong, run
from widgets.sheet import Sheet

MOST_STEPS = 300
_DEEPEST = 8
_DEEPEST_IN_TABLE = 2
QUOTE = "'"
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "dict": ("{", "}"), "set": ("{", "}")}


class Tracer(Card):
    """The recorded run of `code` (text, or a function that is called with `args`).

    `watch` names what to show (all names by default), `captions` says something at a line number,
    `inputs` are typed at `input()`. A run longer than `max_steps` is cut and says so.
    """

    kind = "tracer"
    parts = ("card", "boxes", "tracer")

    def __init__(
        self,
        code: str | Callable[..., Any],
        *,
        args: Sequence[Any] = (),
        watch: Sequence[str] | None = None,
        captions: Mapping[int, Text] | None = None,
        inputs: Sequence[str] = (),
        max_steps: int = MOST_STEPS,
    ) -> None:
        source, call = _source(code, args)
        self.source = source
        self.captions = dict(captions or {})
        recorder = _Recorder(None if watch is None else set(watch), source.count("\n") + 1)
        self.ran = run(
            source + call[0],
            names=call[1],
            inputs=inputs,
            max_steps=max_steps,
            on_step=recorder.step,
            output=recorder.output,
        )
        recorder.end(self.ran)
        self.steps = recorder.steps
        self.pool = recorder.pool
        super().__init__()

    @property
    def cut(self) -> bool:
        """Whether the run was longer than what is shown."""
        return isinstance(self.ran.error, TooLong)

    def view(self) -> dict[str, Any]:
        return {
            "source": self.source.split("\n"),
            "steps": self.steps,
            "pool": self.pool,
            "output": self.ran.output,
            "error": None if self.ran.error is None or self.cut else _error(self.ran.error),
            "cut": self.cut,
            "captions": {str(line): pick(text).pair() for line, text in self.captions.items()},
        }

    def sheet(self) -> Sheet:
        """The numbered program, and a table of the steps in which a name changed."""
        sheet = Sheet(title("tracer"))
        lines = self.source.split("\n")
        sheet.code("\n".join(f"{n:>3}  {line}".rstrip() for n, line in enumerate(lines, 1)))
        rows = self._rows()
        names = list(dict.fromkeys(name for _, _, held in rows for name in held))
        if names:
            head = [word("tracer.step"), word("tracer.line"), *names]
            sheet.table(
                head, [[s, n, *(held.get(x, "") for x in names)] for s, n, held in rows[:40]]
            )
        if self.ran.output:
            sheet.say(Said(word("tracer.output"), sheet.lang)).code(self.ran.output.rstrip("\n"))
        if self.cut:
            sheet.say(Said(word("tracer.cut"), sheet.lang))
        elif self.ran.error is not None:
            sheet.say(Said(f"`{_error(self.ran.error)}`", sheet.lang))
        return sheet

    def _rows(self) -> list[tuple[str, str, dict[str, str]]]:
        rows: list[tuple[str, str, dict[str, str]]] = []
        for number, step in enumerate(self.steps, 1):
            boxes = self.pool[step["boxes"]]
            frame = self.pool[step["frames"][-1]]
            held = {name: _flat(shown, boxes) for name, shown in frame["names"].items()}
            if not rows or rows[-1][2] != held:
                rows.append((str(number), str(step["line"]), held))
        return rows


class _Recorder:
    """Turns the interpreter's events into steps; equal values are pooled."""

    def __init__(self, watch: set[str] | None, last_line: int) -> None:
        self.watch = watch
        self.last_line = last_line
        self.output = Output()
        self.steps: list[dict[str, Any]] = []
        self.pool: list[Any] = []
        self._seen: dict[str, int] = {}

    def step(self, frame: FrameType, event: str, argument: Any) -> None:
        if frame.f_lineno > self.last_line or (
            event == "call" and frame.f_code.co_name == "<module>"
        ):
            return
        boxes = Boxes()
        stack: list[FrameType] = []
        walker: FrameType | None = frame
        while walker is not None and walker.f_code.co_filename == frame.f_code.co_filename:
            stack.append(walker)
            walker = walker.f_back
        frames = [self._frame(one, boxes) for one in reversed(stack[:_DEEPEST])]
        step = {
            "line": frame.f_lineno,
            "event": event,
            "frames": frames,
            "out": _page_length(self.output),
        }
        if event == "return" and frame.f_code.co_name != "<module>":
            step["value"] = self._pooled(boxes.show(argument))
        step["boxes"] = self._pooled({str(number): box for number, box in boxes.boxes.items()})
        self.steps.append(step)

    def end(self, ran: Ran) -> None:
        """A program without a single line still has one picture."""
        del ran
        if not self.steps:
            frame = self._pooled({"name": "", "names": {}})
            self.steps.append(
                {
                    "line": 1,
                    "event": "return",
                    "frames": [frame],
                    "out": 0,
                    "boxes": self._pooled({}),
                }
            )

    def _frame(self, frame: FrameType, boxes: Boxes) -> int:
        name = frame.f_code.co_name
        names = visible(frame.f_locals)
        if self.watch is not None:
            names = {key: value for key, value in names.items() if key in self.watch}
        return self._pooled(
            {
                "name": "" if name == "<module>" else name,
                "names": {key: boxes.show(value) for key, value in names.items()},
            }
        )

    def _pooled(self, value: Any) -> int:
        key = json.dumps(value, ensure_ascii=False)
        if key not in self._seen:
            self._seen[key] = len(self.pool)
            self.pool.append(value)
        return self._seen[key]


def _source(
    code: str | Callable[..., Any], args: Sequence[Any]
) -> tuple[str, tuple[str, dict[str, Any]]]:
    """The program, and for a function the call that follows it with the names it needs."""
    if isinstance(code, str):
        return textwrap.dedent(code).strip("\n"), ("", {})
    source = textwrap.dedent(inspect.getsource(code)).strip("\n")
    names = {f"_given{i}": value for i, value in enumerate(args)}
    return source, (f"\n{code.__name__}({', '.join(names)})", names)


def _page_length(output: Output) -> int:
    """How long the text so far is for JavaScript, which counts in UTF-16."""
    return len(output.getvalue().encode("utf-16-le")) // 2


def _error(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _flat(shown: Shown, boxes: dict[str, Shown], depth: int = 0) -> str:
    """A value as Python would write it, for one cell of the table."""
    if "box" not in shown:
        return str(shown["text"])
    box = boxes[str(shown["box"])]
    if depth > _DEEPEST_IN_TABLE:
        return "…"
    kind = box["type"]
    inner = [_entry(kind, key, value, boxes, depth + 1) for key, value in box["items"]]
    if kind == "tuple" and len(inner) == 1 and not box["more"]:
        return f"({inner[0]},)"
    opening, closing = _BRACKETS.get(kind, (f"{kind}(", ")"))
    return opening + ", ".join([*inner, "…"] if box["more"] else inner) + closing


def _entry(kind: str, key: Shown | None, value: Shown, boxes: dict[str, Shown], depth: int) -> str:
    held = _flat(value, boxes, depth)
    if key is None or kind in ("list", "tuple"):
        return held
    if kind == "dict":
        return f"{_flat(key, boxes, depth)}: {held}"
    return f"{str(key['text']).strip(QUOTE)}={held}"
