"""Feedback as nbgrader's generate_feedback makes it, without its command line."""

from __future__ import annotations

from functools import cache
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from traitlets.config import Config

from autograder.feedback import StudentView
from tests.engine.courses import Course

SETTINGS: dict[str, dict[str, Any]] = {
    "GenerateFeedback": {
        "preprocessors": [
            "nbgrader.preprocessors.GetGrades",
            "autograder.feedback.StudentView",
            "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
        ]
    },
    "HTMLExporter": {"sanitize_html": True},
    "TemplateExporter": {
        "filters": {
            "clean_html": "autograder.feedback.clean_html",
            "strip_files_prefix": "autograder.feedback.strip_files_prefix",
        }
    },
}


@cache
def _exporter() -> HTMLExporter:
    config = Config(SETTINGS)
    # The converter adds the template's folders to its configuration.
    return HTMLExporter(config=GenerateFeedback(config=config).config)


def student_page(course: Course, student: str, notebook: str, assignment: str = "week01") -> str:
    """The student's page for one notebook, scores left out."""
    nb = course.autograded(student, notebook, assignment)
    resources = {
        "nbgrader": {"notebook": notebook, "score": 0, "max_score": 0, "late_penalty": 0},
        "unique_key": notebook,
    }
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader", {})
        meta.update(score=0, points=0, comment=None) if meta else None
    nb, resources = StudentView(language="en").preprocess(nb, resources)
    page, _ = _exporter().from_notebook_node(nb, resources=resources)
    return str(page)
