"""How hard a text is to read, and which words stand in it.

The grade is Flesch-Kincaid's, with syllables counted by groups of vowels: a rough measure, good for
holding a line. Khmer, code and tables are left out of it.
"""

from __future__ import annotations

import re

BANNED = re.compile(r"\b(simply|just|obvious|obviously|wrong|illegal|invalid)\b", re.IGNORECASE)
# A vowel sign typed in two parts looks like the one sign and compares unequal.
TWO_PARTS = re.compile("\u17c1[\u17b6\u17b8]|\u17c1\u17c5|\u17c6\u17b6|\u200b|\u17b4|\u17b5")
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
    """The school grade whose readers follow the text, by Flesch and Kincaid; 0 without words."""
    found = words(text)
    if not found:
        return 0.0
    sentences = [part for part in _SENTENCE.split(text) if words(part)]
    syllables = sum(_syllables(word) for word in found)
    return 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59


def _syllables(word: str) -> int:
    low = word.lower()
    groups = len(re.findall(r"[aeiouy]+", low))
    silent = low.endswith("e") and not low.endswith("le") and groups > 1
    return max(1, groups - silent)
