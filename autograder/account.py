"""A plain account of a failed test: which call was made, what came back, what was expected.

Calls are noted while they are made: asked again, a program may answer otherwise. An account is
given of what stands in the cell itself and uses nothing that an earlier test defined, because that
may be hidden. Whether the failed line itself is hidden is known to `feedback`, which then says
nothing of this. The words are in messages.toml, under the account's id.
"""

from __future__ import annotations

import ast
import re
import reprlib
import sys
from collections import ChainMap, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from autograder.remote import Remote, RemoteType

Json = Any
_KEPT_CALLS = 60
_CELL = "ipykernel_"  # what IPython calls the file of a cell
_PENDING = object()
_PLAIN_FUNCTIONS = frozenset(
    ["abs", "bool", "dict", "float", "int", "isinstance", "len", "list", "max", "min", "repr",
     "round", "set", "sorted", "str", "sum", "tuple", "type"]
)  # fmt: skip
_PLAIN_METHODS = frozenset(
    ["count", "endswith", "get", "index", "items", "join", "keys", "lower", "replace", "split",
     "splitlines", "startswith", "strip", "title", "upper", "values"]
)  # fmt: skip
# Parts of which one can't say how often they ran, if at all.
_UNCLEAR = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.Await, ast.NamedExpr, ast.comprehension)
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 160
_short.maxlist = _short.maxtuple = _short.maxset = _short.maxdict = 12


@dataclass
class Call:
    """One call of the student's program by a test, on line `line` of its cell."""

    ref: int
    line: int
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    value: object = _PENDING
    printed: bool = False
    arguments_changed: bool = False

    def came_back(self, value: object, answer: Mapping[str, Json]) -> None:
        """Note what it gave back."""
        self.value = value
        self.arguments_changed = bool(answer.get("changed"))
        self.printed = any(o.get("output_type") == "stream" for o in answer.get("out") or ())

    def text(self, node: ast.Call) -> str:
        """The call as she could type it: `total_price(3, 500)`."""
        if self.arguments_changed:
            return ast.unparse(node)
        args = [shown(value) for value in self.args]
        args += [f"{name}={shown(value)}" for name, value in self.kwargs.items()]
        return f"{ast.unparse(node.func)}({', '.join(args)})"


