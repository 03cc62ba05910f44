"""For authors: what in a source notebook's tests can't cross the clean room.

    python -m autograder.authoring course/source/week01 --with course/mistakes/week01/answers.json

Reading finds what is known not to work; running the notebook's own solutions finds the rest.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat

from autograder import assignment, folder
from autograder.cells import Part, TeacherNames, names_of, part_of, role_of, to_run
from autograder.engine import Engine
from autograder.outputs import text_of


@dataclass(frozen=True)
class Finding:
    """Something an author should look at. `stops` says that the test can't work as it is."""

    cell: str
    line: int
    text: str
    stops: bool


_TEXTS = {
    "subclass": "makes a subclass of a class of the student's: that needs `autograder.shared`",
    "patch-main": "patches a name of the notebook by its path: assign to the name instead",
    "pickle": "unpickles: a pickle is a program. Use JSON, CSV or text",
    "runs-text": "runs text or a file by {name}: a student's must not run in the checker",
    "interpreter": "looks into the interpreter ({name}): it is the checker's, not the student's",
    "copy-first": "uses {name} after the student's program had it and may have changed it: "
    "compute what is expected first, or from a copy",
    "own-credit": "ends with a value that the student's program gives: that value is the mark",
    "figure": "asks {name} for the current figure, which is the checker's: let the student's "
    "function return its axes, or ask for a name that her cell keeps them under",
    "patch-elsewhere": "patches {name} for the test alone, not for the student's program: seed "
    "`random`, hand the replacement over as an argument, or set `autograder.shared`",
    "shared": "runs in the student's interpreter (autograder.shared), which can fake its result",
}
_RUNS_TEXT = ("exec", "eval", "runpy.run_path", "runpy.run_module")
_RUNS_FILE = re.compile(r"^\s*%(run|load_ext)\b", re.MULTILINE)
_INTERPRETER = ("get_ipython", "globals", "locals")
_FIGURE = ("gca", "gcf", "get_fignums", "axes")
_SEEN_BY_BOTH = ("builtins.input", "sys.stdin", "sys.stdout")
_HARMLESS = ("copy-first", "figure", "patch-elsewhere", "shared")
_NEXT = {
    "FileNotFoundError": "A file that a call writes while it is tested is not where the test "
    "looks: let a cell of the student's write it before the test, or set `autograder.shared`.",
}


def read(notebook: Any) -> list[Finding]:
    """Findings in the text of a source notebook's test cells."""
    names = assignment.from_notebook(notebook).names
    found = []
    for cell in notebook.cells:
        role = role_of(cell)
        if role not in ("test", "shared"):
            continue
        grade_id = cell.metadata["nbgrader"].get("grade_id", "?")
        if role == "shared":
            found.append(Finding(grade_id, 1, _TEXTS["shared"], stops=False))
            continue
        for magic in _RUNS_FILE.finditer(cell.source):
            line = cell.source.count("\n", 0, magic.start(1)) + 1
            text = _TEXTS["runs-text"].format(name=f"%{magic[1]}")
            found.append(Finding(grade_id, line, text, stops=True))
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            continue  # magics; running it tells
        for line, kind, name in _problems(tree, names):
            text = _TEXTS[kind].format(name=name)
            found.append(Finding(grade_id, line, text, stops=kind not in _HARMLESS))
    return [*found, *_names_from_tests(notebook)]


def _problems(tree: ast.Module, names: TeacherNames) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id in names.classes:
                    yield node.lineno, "subclass", base.id
        elif isinstance(node, ast.Call):
            yield from _call_problems(node)
        elif isinstance(node, ast.Assert):
            yield from _compared_after(node, names)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and _calls(last.value, names):
        yield last.lineno, "own-credit", ""


