"""A notebook or a text as one HTML file for a phone: no network, no script, with our Khmer font."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

TEMPLATES = Path(__file__).parent / "templates"
_PICTURE = {"en": "The picture that this cell draws", "km": "រូបភាពដែលក្រឡានេះគូរ"}


def notebook_page(
    notebook: Any, title: str, *, language: str = "en", instructor: bool = False
) -> str:
    """The HTML of a notebook. An instructor's view has the checks open."""
    resources = {
        "phone": {
            "title": title,
            "language": language,
            "instructor": instructor,
            "picture": _PICTURE[language],
            "style": (TEMPLATES / "phone" / "phone.css").read_text(encoding="utf-8"),
            "font": _font(),
        }
    }
    page, _ = _exporter().from_notebook_node(notebook, resources)
    return str(page)


def sheet_page(markdown: str, title: str, *, language: str = "en") -> str:
    """The HTML of a text, such as an instructor's guide."""
    cells = [new_markdown_cell(markdown, id="sheet")]
    return notebook_page(new_notebook(cells=cells), title, language=language)


def with_phone_head(head: str) -> str:
    """The head of nbgrader's feedback with a phone's width, our style and our Khmer font.

    A filter of the template `feedback_phone`, named in nbgrader_config.py.
    """
    style = (TEMPLATES / "feedback_phone" / "feedback.css").read_text(encoding="utf-8")
    font = f'@font-face {{ font-family: "Noto Sans Khmer"; src: url("{_font()}") format("woff2"); '
    font += "font-weight: 400 700; unicode-range: U+1780-17FF, U+19E0-19FF, U+200B-200D, U+25CC; }"
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return head.replace("</head>", f"{viewport}\n<style>\n{font}\n{style}</style>\n</head>")


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="phone", extra_template_basedirs=[str(TEMPLATES)])


@cache
def _font() -> str:
    """The Khmer font as a data URL: a page is then one file, which can be sent by a messenger."""
    font = files("hub.student").joinpath("static/noto-sans-khmer.woff2").read_bytes()
    return "data:font/woff2;base64," + base64.b64encode(font).decode("ascii")
