"""The student's end of the conversation: answers what a test asks about her names and objects.

It runs in her process, so it decides nothing: whatever it answers is a value, a reference or an
exception, and the checker's end makes of it what it trusts.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import ChannelClosed, Malformed
from autograder.peer import Peer
from autograder.remote import FORWARDED
from autograder.shell import CaptureShell
from autograder.wire import Channel

Json = Any
_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
)
_MUTABLE = (list, dict, set, bytearray)
_GONE = object()
_MAX_TRACEBACK_LINES = 60


class Callback:
    """Something of the test's, in the student's interpreter: it may be called and iterated."""

    def __init__(self, peer: StudentPeer, number: int) -> None:
        """Stand for what the checker lent as `number`."""
        self.__peer = peer
        self.__number = number

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self.__peer.call_back(self.__number, "call", args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self.__peer.call_back(self.__number, "next", (), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.__peer.call_back(self.__number, "get", (name,), {})

    @property
    def number(self) -> int:
        """Under what the checker knows it."""
        return self.__number


class StudentPeer(Peer):
    """Answers questions about the names and objects of one interpreter."""

    def __init__(self, channel: Channel, shell: CaptureShell) -> None:
        """Answer about `shell`'s namespace."""
        super().__init__(channel)
        self.shell = shell
        self._described: set[int] = set()
        self._told: dict[str, object] = {}  # names that the checker asked for, and their values

    # What goes out -------------------------------------------------------------------------

    def refer(self, value: object) -> dict[str, Json]:
        """A reference, with what a stand-in must know about the object."""
        if isinstance(value, Callback):
            return {"k": "yours", "id": value.number}
        data: dict[str, Json] = {"k": "ref", "id": self.lend(value)}
        if isinstance(value, types.ModuleType):
            data.update(what="module", name=value.__name__)
        elif isinstance(value, type):
            data.update(what="class", cls=self._describe(value))
        elif isinstance(value, _FUNCTIONS):
            data.update(what="function", name=str(getattr(value, "__name__", "")))
        else:
            data.update(what="object", cls=self._describe(type(value)))
        return data

    def _describe(self, kind: type) -> dict[str, Json]:
        number = self.lend(kind)
        if number in self._described:
            return {"id": number}
        self._described.add(number)
        plain = set(dir(object)) - FORWARDED
        return {
            "id": number,
            "name": kind.__name__,
            "module": str(kind.__module__),
            "path": str(kind.__qualname__),
            "doc": kind.__doc__ if isinstance(kind.__doc__, str) else None,
            "dunders": [name for name in FORWARDED if name not in plain and _defines(kind, name)],
            "bases": [self._describe(base) for base in kind.__bases__ if base is not object],
        }

    # What comes in -------------------------------------------------------------------------

    def resolve(self, data: dict[str, Json]) -> object:
        """One of ours, or a callback to something of the checker's."""
        if data.get("k") == "yours":
            return self.lent(data["id"])
        if data.get("k") == "back":
            return Callback(self, int(data["id"]))
        raise Malformed("not a value")

    def call_back(self, number: int, op: str, args: Any, kwargs: dict[str, object]) -> Any:
        """Ask the checker to call, iterate or read what it lent as `number`."""
        answer = self.ask(
            {
                "op": op,
                "id": number,
                "args": [self.encoder.encode(value) for value in args],
                "kwargs": {name: self.encoder.encode(value) for name, value in kwargs.items()},
                "out": self.shell.recorder.take(),
            }
        )
        if "raise" in answer:
            kind = getattr(builtins, str(answer["raise"]), None)
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                kind = RuntimeError
            raise kind(*[self.decoder.decode(value) for value in answer.get("args", ())])
        return self.decoder.decode(answer["v"])

    def handle(self, request: dict[str, Json]) -> dict[str, Json]:
        """Do one operation; an exception of the student's code is an answer too."""
        try:
            with self._input(request.get("input")):
                answer = self._operate(request)
        except (ChannelClosed, Malformed):
            raise
        except BaseException as error:
            answer = {"raise": self._encode_error(error)}
        answer["out"] = self.shell.recorder.take()
        moved = self._moved()
        if moved:
            answer["moved"] = moved
        return answer

    def _moved(self) -> list[str]:
        """Names that stand for something else than the checker was told, or for nothing."""
        names = self.shell.user_ns
        moved = [name for name, value in self._told.items() if names.get(name, _GONE) is not value]
        for name in moved:
            del self._told[name]
        return moved

    def _operate(self, request: dict[str, Json]) -> dict[str, Json]:
        op = request["op"]
        if op == "name":
            names = self.shell.user_ns
            if request["name"] not in names:
                return {"missing": True}
            value = self._told[request["name"]] = names[request["name"]]
            return {"v": self.encoder.encode(value)}
        if op == "bind":
            self.shell.user_ns[request["name"]] = self.decoder.decode(request["args"][0])
            return {"v": None}
        if op == "unbind":
            self.shell.user_ns.pop(request["name"], None)
            return {"v": None}
        if op == "seed":
            module = sys.modules.get("numpy.random" if request["name"] == "numpy" else "random")
            if module is not None:
                module.seed(*[self.decoder.decode(value) for value in request["args"]])
            return {"v": None}
        target = self.lent(request["ref"])
        args = [self.decoder.decode(value) for value in request.get("args", ())]
        kwargs = {n: self.decoder.decode(v) for n, v in (request.get("kwargs") or {}).items()}
        value = _OPERATIONS[op](target, args, kwargs, request)
        answer: dict[str, Json] = {"v": self.encoder.encode(value)}
        changed = self._changes(request, args, kwargs)
        if changed:
            answer["changed"] = changed
        return answer

    def _changes(
        self, request: dict[str, Json], args: list[Any], kwargs: dict[str, Any]
    ) -> dict[str, Json]:
        """Arguments that the call changed in place, as they are now."""
        changed = {}
        before = [*enumerate(request.get("args", ())), *(request.get("kwargs") or {}).items()]
        values = [*args, *kwargs.values()]
        for (position, old), value in zip(before, values, strict=True):
            if isinstance(value, _MUTABLE) or type(value).__name__ in (
                "ndarray",
                "DataFrame",
                "Series",
                "deque",
                "Counter",
                "OrderedDict",
                "defaultdict",
            ):
                new = self.encoder.encode(value)
                if new != old:
                    changed[str(position)] = new
        return changed

    @contextlib.contextmanager
    def _input(self, number: Json) -> Iterator[None]:
        """While a test's call runs, input() asks the test."""
        if number is None:
            yield
            return
        before = builtins.input
        builtins.input = Callback(self, int(number))
        try:
            yield
        finally:
            builtins.input = before

    def _encode_error(self, error: BaseException) -> dict[str, Json]:
        kind = type(error)
        lines: list[str] = []
        with contextlib.suppress(Exception):
            # Frames of ours come first; hers begin where the first cell's code does.
            tb = error.__traceback__
            while tb is not None and "autograder" in tb.tb_frame.f_code.co_filename:
                tb = tb.tb_next
            if tb is not None:
                lines = self.shell.InteractiveTB.structured_traceback(kind, error, tb)
        try:
            args = [self.encoder.encode(value) for value in error.args]
        except Exception:
            args = []
        text = ""
        with contextlib.suppress(Exception):
            text = str(error)[:10_000]
        return {
            "ref": self.lend(error),
            "cls": self._describe(kind),
            "args": args,
            "text": text,
            "lines": [str(line) for line in lines[2:-1]][:_MAX_TRACEBACK_LINES],
        }


def _defines(kind: type, name: str) -> bool:
    return any(name in base.__dict__ for base in kind.__mro__ if base is not object)


async def _await(value: Any) -> Any:
    return await value


def _signature(target: Any) -> list[tuple[str, int, list[Any]]]:
    empty = inspect.Parameter.empty
    return [
        (p.name, int(p.kind), [] if p.default is empty else [p.default])
        for p in inspect.signature(target).parameters.values()
    ]


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda target, args, kwargs, _: target(*args, **kwargs),
    "get": lambda target, _args, _kwargs, request: getattr(target, request["name"]),
    "set": lambda target, args, _kwargs, request: setattr(target, request["name"], args[0]),
    "del": lambda target, _args, _kwargs, request: delattr(target, request["name"]),
    "special": lambda target, args, _kwargs, request: getattr(type(target), request["name"])(
        target, *args
    ),
    "repr": lambda target, *_: repr(target),
    "str": lambda target, *_: str(target),
    "bool": lambda target, *_: bool(target),
    "dir": lambda target, *_: dir(target),
    "await": lambda target, *_: asyncio.run(_await(target)),
    "signature": lambda target, *_: _signature(target),
    "source": lambda target, *_: inspect.getsource(target),
}
