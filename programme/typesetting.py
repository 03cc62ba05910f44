"""Typst: a template and data in, a page out. Deterministic, with fonts of ours, without a network.

Data go in as JSON: a name that looks like markup stays a name.
"""

from __future__ import annotations

import functools
import importlib.resources
import threading
from datetime import datetime
from pathlib import Path

import typst

from programme.errors import ProgrammeError

FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_khmer")
PICTURE_DOTS_PER_INCH = 96.0
_one_at_a_time = threading.Lock()  # a compiler is kept, and fails when two threads use it


class TypesettingError(ProgrammeError):
    """A page could not be set."""


def typeset(template: Path, data: str, kind: str, made_at: datetime, page: int = 1) -> bytes:
    """The template's pages as `pdf`, or its page of that number as `png`.

    `made_at` stands in the file.
    """
    try:
        with _one_at_a_time:
            made = _compiler(template).compile(
                format="png" if kind == "png" else "pdf",
                sys_inputs={"data": data},
                timestamp=made_at,
                ppi=PICTURE_DOTS_PER_INCH,
            )
    except typst.TypstError as error:
        raise TypesettingError(f"{template.name} can't be set: {error.message}") from error
    if isinstance(made, list):
        return made[page - 1]
    if made is None:
        raise TypesettingError(f"{template.name} gave no page.")
    return made


@functools.cache
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(
        str(template), root=str(template.parent), font_paths=_fonts(), ignore_system_fonts=True
    )


@functools.cache
def _fonts() -> typst.Fonts:
    folders = [str(importlib.resources.files(package) / "files") for package in FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
