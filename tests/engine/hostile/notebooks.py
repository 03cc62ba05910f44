"""Notebooks and folders that are broken or tampered with: what is done to a right submission."""

from __future__ import annotations

import gzip
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


def _text(change: Callable[[str], str]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / NAME
        path.write_text(change(path.read_text()))

    return do


def _not_a_file(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / NAME).unlink()
        make(folder / NAME)

    return do


def _deep(levels: int) -> Any:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"d": nested}
    return nested


def _stamp(data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / "timestamp.txt").write_bytes(data) and None


def _time_is_a_pipe(folder: Path) -> None:
    (folder / "timestamp.txt").unlink(missing_ok=True)
    os.mkfifo(folder / "timestamp.txt")


def _steering_signs(nb: Nb) -> None:
    signs = "\u202e\u2066\u200b\x1b[31m\x1b]0;title\x07\x08\x7f XSS-A"
    nb["cells"] += [
        _code(f"# {signs}\nprint({signs!r})\nraise ValueError({signs!r})"),
        {"cell_type": "markdown", "source": signs, "metadata": {signs: signs}},
    ]


def _hostile_attachments(cell: Nb) -> None:
    svg = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4="
    cell["attachments"] = {
        "a.svg": {"image/svg+xml": svg},
        "../../../slip.html": {"text/html": XSS},
        '"><script>alert(1)</script>': {"image/png": "eHh4"},
    }
    cell["source"] = (
        f"{XSS} ![x](attachment:a.svg) ![x](attachment:../../../slip.html) "
        '<object data="attachment:a.svg"></object><math href="javascript:alert(1)">XSS-A</math>'
    )


def _stored_outputs(nb: Nb) -> None:
    """Thirty thousand outputs of her own saving, the last of them of no known shape."""
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "display_data", "data": {"text/html": XSS}, "metadata": {}}
            ] * 3000


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
    Tampering("solution-removed", _without("double"), 8.0),
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
    Tampering(
        "keys-twice",
        _text(lambda text: text.replace('"points": ', '"points": 99, "grade_id": "x", "points": ')),
        FULL,
    ),
    Tampering(
        "source-twice",
        _text(lambda text: text.replace('"source":', '"source": "raise SystemExit", "source":')),
        FULL,
    ),
    Tampering(
        "not-a-number",
        _cell("double", lambda c: c["metadata"].update(x=[float("nan"), float("inf"), -0.0])),
        FULL,
    ),
    Tampering("points-not-a-number", _meta("test-double", points=float("nan")), FULL),
    Tampering(
        "a-very-long-number",
        _text(lambda text: text.replace('"points": 2', '"points": ' + "9" * 100_000, 1)),
        reason="not a notebook",
    ),
    Tampering(
        "deep-metadata", _cell("double", lambda c: c["metadata"].update(deep=_deep(400))), FULL
    ),
    Tampering(
        "deeper-metadata",
        _text(lambda text: text.replace('"metadata": {', '"metadata": {"x": ' + "[" * 100_000, 1)),
        reason="not a notebook",
    ),
    Tampering(
        "wide-metadata",
        _json(lambda nb: nb["metadata"].update({f"k{n}": "x" * 50 for n in range(100_000)})),
        FULL,
    ),
    Tampering(
        "names-of-prototypes",
        _cell(
            "double",
            lambda c: c["metadata"].update(
                {"__proto__": {"x": 1}, "constructor": 1, "toString": [], "__class__": "x"}
            ),
        ),
        FULL,
    ),
    Tampering(
        "metadata-of-others",
        _cell(
            "double",
            lambda c: c["metadata"].update(
                jupyter={"source_hidden": True}, slideshow=5, collapsed="x", name=[], format={}
            ),
        ),
        FULL,
    ),
    Tampering("attachments-with-scripts", _cell("essay", _hostile_attachments), FULL),
    Tampering(
        "attachments-are-a-list",
        _cell("essay", lambda c: c.update(attachments=["x"])),
        reason="not a notebook",
    ),
    Tampering("signs-that-steer", _json(_steering_signs), FULL),
    Tampering("stored-outputs", _json(_stored_outputs), FULL),
    Tampering(
        "outputs-of-no-shape",
        _cell("double", lambda c: c.update(outputs=[{"output_type": "evil"}, 5, None])),
        reason="not a notebook",
    ),
    Tampering("counts-are-text", _cell("double", lambda c: c.update(execution_count="x")), FULL),
    Tampering(
        "look-alike-name",
        _meta("test-greet", grade_id="test-gr\u0435et"),
        FULL,
    ),
    Tampering(
        "name-is-a-path",
        _meta("essay", grade_id="../../gradebook.db'; DROP TABLE grade; --"),
        FULL,
    ),
    Tampering(
        "kernel-is-a-path",
        _json(
            lambda nb: nb["metadata"].update(
                kernelspec={"name": "../../evil", "display_name": XSS, "language": "python"},
                language_info={"name": XSS, "version": [], "codemirror_mode": {"name": XSS}},
            )
        ),
        FULL,
    ),
    Tampering("minor-version-99", _json(lambda nb: nb.update(nbformat_minor=99)), FULL),
    Tampering(
        "version-is-text", _json(lambda nb: nb.update(nbformat="4")), reason="not a notebook"
    ),
    Tampering(
        "version-3",
        _json(lambda nb: {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": nb["cells"]}]}),
        0.0,  # that format has its text elsewhere: nothing of it is there
    ),
    Tampering(
        "two-byte-order-marks",
        lambda folder: (
            (folder / NAME).write_bytes(b"\xef\xbb\xbf" * 2 + (folder / NAME).read_bytes()) and None
        ),
        reason="not a notebook",
    ),
    Tampering(
        "utf-16",
        lambda folder: (
            (folder / NAME).write_bytes((folder / NAME).read_text().encode("utf-16")) and None
        ),
        reason="not UTF-8",
    ),
    Tampering(
        "compressed",
        _bytes(gzip.compress(b" " * (32 * 2**20), 9)),
        reason="not UTF-8",
    ),
    Tampering("a-pipe", _not_a_file(os.mkfifo), reason="None of the assignment's notebooks"),
    Tampering("a-folder", _not_a_file(Path.mkdir), reason="None of the assignment's notebooks"),
    Tampering(
        "a-device",
        _not_a_file(lambda path: path.symlink_to("/dev/zero")),
        reason="None of the assignment's notebooks",
    ),
    Tampering("time-is-nonsense", _stamp(b"\xff\x00 \xe2\x80\xae 9999999999"), reason="is no time"),
    Tampering("time-is-long", _stamp(b"2026" * 5_000_000), reason="is no time"),
    Tampering("time-is-far", _stamp(b"9999-12-31 23:59:59 UTC"), FULL),
    Tampering(
        "time-is-a-pipe",
        _time_is_a_pipe,
        FULL,
    ),
    Tampering(
        "name-is-not-text",
        lambda folder: open(os.fsencode(folder) + b"/\xff\xfe.txt", "wb").close(),  # noqa: PTH123
        FULL,
    ),
]

__all__ = ["TAMPERINGS", "XSS", "Tampering"]
