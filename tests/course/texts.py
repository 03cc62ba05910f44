"""The words that students read, and how hard they are.

The grade is Flesch-Kincaid's, with syllables counted by groups of vowels: a rough measure, good for
holding a line. Khmer, code and tables are left out of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from tests.course.weeks import NOTEBOOKS, hints, messages, read, recall_items

BANNED = re.compile(r"\b(simply|just|obvious|obviously|wrong|illegal|invalid)\b", re.IGNORECASE)
KHMER = re.compile("[\u1780-\u17ff]")
_SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n\n+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_FENCE = re.compile(r"```.*?```", re.DOTALL)


def prose(markdown: str) -> str:
    """The English of a markdown cell without code, tables, marks and Khmer."""
    text = _FENCE.sub("\n\n", markdown)
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("|"))
    text = re.sub(r"`[^`]*`", "it", text)
    text = re.sub("[\u1780-\u17ff«»។]+", " ", text)
    return re.sub(r"^[#\-*>\d.\s]+", "", text, flags=re.MULTILINE).replace("*", "")


def paragraphs(markdown: str) -> list[str]:
    """Paragraphs and list items of the prose."""
    text = _FENCE.sub("\n\n", markdown)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", text)
    return [prose(part).strip() for part in parts if not part.lstrip().startswith("|")]


def words(text: str) -> list[str]:
    """English words."""
    return _WORD.findall(text)


def grade(text: str) -> float:
    """The school grade whose readers follow the text, by Flesch and Kincaid."""
    found = words(text)
    sentences = [part for part in _SENTENCE.split(text) if words(part)]
    syllables = sum(_syllables(word) for word in found)
    return 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59


def _syllables(word: str) -> int:
    low = word.lower()
    groups = len(re.findall(r"[aeiouy]+", low))
    silent = low.endswith("e") and not low.endswith("le") and groups > 1
    return max(1, groups - silent)


def markdown_cells(week: str, notebook: str) -> list[Any]:
    """The cells that are translated."""
    return [cell for cell in read(week, notebook).cells if cell.cell_type == "markdown"]


def student_texts(week: str) -> Iterator[tuple[str, str]]:
    """Everything a student of the week reads, with where it stands."""
    for notebook in NOTEBOOKS:
        for cell in read(week, notebook).cells:
            yield f"{notebook}/{cell['id']}", cell.source
    for identity, languages in messages(week).items():
        yield f"messages.toml {identity}", str(languages)
    for identity, rungs in hints(week).items():
        yield f"hints.toml {identity}", str(rungs)
    for item in recall_items(week):
        yield f"recall.toml {item['id']}", str(item)


def asked(source: str) -> Iterator[tuple[str, dict[str, ast.expr], dict[str, ast.expr]]]:
    """The choices and replies of each Predict and Question written in a cell, by their keys."""
    try:
        tree = ast.parse(re.sub(r"^%.*$", "", source, flags=re.MULTILINE))
    except SyntaxError:
        return
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Predict", "Question"):
            given = {key.arg: key.value for key in call.keywords}
            identity = call.args[0]
            yield (
                str(identity.value) if isinstance(identity, ast.Constant) else "?",
                _entries(given.get("choices")),
                _entries(given.get("replies")),
            )


def _entries(node: ast.expr | None) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Dict):
        return {}
    return {
        str(key.value): value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
    }
