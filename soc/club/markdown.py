"""A text with bold words, code and lists as mistune's tree, which the book's template draws."""

from __future__ import annotations

from typing import Any

import mistune

Tree = list[dict[str, Any]]
_parse = mistune.create_markdown(renderer="ast", plugins=["table"])


def blocks(text: str) -> Tree:
    """Paragraphs, lists, programs, tables."""
    tree = _parse(text)
    return [node for node in tree if isinstance(node, dict) and node["type"] != "blank_line"]


def inline(text: str) -> Tree:
    """The words of one paragraph."""
    return [node for block in blocks(text) for node in block.get("children", [])]
