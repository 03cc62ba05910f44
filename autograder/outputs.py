"""Outputs from a process that may lie, made into outputs that nbformat accepts.

Whatever is not of a known shape is dropped. Text that UTF-8 can't hold is replaced.
"""

from __future__ import annotations

import math
import re
from typing import Any

Json = Any
MAX_TEXT = 4_000_000
MAX_DEPTH = 100
PROBLEMS = {
    "cell-time": "The cell ran longer than it may and was stopped.",
    "notebook-time": "The notebook ran longer than it may; this cell was not run.",
    "program-ended": "Python itself ended in this cell.",
    "memory": "The program used more memory than it may and was stopped.",
    "files": "The program made more files than it may and was stopped.",
}
_SIZES = ("width", "height")
_BASE64 = ("image/png", "image/jpeg", "image/gif", "application/pdf")
_IS_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*\Z")
PROBLEM_NAME = "ProgramStopped"


def problem(reason: str) -> dict[str, Json]:
    """The error output of a cell whose interpreter was lost; `reason` is a key of PROBLEMS."""
    return {
        "output_type": "error",
        "ename": PROBLEM_NAME,
        "evalue": reason,
        "traceback": [f"{PROBLEM_NAME}: {PROBLEMS[reason]}"],
    }


def timeout(reason: str) -> tuple[dict[str, Json], ...]:
    """nbgrader's own error output for a cell that took too long; nothing for other reasons."""
    if reason != "cell-time":
        return ()
    text = "\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"
    return (
        {"output_type": "error", "ename": "CellTimeoutError", "evalue": "", "traceback": [text]},
    )


def clean(outputs: Json) -> tuple[dict[str, Json], ...]:
    """The outputs of known shape, as nbformat 4 wants them."""
    if not isinstance(outputs, list):
        return ()
    kept = []
    for output in outputs:
        if isinstance(output, dict):
            made = _SHAPES.get(str(output.get("output_type")), _nothing)(output)
            if made is not None:
                kept.append(made)
    return tuple(kept)


def _nothing(_output: dict[str, Json]) -> None:
    return None


def _stream(output: dict[str, Json]) -> dict[str, Json]:
    name = "stderr" if output.get("name") == "stderr" else "stdout"
    return {"output_type": "stream", "name": name, "text": text_of(output.get("text"))}


def _error(output: dict[str, Json]) -> dict[str, Json]:
    lines = output.get("traceback")
    return {
        "output_type": "error",
        "ename": text_of(output.get("ename")),
        "evalue": text_of(output.get("evalue")),
        "traceback": [text_of(line) for line in lines] if isinstance(lines, list) else [],
    }


def _display(output: dict[str, Json]) -> dict[str, Json] | None:
    data, metadata = output.get("data"), output.get("metadata")
    made: dict[str, Json] = {
        "output_type": str(output["output_type"]),
        "metadata": _metadata(metadata) if isinstance(metadata, dict) else {},
        "data": {
            text_of(kind): _plain(value) if kind.endswith("json") else text_of(value)
            for kind, value in (data.items() if isinstance(data, dict) else ())
            if not kind.startswith(_BASE64) or _IS_BASE64.match(str(value))
        },
    }
    if not made["data"]:
        return None
    if made["output_type"] == "execute_result":
        count = output.get("execution_count")
        made["execution_count"] = count if type(count) is int and count >= 0 else None
    return made


def _metadata(metadata: dict[str, Json]) -> dict[str, Json]:
    """A picture's size goes into the page as it is, so it must be a number."""
    kept: dict[str, Json] = {}
    for name, value in metadata.items():
        if isinstance(value, dict):
            kept[text_of(name)] = {
                text_of(key): _plain(item)
                for key, item in value.items()
                if key not in _SIZES or type(item) in (int, float)
            }
        elif name not in _SIZES or type(value) in (int, float):
            kept[text_of(name)] = _plain(value)
    return kept


_SHAPES = {
    "stream": _stream,
    "error": _error,
    "display_data": _display,
    "execute_result": _display,
}


def text_of(value: Json) -> str:
    """A string that can be written as UTF-8, of bounded length; anything else as nothing."""
    if not isinstance(value, str):
        return ""
    return value[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def _plain(value: Json, depth: int = 0) -> Json:
    """JSON that every reader takes: no NaN, and nested no deeper than anybody looks."""
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, list | dict) and depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {text_of(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
