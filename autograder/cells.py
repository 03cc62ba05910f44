"""What each cell of a notebook is for the grader, and which names the teacher's cells define.

Test cells (graded, locked code) go to the checker; every other code cell is the student's to
run, or the teacher's setup that the student may see anyway.
"""

from __future__ import annotations

import ast
import collections
import re
import symtable
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from autograder.remote import PLAIN_TYPES

Role = Literal["student", "test", "shared", "skip"]
Part = Literal["solution", "locked", "test", "free"]
METADATA_KEY = "autograder"
HIDDEN_MARK = "BEGIN HIDDEN TESTS"
_CLASS_MAKERS = frozenset(
    ["Enum", "Flag", "IntEnum", "IntFlag", "NamedTuple", "StrEnum", "TypedDict", "make_dataclass",
     "namedtuple", "new_class", "type"]
)  # fmt: skip
_BASES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (*PLAIN_TYPES, *(v for v in vars(collections).values() if isinstance(v, type)))
}
_SKIP_TAG = "skip-execution"  # nbclient's
_KEEP = re.compile(r"\s*%%keep\s+(\w+)[^\n]*\n?")
_MAGIC = re.compile(r"^(\s*)([%!?].*|.*\?)$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """One cell to run: its role, its text, and the lines that input() gives."""

    role: Role
    source: str
    input: tuple[str, ...] = ()


@dataclass(frozen=True)
class TeacherCell:
    """One code cell of the teacher's notebook."""

    part: Part
    source: str


@dataclass(frozen=True)
class TeacherNames:
    """What the teacher's notebook says about names.

    `imports` maps a name to `module` or `module:attribute`, `stars` are modules imported with
    a star, `definitions` maps a name to code that defines it from a locked cell, `exercises`
    are names that student's cells are to define, `classes` all names of classes, `members` what
    those classes define or inherit of Python's own types.
    """

    imports: Mapping[str, str] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    exercises: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """For the checker."""
        return {
            "imports": dict(self.imports),
            "stars": list(self.stars),
            "definitions": dict(self.definitions),
            "exercises": sorted(self.exercises),
            "classes": sorted(self.classes),
            "members": sorted(self.members),
        }


def part_of(cell: Any) -> Part:
    """Which part of an assignment a notebook's cell is, from nbgrader's metadata."""
    meta = cell.metadata.get("nbgrader") or {}
    if meta.get("solution"):
        return "solution"
    if meta.get("grade"):
        return "test"
    if meta.get("locked"):
        return "locked"
    return "free"


def role_of(cell: Any) -> Role:
    """Who runs a cell of a submitted notebook."""
    if cell.cell_type != "code" or not cell.source.strip():
        return "skip"
    if part_of(cell) == "test":
        ours = cell.metadata.get(METADATA_KEY) or {}
        return "shared" if ours.get("shared") is True else "test"
    return "skip" if _SKIP_TAG in cell.metadata.get("tags", ()) else "student"


def to_run(notebook: Any, teacher_metadata: Mapping[str, Mapping[str, Any]]) -> list[Cell]:
    """The notebook's cells for the engine, one for each cell, in order.

    `teacher_metadata` maps a grade id to the source cell's own `autograder` metadata: whether a
    test is shared and what input() gives is the teacher's to say, never the submission's.
    """
    cells = []
    for cell in notebook.cells:
        role = role_of(cell)
        ours = teacher_metadata.get(_grade_id(cell), {})
        if role in ("test", "shared"):
            role = "shared" if ours.get("shared") is True else "test"
        lines = ours.get("input") or ()
        cells.append(Cell(role, cell.source, tuple(str(line) for line in lines)))
    return cells


def _grade_id(cell: Any) -> str:
    return str((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))


def metadata_of(notebook: Any) -> dict[str, dict[str, Any]]:
    """The `autograder` metadata of a source notebook's cells, by grade id."""
    return {
        _grade_id(cell): dict(cell.metadata[METADATA_KEY])
        for cell in notebook.cells
        if _grade_id(cell) and isinstance(cell.metadata.get(METADATA_KEY), dict)
    }


def teacher_names(cells: Iterable[TeacherCell]) -> TeacherNames:
    """Read the teacher's cells. Cells that can't be parsed say nothing."""
    imports: dict[str, str] = {}
    stars: list[str] = []
    classes: set[str] = set()
    members: set[str] = set()
    exercises: set[str] = set()
    locked: dict[str, str] = {}
    for cell in cells:
        if cell.part == "test":
            continue
        kept = _KEEP.match(cell.source)
        if kept:
            exercises.add(kept.group(1))
        body = _parse(cell.source)
        for statement in _top_level(body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                _note_import(statement, imports, stars)
            elif isinstance(statement, ast.ClassDef):
                classes.add(statement.name)
                members |= _members(statement)
            elif isinstance(statement, ast.Assign) and _makes_a_class(statement.value):
                classes |= _bound([statement])
        if cell.part == "locked":
            locked.update(_definitions(body))
        else:
            exercises |= _bound(body)
    return TeacherNames(
        imports,
        tuple(stars),
        {name: code for name, code in locked.items() if name not in exercises},
        frozenset(exercises - imports.keys()),
        frozenset(classes),
        frozenset(members),
    )


def states(cells: Sequence[Cell]) -> dict[int, int]:
    """For each test, which state of the student's program it meets: named by its first test.

    Tests without a cell of hers between them meet the same. A shared cell has one of its own.
    """
    found: dict[int, int] = {}
    first: int | None = None
    for position, cell in enumerate(cells):
        if cell.role == "student":
            first = None
        elif cell.role == "test":
            first = position if first is None else first
            found[position] = first
        elif cell.role == "shared":
            found[position] = position
    return found


@lru_cache(maxsize=512)  # the same tests for each submission
def leaves_traces(source: str, exercises: frozenset[str]) -> bool:
    """Whether a test leaves what the next one must not notice in the program that it meets.

    That are the inputs of a hidden part, and another value for one of her names.
    """
    given = (
        node.id
        for statement in _parse(source)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    return HIDDEN_MARK in source or not exercises.isdisjoint(given)


def test_order(cells: Sequence[Cell]) -> list[int]:
    """Positions of the test cells in the order to run them.

    Tests without a hidden part come first: what their failure shows can then not hold the input
    of a hidden one, however a program passes it on. The order stays the notebook's when one of
    them uses a name that an earlier test with a hidden part defines.
    """
    tests = [position for position, cell in enumerate(cells) if cell.role == "test"]
    hidden = [position for position in tests if HIDDEN_MARK in cells[position].source]
    defined: set[str] = set()
    for position in tests:
        binds, reads = names_of(cells[position].source)
        if position in hidden:
            defined |= binds
        elif defined & reads:
            return tests
    return [position for position in tests if position not in hidden] + hidden


@lru_cache(maxsize=512)  # the same tests for each submission
def names_of(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a cell binds at its top level (imports included), and names that it reads."""
    body = _parse(source)
    return frozenset(_bound(body) | _imported(body)), frozenset(_used(body))


@lru_cache(maxsize=512)  # the same tests for each submission
def mentions(source: str) -> frozenset[str] | None:
    """Names that a cell's text mentions; None when it is not plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return frozenset({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})


def _imported(body: Sequence[ast.stmt]) -> set[str]:
    imports: dict[str, str] = {}
    stars: list[str] = []
    for statement in _top_level(body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _note_import(statement, imports, stars)
    return set(imports)


def _used(body: Sequence[ast.stmt]) -> set[str]:
    """Global names that statements read and do not bind at their own top level."""
    text = ast.unparse(ast.Module(list(body), []))
    try:
        tables = [symtable.symtable(text, "<cell>", "exec")]
    except (SyntaxError, RecursionError):
        return set()
    names: set[str] = set()
    top = tables[0]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is top or symbol.is_global())
        }
    return names - _bound(body) - _imported(body)


def _parse(source: str) -> Sequence[ast.stmt]:
    source = _KEEP.sub("", source, count=1)
    for text in (source, _MAGIC.sub(r"\1pass", source)):
        try:
            return ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the cell does: functions' and classes' bodies are left out."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _top_level(getattr(statement, name, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _top_level(handler.body)


def _note_import(
    statement: ast.Import | ast.ImportFrom, imports: dict[str, str], stars: list[str]
) -> None:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                imports[alias.asname] = alias.name
            else:
                imports[alias.name.partition(".")[0]] = alias.name
        return
    if statement.level or not statement.module:
        return
    for alias in statement.names:
        if alias.name == "*":
            stars.append(statement.module)
        else:
            imports[alias.asname or alias.name] = f"{statement.module}:{alias.name}"


def _bound(body: Sequence[ast.stmt]) -> set[str]:
    """Names that running the statements binds at the top level."""
    names: set[str] = set()
    for statement in _top_level(body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        names |= {
            node.id
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
    return names


def _makes_a_class(value: ast.expr) -> bool:
    """Whether an expression calls what makes a class, as in `Enum("Colour", "RED GREEN")`."""
    if not isinstance(value, ast.Call):
        return False
    made_by = ast.unparse(value.func).rpartition(".")[2]
    return made_by in _CLASS_MAKERS and len(value.args) + len(value.keywords) > 1


def _members(definition: ast.ClassDef) -> set[str]:
    """Names that a class gives its objects, those of Python's own types among its bases too."""
    names = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    for base in definition.bases:
        kind = _BASES.get(ast.unparse(base).rpartition(".")[2])
        names |= set(dir(kind)) if kind else set()
    return names


def _definitions(body: Sequence[ast.stmt]) -> dict[str, str]:
    """Functions, classes and unchanging constants that a locked cell defines, as code."""
    found: dict[str, str] = {}
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[statement.name] = ast.unparse(statement)
        elif (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
            and _is_constant(statement.value)
        ):
            found[statement.targets[0].id] = ast.unparse(statement)
    return found


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(_is_constant(item) for item in node.elts)
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return isinstance(node, ast.Constant)
