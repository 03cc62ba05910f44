"""The book through Typst: a template and its content in, pages out.

Fonts come from packages and from Typst itself (the one for code), never from the machine or the
network, and the time is a fixed one: the same content gives the same bytes on every machine.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from programme.typesetting import FONT_PACKAGES
from soc.errors import SocError

GUIDE_PAGES = 2
_MADE_AT = 1_767_225_600  # 2026-01-01, for every copy


def as_pdf(template: Path, content: Mapping[str, Any], numbers: Sequence[int]) -> bytes:
    """The book. Raises SocError when a guide is not two pages long, or Typst can't set it."""
    try:
        compiler = _compiler(template, content)
        _check_guides(json.loads(compiler.query("<mark>", field="value")), numbers)
        made = compiler.compile(format="pdf", timestamp=_MADE_AT)
    except typst.TypstError as error:
        raise SocError(f"{template} could not be set: {error}") from error
    if not isinstance(made, bytes):
        raise SocError(f"{template} made no PDF.")
    return made


def as_pictures(template: Path, content: Mapping[str, Any], dots_per_inch: int) -> list[bytes]:
    """Every page as PNG."""
    made = _compiler(template, content).compile(format="png", ppi=dots_per_inch)
    return [made] if isinstance(made, bytes) else list(made or ())


def _compiler(template: Path, content: Mapping[str, Any]) -> typst.Compiler:
    folders = [str(importlib.resources.files(package) / "files") for package in FONT_PACKAGES]
    return typst.Compiler(
        input=str(template),
        font_paths=folders,
        ignore_system_fonts=True,
        sys_inputs={"book": json.dumps(content, ensure_ascii=False)},
    )


def _check_guides(marks: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> None:
    at = {(mark["session"], mark["part"]): int(mark["page"]) for mark in marks}
    for number in numbers:
        begins = at[number, "guide"]
        plan, end = at[number, "plan-end"] - begins, at[number, "guide-end"] - begins
        if (plan, end) != (0, GUIDE_PAGES - 1):
            raise SocError(
                f"The guide of session {number} takes {end + 1} pages, and must take "
                f"{GUIDE_PAGES}: its plan one, and the rest one. Shorten "
                f"guides/session{number:02}.toml."
            )
