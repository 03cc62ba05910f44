"""What a student sees of her graded notebook: words that help, no hidden test, no active content.

    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "autograder.feedback.StudentView",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.HTMLExporter.sanitize_html = True
    c.TemplateExporter.filters = {
        "clean_html": "autograder.feedback.clean_html",
        "strip_files_prefix": "autograder.feedback.strip_files_prefix",
    }

What begins with HTMLExporter also guards formgrader, which shows the same notebooks to the teacher.
"""

from __future__ import annotations

import html
import re
from typing import Any

import bleach  # type: ignore[import-untyped]
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]
from nbconvert import filters
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder import wording
from autograder.cells import METADATA_KEY, part_of

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_ATTRIBUTES = {
    "*": ["class", "id", "style", "title", "lang", "dir", "align"],
    "a": ["href", "title", "name"],
    "img": ["src", "alt", "width", "height"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "details": ["open"],
    "ol": ["start"],
}
_STYLES = [
    "color",
    "background-color",
    "text-align",
    "font-weight",
    "font-style",
    "font-size",
    "width",
    "height",
    "border",
    "border-collapse",
    "padding",
    "margin",
    "text-decoration",
    "vertical-align",
    "max-width",
    "white-space",
]
_STYLE_ELEMENT = re.compile(r"<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_LATEX_LINK = re.compile(r"\\(href|url|html@href|unicode|class|cssId|style)\b")
_MAX_TEXT = 4_000


def clean_html(element: Any) -> str:
    """HTML without anything active: what tags and attributes are not listed is shown as text.

    Takes the place of nbconvert's filter of that name, which does not know paragraphs.
    """
    text = element.decode() if isinstance(element, bytes) else str(element)
    text = _LATEX_LINK.sub(r"\\text", _STYLE_ELEMENT.sub("", text))
    cleaned: str = bleach.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
    )
    return _only_pictures(cleaned)


def strip_files_prefix(text: str) -> str:
    """nbconvert's filter of that name, and clean: nbgrader's pages put it after Markdown, last."""
    return clean_html(filters.strip_files_prefix(text))


_DATA_LINK = re.compile(r"""\b(href|src)=(["'])\s*data:(?!image/(?:png|jpeg|gif|webp);base64,)""")
_DATA_HREF = re.compile(r"""\bhref=(["'])\s*data:""")


def _only_pictures(text: str) -> str:
    """`data:` only as a picture's source."""
    text = _DATA_HREF.sub(r"data-removed=\1", text)
    return _DATA_LINK.sub(r"data-removed=\2", text)


class StudentView(NbGraderPreprocessor):
    """Rewrites test cells of an autograded notebook for the student's eyes."""

    language = Unicode("", help="en or km; empty takes SOC_LANGUAGE.").tag(config=True)
    begin_hidden = Unicode(
        "BEGIN HIDDEN TESTS", help="As ClearHiddenTests.begin_test_delimeter."
    ).tag(config=True)
    end_hidden = Unicode("END HIDDEN TESTS", help="As ClearHiddenTests.end_test_delimeter.").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Rewrite `nb` in place; what it says about widgets and titles is dropped."""
        for name in ("widgets", "title", "authors"):
            nb.metadata.pop(name, None)
        for cell in nb.cells:
            if cell.cell_type == "code":
                self._rewrite(cell)
        return nb, resources

    def _rewrite(self, cell: Any) -> None:
        if part_of(cell) == "test":
            self._rewrite_test(cell)
            return
        hidden_at = self._hidden_from(cell.source)
        if hidden_at is not None:
            cell.source = self._without_hidden(cell.source)
            cell.outputs = []
        self._explain_stops(cell)
        for output in cell.outputs:
            # A page of its own inside the page would not be cleaned like the rest.
            for part in (output.get("metadata") or {}).values():
                if isinstance(part, dict):
                    part.pop("isolated", None)

    def _explain_stops(self, cell: Any) -> None:
        """In her own cells errors stay as Python says them; only ours get words."""
        for position, output in enumerate(cell.outputs):
            if output.output_type == "error" and output.ename in (
                "CellTimeoutError",
                "ProgramStopped",
            ):
                identity, fields = wording.recognise(output.ename, output.evalue)
                cell.outputs[position] = _block(wording.say(identity, self._language, **fields))

    @property
    def _language(self) -> str | None:
        return self.language or None

    def _rewrite_test(self, cell: Any) -> None:
        hidden_at = self._hidden_from(cell.source)
        cell.source = self._without_hidden(cell.source)
        failure = next((o for o in cell.outputs if o.output_type == "error"), None)
        shown = (
            []
            if hidden_at is not None
            else [output for output in cell.outputs if output.output_type != "error"]
        )
        if failure is not None:
            shown.append(self._explain(cell, failure, hidden_at))
        cell.outputs = shown

    def _explain(self, cell: Any, failure: Any, hidden_at: int | None) -> Any:
        facts = cell.metadata.get(METADATA_KEY) or {}
        line, by_program = facts.get("line"), facts.get("by") != "test"
        text = _short(failure.evalue)
        if hidden_at is not None and not (isinstance(line, int) and line < hidden_at):
            if not by_program and failure.ename == "AssertionError" and wording.has_identity(text):
                return _block(text)
            if by_program and facts:
                return _block(
                    wording.say("hidden-error", self._language, error=_plain_name(failure.ename))
                )
            return _block(wording.say("hidden-failed", self._language))
        details = [] if hidden_at is not None else list(failure.traceback)
        if not by_program and failure.ename == "AssertionError" and text:
            return _block(text, details, self._language)
        identity, fields = wording.recognise(failure.ename, failure.evalue)
        return _block(wording.say(identity, self._language, **fields), details, self._language)

    def _hidden_from(self, source: str) -> int | None:
        """Number of the first line of a hidden part, from 1; None when there is none."""
        for number, line in enumerate(source.splitlines(), start=1):
            if self.begin_hidden in line:
                return number
        return None

    def _without_hidden(self, source: str) -> str:
        """The text without hidden parts. A part without an end reaches to the end."""
        kept, hidden = [], False
        for line in source.split("\n"):
            if self.begin_hidden in line:
                hidden = True
            if not hidden:
                kept.append(line)
            if self.end_hidden in line:
                hidden = False
        return "\n".join(kept).rstrip("\n")


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + " …"


def _plain_name(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 60 else "Error"


def _block(text: str, details: list[str] | None = None, language: str | None = None) -> Any:
    """An output of ours: the words, and what Python said folded below."""
    lines = "<br>".join(html.escape(line) for line in text.splitlines())
    parts = [f'<div class="soc-feedback"><p>{lines}</p>']
    if details:
        folded = html.escape(_short(filters.strip_ansi("\n".join(details))))
        title = html.escape(wording.say("details", language))
        parts.append(f"<details><summary>{title}</summary><pre>{folded}</pre></details>")
    parts.append("</div>")
    return new_output("display_data", {"text/html": "".join(parts), "text/plain": text})
