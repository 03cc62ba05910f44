"""An answer without what tells whose it is: her names, her guardian's, phone numbers. Pure.

What a girl writes about herself otherwise stays: a reader judges her words. Khmer has no spaces
between words, so a Khmer name is hidden wherever it stands, with the vowels that hang on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "▒▒▒"
PHONE = re.compile(r"\+?[\d០-៩][\d០-៩\s().-]{6,}[\d០-៩]")
LINK = re.compile(r"(?:https?://|www\.|@)\S+|\S+@\S+", re.IGNORECASE)
KHMER_SIGNS = "[\u17b6-\u17d3]*"
SHORTEST = 2


def blind(text: str, names: Iterable[str]) -> str:
    """The text with every part of the names, every phone number and link hidden."""
    text = LINK.sub(HIDDEN, PHONE.sub(HIDDEN, text))
    parts = {part for name in names for part in re.split(r"[\s\u200b.,'-]+", name)}
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        if len(part) >= SHORTEST:
            edges = (r"\b", r"\b") if part.isascii() else ("", KHMER_SIGNS)
            pattern = edges[0] + re.escape(part) + edges[1]
            text = re.sub(pattern, HIDDEN, text, flags=re.IGNORECASE)
    return text
