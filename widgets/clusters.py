"""`Clusters`: what Python counts in a text, and what a reader sees as one letter."""

from __future__ import annotations

import unicodedata
from typing import Any

from widgets.card import Card, title
from widgets.language import Said, word, words
from widgets.sheet import Sheet

LONGEST = 200
_COENG = "\u17d2"
_JOINER = "\u200d"


class Clusters(Card):
    """Code points and clusters of `text`, up to 200 code points."""

    kind = "clusters"

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST]
        self.more = max(0, len(text) - LONGEST)
        self.clusters = split(self.text)
        super().__init__()

    def counts(self) -> str:
        """How many code points Python counts, and how many letters a reader."""
        points = words("clusters.points", len(self.text))
        return word(
            "clusters.counts", points=points, letters=words("clusters.letters", len(self.clusters))
        )

    def view(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "more": self.more,
            "clusters": [
                [cluster, [[f"U+{ord(c):04X}", name(c)] for c in cluster]]
                for cluster in self.clusters
            ],
            "counts": self.counts(),
        }

    def sheet(self) -> Sheet:
        sheet = Sheet(title("clusters")).code(self.text)
        sheet.say(Said(self.counts(), sheet.lang))
        rows = [
            [cluster if i == 0 else "", f"U+{ord(c):04X}", name(c)]
            for cluster in self.clusters
            for i, c in enumerate(cluster)
        ]
        return sheet.table(
            [word("clusters.seen"), word("clusters.point"), word("clusters.name")], rows
        )


def split(text: str) -> list[str]:
    """The clusters of `text`: a base with its marks, Khmer subscripts, joined emoji, flags."""
    clusters: list[str] = []
    for character in text:
        if clusters and _joins(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def name(character: str) -> str:
    """Unicode's name of a character."""
    return unicodedata.name(character, "").lower()


def _joins(cluster: str, character: str) -> bool:
    last = cluster[-1]
    if last == "\r":
        return character == "\n"
    if last in (_COENG, _JOINER) or character == _JOINER:
        return _JOINER in (last, character) or unicodedata.category(character) == "Lo"
    if (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    ):
        return unicodedata.category(last) not in ("Cc", "Zs")
    flags = [c for c in cluster if "\U0001f1e6" <= c <= "\U0001f1ff"]
    return "\U0001f1e6" <= character <= "\U0001f1ff" and len(flags) == len(cluster) == 1
