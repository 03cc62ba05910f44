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
from collections.abc import Mapping, Sequence
from typing import Any

import bleach  # type: ignore[import-untyped]
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]
from nbconvert import filters
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
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
        unread = _unread(resources.get("nbgrader") or {})
        resources["feedback"] = {"unread": unread}
        for cell in nb.cells:
            if cell.cell_type == "code":
                self._rewrite(cell)
            if (cell.metadata.get("nbgrader") or {}).get("grade_id") in unread:
                self._say_who_reads(cell)
        return nb, resources

    def _say_who_reads(self, cell: Any) -> None:
        words = wording.say("to-be-read", self._language)
        if cell.cell_type == "code":
            cell.outputs.append(_block(words))
        else:
            cell.source += f"\n\n*{words}*"

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
        """Her own cells' errors stay as Python says them, but for what no line of hers shows:
        that it was stopped, and a character that the eye takes for another.
        """
        for position, output in enumerate(cell.outputs):
            if output.output_type != "error":
                continue
            identity, fields = wording.recognise(output.ename, output.evalue)
            if output.ename in ("CellTimeoutError", "ProgramStopped"):
                cell.outputs[position] = self._words(identity, fields)
            elif identity in wording.KEYBOARD:
                cell.outputs[position] = self._words(identity, fields, output.traceback)

    def _words(self, identity: str, fields: Mapping[str, str], details: Sequence[str] = ()) -> Any:
        return _block(
            wording.say(identity, self._language, **fields), list(details), self._language
        )

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
        line = facts.get("line")
        by_test_itself = facts.get("by") == "test"
        if hidden_at is not None and not (isinstance(line, int) and line < hidden_at):
            return self._explain_hidden(failure, by_test_itself, known=bool(facts))
        details = [] if hidden_at is not None else list(failure.traceback)
        account = dict(facts.get("account") or {})
        text = _short(failure.evalue)
        if by_test_itself and failure.ename == "AssertionError" and text:
            if account and not wording.has_identity(text):
                text += "\n" + wording.say(account.pop("id"), self._language, **account)
            return _block(text, details, self._language)
        if account:
            return self._words(account.pop("id"), account, details)
        return self._words(*wording.recognise(failure.ename, failure.evalue), details)

    def _explain_hidden(self, failure: Any, by_test_itself: bool, *, known: bool) -> Any:
        """Of a hidden test: the message of a listed mistake, or what holds no value of it."""
        if not by_test_itself and known:
            return self._words("hidden-error", {"error": _plain_name(failure.ename)})
        text = _short(failure.evalue)
        if by_test_itself and failure.ename == "AssertionError" and wording.has_identity(text):
            return _block(text)
        late = by_test_itself and failure.ename == "ProgramTookTooLong"
        return self._words("hidden-time" if late else "hidden-failed", {})

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


def _unread(known: Mapping[str, Any]) -> set[str]:
    """Grade ids of the cells that wait for a reader: their points are not known yet."""
    if not all(name in known for name in ("db_url", "notebook", "assignment", "student")):
        return set()
    with Gradebook(known["db_url"]) as gradebook:
        found = gradebook.find_submission_notebook(
            known["notebook"], known["assignment"], known["student"]
        )
        return {grade.name for grade in found.grades if grade.needs_manual_grade}


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