def _call_problems(node: ast.Call) -> Iterator[tuple[int, str, str]]:
    called = ast.unparse(node.func)
    if called.rpartition(".")[2] in ("patch", "setattr") and node.args:
        target = node.args[0]
        name = str(target.value) if isinstance(target, ast.Constant) else ""
        if name.startswith("__main__"):
            yield node.lineno, "patch-main", ""
        elif "." in name and name not in _SEEN_BY_BOTH:
            yield node.lineno, "patch-elsewhere", name
    if called in [f"plt.{asked}" for asked in _FIGURE]:
        yield node.lineno, "figure", called
    if called in ("pickle.load", "pickle.loads", "pd.read_pickle", "pandas.read_pickle"):
        yield node.lineno, "pickle", ""
    if called in _RUNS_TEXT:
        yield node.lineno, "runs-text", called
    if called in _INTERPRETER:
        yield node.lineno, "interpreter", called


def _calls(node: ast.AST, names: TeacherNames) -> bool:
    """Whether an expression is a call of an exercise's function."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names.exercises
    )


def _compared_after(node: ast.Assert, names: TeacherNames) -> Iterator[tuple[int, str, str]]:
    """`assert f(x) == g(x)`: x is read again after the student's f had it."""
    test = node.test
    if not isinstance(test, ast.Compare) or not _calls(test.left, names):
        return
    given = {arg.id for arg in test.left.args if isinstance(arg, ast.Name)}  # type: ignore[attr-defined]
    for other in test.comparators:
        again = {n.id for n in ast.walk(other) if isinstance(n, ast.Name)} & given
        if again:
            yield node.lineno, "copy-first", ", ".join(sorted(again))


def _names_from_tests(notebook: Any) -> Iterator[Finding]:
    """Names that only a test defines and a student's cell uses: they are in two interpreters."""
    parts: dict[Part, set[str]] = {"test": set(), "solution": set(), "locked": set(), "free": set()}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            bound, _ = names_of(cell.source)
            parts[part_of(cell)] |= bound
    only_tests = parts["test"] - parts["solution"] - parts["locked"] - parts["free"]
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and part_of(cell) != "test":
            _, used = names_of(cell.source)
            for name in sorted(used & only_tests):
                text = f"uses {name}, which only a test cell defines: it is not there"
                yield Finding(f"cell {number}", 1, text, stops=True)


def run(path: Path, engine: Engine, beside: Sequence[Path] = ()) -> list[Finding]:
    """Findings from running a source notebook's own solutions through the clean room.

    `beside` are files that a student hands in with it, such as answers.json.
    """
    notebook = nbformat.read(path, as_version=4)
    teacher = assignment.from_notebook(notebook)
    files = folder.read(path.parent, path.parent, called=path.parent.name)
    own = tuple((file.name, file.read_bytes()) for file in beside)
    files = replace(files, student=(*files.student, *own))
    ran = engine.run(to_run(notebook, teacher.metadata), files, teacher.names)
    found = []
    for cell, outcome in zip(notebook.cells, ran.outcomes, strict=True):
        if part_of(cell) == "test" and outcome.status == "error":
            error = outcome.outputs[-1]
            line = int((outcome.failure or {}).get("line") or 1)
            said = text_of(error.get("evalue")).partition("\n")[0]
            text = f"fails for the solution: {error.get('ename')}: {said}"
            text = f"{text} {_NEXT.get(str(error.get('ename')), '')}".rstrip()
            found.append(Finding(cell.metadata["nbgrader"]["grade_id"], line, text, stops=True))
    return found


def main() -> None:
    """Print the findings of the given notebooks or folders; status 1 when one stops a test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--with", dest="beside", action="append", type=Path, default=[])
    asked = parser.parse_args()
    engine = Engine()
    stops = False
    try:
        for place in asked.places:
            for path in sorted(place.glob("*.ipynb")) if place.is_dir() else [place]:
                notebook = nbformat.read(path, as_version=4)
                for finding in [*read(notebook), *run(path, engine, asked.beside)]:
                    mark = "STOPS" if finding.stops else "note "
                    print(f"{mark} {path} [{finding.cell}] line {finding.line}: {finding.text}")
                    stops |= finding.stops
    finally:
        engine.close()
    sys.exit(1 if stops else 0)


if __name__ == "__main__":
    main()