@dataclass
class Account:
    """What one test cell asked of the student's program.

    `earlier` are the names that earlier test cells left, `hers` those that her program was asked.
    """

    earlier: frozenset[str] = frozenset()
    hers: set[str] = field(default_factory=set)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT_CALLS))
    names: dict[int, str] = field(default_factory=dict)

    def named(self, name: str, value: Any) -> Any:
        """Note that `value` is what her program calls `name`; returns it."""
        self.hers.add(name)
        if isinstance(value, RemoteType):
            self.names[value._soc_class[1]] = name
        elif isinstance(value, Remote):
            self.names[value._soc_ref] = name
        return value

    def called(self, ref: int, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Call:
        """Note a call that is being made."""
        call = Call(ref, _line_in_cell(), args, kwargs)
        self.calls.append(call)
        return call

    def of(
        self, failure: BaseException, line: int | None, source: str, scope: Mapping[str, Any]
    ) -> dict[str, str] | None:
        """Id and fields of the account of a failure at `line`; None when there is none to give.

        `source` is the cell as Python ran it, `scope` the test's global names.
        """
        try:
            body = ast.parse(source).body
            statement = _statement_at(body, line or 0)
            if statement is None or _uses(body, line or 0, self.earlier):
                return None
            if isinstance(failure, AssertionError) and not hasattr(failure, "__soc_lines__"):
                return self._of_assert(statement, scope, self._kept(body, statement.lineno))
            return self._of_error(statement, failure)
        except Exception:
            # Values of hers take part in this. Whatever they do, the test has failed as it has.
            return None

    def _within(self, statement: ast.stmt) -> list[Call]:
        last = statement.end_lineno or statement.lineno
        return [call for call in self.calls if statement.lineno <= call.line <= last]

    def _of_error(self, statement: ast.stmt, failure: BaseException) -> dict[str, str] | None:
        made = self._within(statement)
        nodes = [node for node in _calls_in(statement) if made and self.is_of(node, made[-1])]
        if not nodes:
            return None
        call, text = made[-1], made[-1].text(nodes[0])
        if call.value is None and isinstance(failure, TypeError | AttributeError):
            return _nothing(call, text)
        if call.value is not _PENDING:
            return None
        if not hasattr(failure, "__soc_lines__"):
            return {"id": "account-time", "call": text} if _is_late(failure) else None
        return {
            "id": "account-raised",
            "call": text,
            "error": f"{type(failure).__name__}: {failure}"[:300],
        }

    def is_of(self, node: ast.Call, call: Call) -> bool:
        """Whether the text is one of this call."""
        return _name(node) == self.names.get(call.ref, _PENDING)

    def _kept(self, body: Sequence[ast.stmt], before: int) -> dict[str, tuple[Call, str]]:
        """Names that stand for what one call gave back: `got = total_price(3, 500)`."""
        kept: dict[str, tuple[Call, str]] = {}
        for statement in body:
            if isinstance(statement, ast.Assign) and statement.lineno < before:
                made, node = self._within(statement), statement.value
                single = len(made) == 1 and isinstance(node, ast.Call) and self.is_of(node, made[0])
                for target in statement.targets:
                    for name in {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}:
                        kept.pop(name, None)
                        if single and isinstance(target, ast.Name):
                            kept[name] = made[0], made[0].text(cast("ast.Call", node))
        return kept

    def _of_assert(
        self,
        statement: ast.stmt,
        scope: Mapping[str, Any],
        kept: Mapping[str, tuple[Call, str]],
    ) -> dict[str, str] | None:
        if not isinstance(statement, ast.Assert) or _calls_in(statement.msg):
            return None
        claim = _Claim(statement.test, self, self._within(statement), scope, kept)
        return None if claim.unclear else claim.account()


class _Claim(ast.NodeTransformer):
    """What an assert claims, with what came back in the place of each call."""

    def __init__(
        self,
        test: ast.expr,
        account: Account,
        made: Sequence[Call],
        scope: Mapping[str, Any],
        kept: Mapping[str, tuple[Call, str]],
    ) -> None:
        self.source = ast.unparse(test)
        self.asked = account
        nodes = [node for node in _calls_in(test) if _name(node) in account.names.values()]
        self.left = deque(made[-len(nodes) :] if nodes else ())
        self.unclear = len(self.left) != len(nodes)
        read = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        self.found = {name: call for name, call in kept.items() if name in read}
        self.values: dict[str, object] = {}
        self.scope = ChainMap(self.values, scope)  # type: ignore[arg-type]
        self.test: ast.expr = self.visit(test)

    def visit(self, node: ast.AST) -> Any:
        """Visit, and note what can't be told of."""
        self.unclear = self.unclear or isinstance(node, _UNCLEAR)
        return super().visit(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of hers becomes a name for what it gave back."""
        self.generic_visit(node)
        if _name(node) not in self.asked.names.values():
            self.unclear = self.unclear or not _is_plain(node.func)
            return node
        call = self.left.popleft() if self.left else None
        if call is None or call.value is _PENDING or not self.asked.is_of(node, call):
            self.unclear = True
            return node
        name = f"_soc_{len(self.found)}"
        self.found[name] = call, call.text(node)
        self.values[name] = call.value
        return ast.Name(name, ast.Load())

    def account(self) -> dict[str, str] | None:
        """Id and fields."""
        test = self.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            got, wanted = test.left, test.comparators[0]
            if self._is_hers(wanted):
                got, wanted = wanted, got
            if self._is_hers(got) and not self._is_hers(wanted):
                return self._compared(got, test.ops[0], wanted)
        return self._plainly()

    def _compared(self, got: ast.expr, op: ast.cmpop, wanted: ast.expr) -> dict[str, str] | None:
        gave, expected = self._value(got), self._value(wanted)
        if gave is None and isinstance(got, ast.Name) and got.id in self.found:
            return _nothing(*self.found[got.id]) if expected is not None or _denies(op) else None
        if not isinstance(op, ast.Eq):
            return self._plainly()
        look_alike = str in (type(gave), type(expected)) and type(gave) is not type(expected)
        if look_alike and str(gave).strip() == str(expected).strip():
            identity = "account-kind"
        else:
            identity = "account-differs" if self.found else "account-holds"
        return {"id": identity, "call": self._text(got), "got": shown(gave),
                "expected": shown(expected)}  # fmt: skip

    def _plainly(self) -> dict[str, str] | None:
        told = [f"{text} → {shown(call.value)}" for call, text in self.found.values()]
        if not told:
            names = {node.id for node in ast.walk(self.test) if isinstance(node, ast.Name)}
            values = {name: self.scope[name] for name in sorted(names & self.asked.hers)}
            told = [f"{n} = {shown(v)}" for n, v in values.items() if not isinstance(v, Remote)]
        if not told:
            return None
        return {"id": "account-claim", "claim": self.source, "got": ", ".join(told)}

    def _is_hers(self, node: ast.expr) -> bool:
        return any(
            isinstance(part, ast.Name) and (part.id in self.found or part.id in self.asked.hers)
            for part in ast.walk(node)
        )

    def _value(self, node: ast.expr) -> Any:
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<account>", "eval")
        return eval(code, {}, self.scope)  # noqa: S307 - a part of the teacher's own test

    def _text(self, node: ast.expr) -> str:
        return re.sub(
            r"\w+", lambda m: self.found[m[0]][1] if m[0] in self.found else m[0], ast.unparse(node)
        )


def shown(value: object) -> str:
    """A value as Python writes it, not too long; an object of hers by its class alone."""
    if isinstance(value, Remote):
        return f"<{type(value).__name__}>"
    return _short.repr(value)


def _nothing(call: Call, text: str) -> dict[str, str]:
    return {"id": "account-printed" if call.printed else "account-nothing", "call": text}


def _denies(op: ast.cmpop) -> bool:
    return isinstance(op, ast.IsNot | ast.NotEq)


def _is_late(failure: BaseException) -> bool:
    return type(failure).__name__ == "ProgramTookTooLong"


def _name(node: ast.Call) -> str | None:
    return node.func.id if isinstance(node.func, ast.Name) else None


def _calls_in(node: ast.AST | None) -> list[ast.Call]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)] if node else []


def _is_plain(function: ast.expr) -> bool:
    """Whether calling it once more changes nothing."""
    if isinstance(function, ast.Attribute):
        return function.attr in _PLAIN_METHODS
    return isinstance(function, ast.Name) and function.id in _PLAIN_FUNCTIONS


def _line_in_cell() -> int:
    """Line of the cell at which the test is now; 0 when it can't be seen."""
    frame, line = sys._getframe(1), 0
    while (back := frame.f_back) is not None:
        if _CELL in frame.f_code.co_filename:
            line = frame.f_lineno
        frame = back
    return line


def _statement_at(body: Sequence[ast.stmt], line: int) -> ast.stmt | None:
    """The innermost statement at `line`, which runs when the cell does."""
    for statement in body:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            for part in ("body", "orelse", "finalbody"):
                inner = _statement_at(getattr(statement, part, ()), line)
                if inner is not None:
                    return inner
            return statement
    return None


def _uses(body: Sequence[ast.stmt], line: int, earlier: frozenset[str]) -> bool:
    """Whether the statements up to `line` read one of the names before they give it a value."""
    for statement in body:
        if statement.lineno > line:
            break
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        if isinstance(statement, ast.Import | ast.ImportFrom):
            bound = {alias.asname or alias.name for alias in statement.names}
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        if isinstance(statement, ast.AugAssign):
            read |= bound
        if read & earlier:
            return True
        if not hasattr(statement, "body"):  # what has a body may not have run it
            earlier -= bound
    return False
