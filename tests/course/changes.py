"""A program with one small change at a time: what a tired hand gets wrong, and a test must see.

Rule: every change parses and compiles, and no two are the same. A change that Python itself refuses
says nothing about a test.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial, singledispatch
from itertools import chain, pairwise

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_CALCULATED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_Put = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Change:
    """One change: the lines that it touches, what they become, and the whole program then."""

    was: str
    becomes: str
    source: str


def changes(source: str, lines: Collection[int], *, printed: bool) -> Iterator[Change]:
    """Every change within the `lines` (from 1) of a program.

    What a line prints outside of a function is left alone unless `printed`: where nothing keeps
    it, it is the writer's own try. A text that stands alone says something to people only.
    """
    tree = ast.parse(source)
    before, seen = ast.unparse(tree), set[str]()
    counted = set(lines) - set(_idle(tree, printed=printed))
    for after, was, becomes in chain(_replaced(tree, counted), _swapped(tree, counted)):
        if after != before and after not in seen and _compiles(after):
            seen.add(after)
            yield Change(was, becomes, after)


def _idle(tree: ast.Module, *, printed: bool) -> Iterator[int]:
    """The lines that do nothing that a test could see."""
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    inside = {one for function in functions for one in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            shown = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "print"
            own_try = shown and not printed and node not in inside
            if own_try or isinstance(node.value, ast.Constant):
                yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _replaced(tree: ast.Module, lines: Collection[int]) -> Iterator[tuple[str, str, str]]:
    """Another thing in the place of one: the program then, the lines before and after."""
    before = ast.unparse(tree)
    for place, put in _places(tree):
        for other in _others(place) if getattr(place, "lineno", 0) in lines else ():
            put(other)
            after = ast.unparse(tree)
            put(place)
            yield after, *_difference(before, after)


def _swapped(tree: ast.Module, lines: Collection[int]) -> Iterator[tuple[str, str, str]]:
    """Two statements that follow each other, the other way round."""
    for parent in ast.walk(tree):
        for block in (getattr(parent, "body", None), getattr(parent, "orelse", None)):
            if not isinstance(block, list):
                continue
            for i, (first, second) in enumerate(pairwise(list(block))):
                if first.lineno in lines and second.lineno in lines:
                    block[i : i + 2] = second, first
                    after = ast.unparse(tree)
                    block[i : i + 2] = first, second
                    one, two = (ast.unparse(s).strip().partition("\n")[0] for s in (first, second))
                    yield after, f"{one} | {two}", f"{two} | {one}"


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, _Put]]:
    """Each node, and what puts another in its place."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield value, partial(setattr, parent, name)
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield item, partial(value.__setitem__, number)


@singledispatch
def _others(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass):
        yield ast.Pass()


@_others.register
def _(node: ast.Compare) -> Iterator[ast.AST]:
    for number, sign in enumerate(node.ops):
        for other in _COMPARED[type(sign)]:
            changed = copy.deepcopy(node)
            changed.ops[number] = other()
            yield changed


@_others.register
def _(node: ast.BinOp) -> Iterator[ast.AST]:
    for other in _CALCULATED[type(node.op)]:
        yield ast.BinOp(node.left, other(), node.right)


@_others.register
def _(node: ast.AugAssign) -> Iterator[ast.AST]:
    yield ast.Pass()
    yield ast.Assign([node.target], node.value, lineno=node.lineno)
    for other in _CALCULATED[type(node.op)]:
        yield ast.AugAssign(node.target, other(), node.value)


@_others.register
def _(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    yield from node.values if len(node.values) == 2 else ()


@_others.register
def _(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


@_others.register
def _(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node.value, str):
        yield ast.Constant("x" + node.value)


@_others.register
def _(node: ast.JoinedStr) -> Iterator[ast.AST]:
    yield ast.Constant(ast.unparse(node)[2:-1])  # the f is lost


@_others.register
def _(node: ast.FormattedValue) -> Iterator[ast.AST]:
    if node.format_spec:
        yield ast.FormattedValue(node.value, node.conversion)


@_others.register
def _(node: ast.Slice) -> Iterator[ast.AST]:
    for part in ("lower", "upper", "step"):
        if getattr(node, part):
            changed = copy.copy(node)
            setattr(changed, part, None)
            yield changed


@_others.register
def _(node: ast.Call) -> Iterator[ast.AST]:
    for number in range(len(node.args)):
        yield ast.Call(node.func, node.args[:number] + node.args[number + 1 :], node.keywords)
    for number in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:number] + node.keywords[number + 1 :])
    if isinstance(node.func, ast.Name) and len(node.args) == 1:
        yield node.args[0]  # int(text) is text
    if isinstance(node.func, ast.Attribute) and not node.args:
        yield node.func.value  # text.strip() is text


@_others.register
def _(node: ast.Return) -> Iterator[ast.AST]:
    yield ast.Pass()
    nothing = node.value is None or ast.unparse(node.value) == "None"
    yield ast.Return(ast.Constant(0) if nothing else None)


@_others.register
def _(node: ast.If) -> Iterator[ast.AST]:
    yield ast.Pass()
    if not isinstance(node.test, ast.Compare):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


@_others.register
def _(node: ast.Break) -> Iterator[ast.AST]:
    yield ast.Pass()
    yield ast.Continue()


@_others.register
def _(node: ast.Continue) -> Iterator[ast.AST]:
    yield ast.Pass()
    yield ast.Break()


def _compiles(source: str) -> bool:
    try:
        compile(source, "a change", "exec")
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ; one that stands more than once in the program has its number."""
    old, new = before.splitlines(), after.splitlines()
    was: list[str] = []
    becomes: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            was += [_named(number, old) for number in range(a, b) if old[number]]
            becomes += [line.strip() for line in new[c:d] if line]
    return " | ".join(was), " | ".join(becomes)


def _named(number: int, lines: list[str]) -> str:
    line = lines[number]
    return line.strip() if lines.count(line) == 1 else f"{number + 1}: {line.strip()}"
