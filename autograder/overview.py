"""What stands on top of a feedback page: each exercise by its heading, and what it earned.

    c.GenerateFeedback.preprocessors = [..., "autograder.feedback.StudentView",
                                        "autograder.overview.Overview", ...]

nbgrader's own list says "Test cell" and a pair of numbers for each cell. Rule: all cells below one
heading are one line, in the reader's language; what is not all right leads to the first cell that
isn't. The template `feedback_phone` shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder import wording

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_MARKUP = re.compile(r"[*_`]+|\[([^\]]*)\]\([^)]*\)")
_WORDS = ("answer", "checks", "comment", "to-top", "late-penalty", "from-teacher")


@dataclass
class Exercise:
    """One line: the graded cells below one heading. `anchor` is the cell to look at first."""

    title: str
    anchor: str
    score: float = 0
    points: float = 0
    waits: bool = False
    comment: str = ""

    @property
    def mark(self) -> str:
        """✓ all right, → look here, … somebody will read it."""
        if self.waits:
            return "…"
        return "✓" if self.score >= self.points else "→"

    def add(self, known: Any, unread: set[str]) -> None:
        """Add a graded cell, given by its nbgrader metadata."""
        score, points = float(known.get("score") or 0), float(known.get("points") or 0)
        if score < points and self.score >= self.points:
            self.anchor = known["grade_id"]
        self.score, self.points = self.score + score, self.points + points
        self.waits = self.waits or known["grade_id"] in unread


class Overview(NbGraderPreprocessor):
    """Puts the exercises and the page's own words into `resources["feedback"]`."""

    language = Unicode("", help="en or km; empty takes SOC_LANGUAGE.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Leave `nb` as it is. `resources["feedback"]["unread"]` is StudentView's."""
        feedback = resources.setdefault("feedback", {})
        language = self.language or None
        feedback["exercises"] = list(_exercises(nb.cells, feedback.get("unread", set())))
        feedback["words"] = {word: wording.say(f"page-{word}", language) for word in _WORDS}
        feedback["points"] = lambda score, points: wording.say(
            "page-points", language, score=f"{score:.4g}", points=f"{points:.4g}"
        )
        return nb, resources


def _exercises(cells: list[Any], unread: set[str]) -> Iterator[Exercise]:
    """In the order of the page. A cell above the first heading has its id for a title."""
    title, current = "", None
    for cell in cells:
        known = cell.metadata.get("nbgrader") or {}
        own_text = cell.cell_type == "markdown" and not known.get("solution")
        if own_text and (headings := _HEADING.findall(cell.source)):
            title, current = _plain(headings[-1]), None
        is_graded = known.get("grade") or known.get("task")
        comment = known.get("comment") and (known.get("solution") or known.get("task"))
        if not (is_graded or comment):
            continue
        if current is None:
            current = Exercise(title or known["grade_id"], known["grade_id"])
            yield current
        if is_graded:
            current.add(known, unread)
        if comment and not current.comment:
            current.comment = f"comment-{known['grade_id']}"


def _plain(heading: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "", heading)
