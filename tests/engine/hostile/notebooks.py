"""Notebooks and folders that are broken or tampered with: what is done to a right submission."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.courses import Course, fill
from tests.engine.hostile.target import FULL, RIGHT

Nb = dict[str, Any]
NAME = "practice.ipynb"
XSS = (
    "<script>alert('XSS-A')</script><img src=x onerror=\"alert('XSS-A')\">"
    '<a href="javascript:alert(1)">XSS-A</a><svg onload="alert(1)"/><iframe src="//evil"></iframe>'
)


@dataclass(frozen=True)
class Tampering:
    """One way to tamper; `score` of a graded one, or words of the reason of an ungraded one."""

    name: str
    do: Callable[[Path], None]
    score: float | None = None
    reason: str = ""

    @property
    def student(self) -> str:
        return f"malformed-{self.name}"

    def submit(self, course: Course) -> None:
        answers = {**RIGHT, "essay": "nothing"}
        folder = course.submit(self.student, edit=lambda _, nb: fill(nb, answers))
        self.do(folder)


def _json(change: Callable[[Nb], Any]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / NAME
        nb = json.loads(path.read_text())
        nb = change(nb) or nb
        path.write_text(json.dumps(nb))

    return do


def _cell(grade_id: str, change: Callable[[Nb], Any]) -> Callable[[Path], None]:
    def edit(nb: Nb) -> None:
        for cell in nb["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
                change(cell)

    return _json(edit)


def _meta(grade_id: str, /, **changes: Any) -> Callable[[Path], None]:
    return _cell(grade_id, lambda cell: cell["metadata"]["nbgrader"].update(changes))


def _without(*grade_ids: str) -> Callable[[Path], None]:
    def edit(nb: Nb) -> None:
        nb["cells"] = [
            cell
            for cell in nb["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") not in grade_ids
        ]

    return _json(edit)


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / NAME).write_bytes(data) and None


def _code(source: str, **more: Any) -> Nb:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        **more,
    }


def _duplicate(grade_id: str, source: str, *, first: bool) -> Callable[[Path], None]:
    def edit(nb: Nb) -> None:
        cell = next(
            c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
        )
        copy = {**json.loads(json.dumps(cell)), "source": source, "id": "copy"}
        nb["cells"].insert(0 if first else len(nb["cells"]), copy)

    return _json(edit)


def _tests_first(nb: Nb) -> None:
    nb["cells"].sort(key=lambda cell: not cell["metadata"].get("nbgrader", {}).get("grade"))


def _reversed(nb: Nb) -> None:
    nb["cells"].reverse()


def _symlinked_notebook(folder: Path) -> None:
    path = folder / NAME
    path.unlink()
    path.symlink_to(folder.parents[2] / "source" / "week01" / NAME)


def _links(folder: Path) -> None:
    root = folder.parents[2]
    (folder / "book.db").symlink_to(root / "gradebook.db")
    (folder / "hidden").symlink_to(root / "source")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to("loop")


def _special_files(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "name\nwith\x1bescapes").write_text("x")


def _slip(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "..%2f..%2fslip").write_text("x")
    (folder / "..\\slip").write_text("x")


def _forged_outputs(cell: Nb) -> None:
    cell["outputs"] = [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "99"},
            "metadata": {},
            "execution_count": 1,
        }
    ]


def _xss(nb: Nb) -> None:
    nb["metadata"]["title"] = XSS
    nb["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {}, "x": "</script>" + XSS}
    }
    show = (
        "from IPython.display import *\n"
        f"bad = {XSS!r}\n"
        "display(HTML(bad), Javascript('alert(\"XSS-A\")'), Markdown(bad), Latex(bad))\n"
        'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg"><script>alert("XSS-A")</script>'
        "</svg>'))\n"
        "display({'image/png': 'x\" onerror=\"alert(1)'}, raw=True)\n"
        "display({'image/png': 'eHh4'}, metadata={'image/png': {'width': '1 onload=alert(1)'}}, "
        "raw=True)\n"
        "display({'text/html': bad}, metadata={'text/html': {'isolated': True}}, raw=True)\n"
        "print(bad)\nraise ValueError(bad)"
    )
    nb["cells"] += [
        _code(show, id="<b>XSS"),
        {"cell_type": "markdown", "source": XSS, "metadata": {"tags": [XSS]}},
        {
            "cell_type": "markdown",
            "source": "[XSS-A](javascript:alert(1)) $\\href{javascript:x}{y}$",
            "metadata": {},
        },
        {"cell_type": "raw", "source": XSS, "metadata": {"format": "text/html"}},
        {
            "cell_type": "markdown",
            "source": "![x](attachment:a.png)",
            "metadata": {},
            "attachments": {"a.png": {'image/png" onerror="alert(1)': 'x" onerror="alert(1)'}},
        },
    ]


TAMPERINGS = [
    Tampering("more-points", _meta("test-double", points=200), FULL),
    Tampering("points-as-text", _meta("test-double", points="many"), FULL),
    Tampering("negative-points", _meta("test-double", points=-5), FULL),
    Tampering("huge-points", _meta("test-double", points=1e308), FULL),
    Tampering("test-says-it-is-a-solution", _meta("test-double", solution=True), FULL),
    Tampering("solution-says-it-is-a-test", _meta("double", grade=True, points=5), FULL),
    Tampering("test-is-not-graded", _meta("test-double", grade=False), FULL),
    Tampering("test-is-not-locked", _meta("test-double", locked=False), FULL),
    Tampering("test-is-a-task", _meta("test-double", task=True, grade=False), FULL),
    Tampering("old-schema", _meta("test-double", schema_version=1), FULL),
    Tampering("new-schema", _meta("test-double", schema_version=99), FULL),
    Tampering(
        "no-schema",
        _cell("test-double", lambda c: c["metadata"]["nbgrader"].pop("schema_version")),
        FULL,
    ),
    Tampering(
        "metadata-is-a-list", _cell("essay", lambda c: c["metadata"].update(nbgrader=[1])), FULL
    ),
    Tampering(
        "metadata-without-name",
        _cell("test-greet", lambda c: c["metadata"]["nbgrader"].pop("grade_id")),
        FULL,
    ),
    Tampering("unknown-name", _meta("test-greet", grade_id="test-unknown"), FULL),
    Tampering("name-is-a-number", _meta("test-greet", grade_id=5), FULL),
    Tampering(
        "swapped-names",
        _json(
            lambda nb: (
                [
                    c["metadata"]["nbgrader"].update(
                        grade_id={"test-double": "test-greet", "test-greet": "test-double"}.get(
                            c["metadata"]["nbgrader"]["grade_id"],
                            c["metadata"]["nbgrader"]["grade_id"],
                        )
                    )
                    for c in nb["cells"]
                    if "nbgrader" in c["metadata"]
                ]
                and None
            )
        ),
        FULL,
    ),
    Tampering("forged-checksum", _meta("test-double", checksum="0" * 32), FULL),
    Tampering("test-emptied", _cell("test-double", lambda c: c.update(source="")), FULL),
    Tampering("test-always-passes", _cell("test-double", lambda c: c.update(source="99")), FULL),
    Tampering(
        "test-is-markdown",
        _cell(
            "test-double",
            lambda c: (c.update(cell_type="markdown"), c.pop("outputs"), c.pop("execution_count")),
        ),
        FULL,
    ),
    Tampering(
        "test-is-raw",
        _cell(
            "test-double",
            lambda c: (c.update(cell_type="raw"), c.pop("outputs"), c.pop("execution_count")),
        ),
        FULL,
    ),
    Tampering("test-removed", _without("test-double"), FULL),
    Tampering("all-tests-removed", _without("test-double", "test-greet", "test-total"), FULL),
    Tampering("everything-removed", _json(lambda nb: nb.update(cells=[])), 0.0),
    Tampering("solution-removed", _without("double"), 4.0),
    Tampering("tests-first", _json(_tests_first), FULL),
    Tampering("reversed", _json(_reversed), FULL),
    Tampering("test-twice", _duplicate("test-double", "99", first=True), FULL),
    Tampering("test-twice-last", _duplicate("test-double", "99", first=False), FULL),
    Tampering("solution-twice", _duplicate("double", "def double(x): return 0", first=True), FULL),
    Tampering(
        "skip-tag",
        _cell("test-double", lambda c: c["metadata"].update(tags=["skip-execution"])),
        FULL,
    ),
    Tampering(
        "tags-are-text",
        _cell("test-double", lambda c: c["metadata"].update(tags="skip-execution")),
        FULL,
    ),
    Tampering(
        "shared-by-the-student",
        _cell("test-double", lambda c: c["metadata"].update(autograder={"shared": True})),
        FULL,
    ),
    Tampering(
        "scripted-input-by-the-student",
        _cell("double", lambda c: c["metadata"].update(autograder={"input": 5})),
        FULL,
    ),
    Tampering("forged-outputs", _cell("test-double", _forged_outputs), FULL),
    Tampering(
        "other-kernel",
        _json(
            lambda nb: nb["metadata"].update(
                kernelspec={"name": "bash", "display_name": "x", "language": "bash"}
            )
        ),
        FULL,
    ),
    Tampering("no-kernel", _json(lambda nb: nb.update(metadata={})), FULL),
    Tampering("no-ids", _json(lambda nb: [c.pop("id", None) for c in nb["cells"]] and None), FULL),
    Tampering("same-ids", _json(lambda nb: [c.update(id="a") for c in nb["cells"]] and None), FULL),
    Tampering(
        "crlf",
        lambda folder: (
            (folder / NAME).write_bytes((folder / NAME).read_bytes().replace(b"\n", b"\r\n"))
            and None
        ),
        FULL,
    ),
    Tampering(
        "byte-order-mark",
        lambda folder: (
            (folder / NAME).write_bytes(b"\xef\xbb\xbf" + (folder / NAME).read_bytes()) and None
        ),
        FULL,
    ),
    Tampering("xss", _json(_xss), FULL),
    Tampering("links", _links, FULL),
    Tampering("special-files", _special_files, FULL),
    Tampering("zip-slip", _slip, FULL),
    Tampering(
        "lone-surrogate",
        _json(lambda nb: nb["cells"].insert(0, _code("print('\\ud800')\n'\\udfff'"))),
        FULL,
    ),
    Tampering("null-bytes", _json(lambda nb: nb["cells"].insert(0, _code("x = '\x00'"))), FULL),
    Tampering(
        "symlinked-notebook", _symlinked_notebook, reason="None of the assignment's notebooks"
    ),
    Tampering(
        "renamed",
        lambda folder: (folder / NAME).rename(folder / "Practice (1).ipynb") and None,
        reason="Was one renamed",
    ),
    Tampering("empty-file", _bytes(b""), reason="not a notebook"),
    Tampering("not-json", _bytes(b"print('hello')"), reason="not a notebook"),
    Tampering("not-utf8", _bytes('{"a": "សួស្តី"}'.encode("utf-16")), reason="not UTF-8"),
    Tampering(
        "half-a-file",
        lambda folder: (folder / NAME).write_bytes((folder / NAME).read_bytes()[:900]) and None,
        reason="not a notebook",
    ),
    Tampering("a-list", _bytes(b"[]"), reason="not a notebook"),
    Tampering(
        "no-cells",
        _bytes(b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}'),
        reason="no list of cells|not a notebook",
    ),
    Tampering(
        "cells-are-numbers", _json(lambda nb: nb.update(cells=[1, 2])), reason="not a notebook"
    ),
    Tampering(
        "source-is-a-number",
        _json(lambda nb: nb["cells"][0].update(source=5)),
        reason="not a notebook",
    ),
    Tampering("version-99", _json(lambda nb: nb.update(nbformat=99)), reason="not a notebook"),
    Tampering(
        "deep-json", _bytes(b'{"nbformat": 4, "cells": ' + b"[" * 100_000), reason="not a notebook"
    ),
    Tampering(
        "hundred-thousand-cells",
        _json(lambda nb: nb["cells"].extend([_code("1", id=f"c{n}") for n in range(100_000)])),
        reason="more than 5000",
    ),
    Tampering(
        "huge-file",
        lambda folder: (folder / NAME).write_bytes(b" " * (33 * 2**20)) and None,
        reason="bigger than",
    ),
]

__all__ = ["TAMPERINGS", "XSS", "Tampering"]
