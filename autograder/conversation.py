"""The checker's end of the conversation with a copy of the student's program.

What comes back is a copy, a stand-in (`remote`) or an exception, and what is lent to her code may
be called, iterated and read, no more.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any, cast

from autograder import remote
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed
from autograder.peer import Peer
from autograder.wire import Channel

if TYPE_CHECKING:
    from autograder.checker import Checker

Json = Any
_SHOWN = ("stream", "display_data")


class ProgramStopped(RuntimeError):  # noqa: N818 - the student reads the name in a traceback
    """The student's program ended (or was ended) while the test was asking it something."""


class ProgramTookTooLong(TimeoutError):  # noqa: N818 - the student reads the name
    """The student's program did not answer the test in time."""


class CheckerPeer(Peer):
    """The conversation with one copy of the student's program.

    `lost` says that it can't be talked to any more: it ended, or did not answer.
    """

    def __init__(self, channel: Channel, checker: Checker) -> None:
        """Ask `channel` on behalf of `checker`."""
        super().__init__(channel)
        self.checker = checker
        self.lost = False
        self.known: dict[str, Json] = {}  # names that still are what they were when asked for
        self._classes: dict[int, type] = {}
        self._stand_ins: dict[int, Any] = {}

    def refer(self, value: object) -> dict[str, Json]:
        """Her own objects go back as such; ours are lent and may be called, no more."""
        if isinstance(value, remote.Remote) and value._soc_asker is self:
            return {"k": "yours", "id": value._soc_ref}
        if isinstance(value, remote.RemoteType) and value._soc_class[0] is self:
            return {"k": "yours", "id": value._soc_class[1]}
        if isinstance(value, remote.Remote | remote.RemoteType):
            raise TypeError("an object from an earlier test can't be handed to the program now")
        if isinstance(value, types.ModuleType):
            raise TypeError("a module of the test's can't be handed to the student's program")
        return {"k": "back", "id": self.lend(value)}

    def resolve(self, data: dict[str, Json]) -> object:
        """A stand-in for a reference of hers, or the object of ours that she hands back."""
        kind = data.get("k")
        if kind == "yours":
            return self.lent(data["id"])
        if kind != "ref":
            raise Malformed("not a value")
        ref = _number(data["id"])
        if data["what"] == "class":
            return self._class(data["cls"])
        if ref not in self._stand_ins:
            self._stand_ins[ref] = self._stand_in(ref, data)
        return self._stand_ins[ref]

    def _stand_in(self, ref: int, data: dict[str, Json]) -> Any:
        if data["what"] == "function":
            return remote.new_instance(remote.RemoteFunction, self, ref)
        if data["what"] == "module":
            return self.checker.library.module(str(data["name"])) or remote.new_instance(
                _opaque_module(self, str(data["name"])), self, ref
            )
        kind = self._class(data["cls"])
        if issubclass(kind, BaseException) or not issubclass(kind, remote.Remote):
            return self._error(kind, ref, ())
        return remote.new_instance(kind, self, ref)

    def _class(self, data: dict[str, Json]) -> type:
        number = _number(data["id"])
        if number in self._classes:
            return self._classes[number]
        name, module = str(data["name"]), str(data["module"])
        bases = tuple(
            base
            for base in (self._class(item) for item in data["bases"])
            if isinstance(base, remote.RemoteType) or issubclass(base, BaseException)
        )
        found = self.checker.library.own_class(module, str(data.get("path") or name))
        if found is not None and issubclass(found, BaseException):
            self._classes[number] = found
            return found
        exception = next((base for base in bases if issubclass(base, BaseException)), None)
        kind = remote.build_class(
            self,
            number,
            name if name.isidentifier() else "object",
            data["doc"] if isinstance(data["doc"], str) else None,
            [str(dunder) for dunder in data["dunders"]],
            bases,
            exception=cast("type[BaseException] | None", exception),
            library=found,
        )
        self._classes[number] = kind
        return kind

    def forward(self, ref: int, op: str, *args: object, **body: Json) -> Any:
        """Ask for one operation; return its value or raise what the student's code raised."""
        __tracebackhide__ = True
        kwargs = body.pop("kwargs", None) or {}
        self.checker.push_state(self)
        request = {
            "op": op,
            "ref": ref,
            "args": [self.encoder.encode(value) for value in args],
            "kwargs": {name: self.encoder.encode(value) for name, value in kwargs.items()},
            "input": self.lend(self.checker.input_hook),
            **body,
        }
        call = self.checker.account.called(ref, args, kwargs) if op == "call" else None
        answer = self.converse(request)
        for position, data in (answer.get("changed") or {}).items():
            old = args[int(position)] if position.isdigit() else kwargs[position]
            _write_back(old, self.decoder.decode(data))
        value = self.decoder.decode(answer.get("v"))
        if call is not None:
            call.came_back(value, answer)
        return value

    def converse(self, request: dict[str, Json]) -> dict[str, Json]:
        """Ask, show what was printed meanwhile, and raise what was raised."""
        __tracebackhide__ = True
        lost, self.lost = self.lost, True  # until it has answered
        try:
            answer = self.ask(request)
            self.lost = lost
        except ChannelTimeout:
            self.channel.close()
            raise ProgramTookTooLong("the program did not answer in time") from None
        except ChannelClosed:
            raise ProgramStopped("the program ended while the test was asking it") from None
        self._show(answer.get("out"))
        for name in answer.get("moved") or ():
            self.known.pop(str(name), None)
        if "raise" in answer:
            raise self._rebuild(answer["raise"])
        return answer

    def handle(self, request: dict[str, Json]) -> dict[str, Json]:
        """What her code may do with what was lent to it: call it, iterate it, read a field."""
        try:
            self._show(request.get("out"))
            target: Any = self.lent(request["id"])
            args = [self.decoder.decode(value) for value in request["args"]]
            kwargs = {str(n): self.decoder.decode(v) for n, v in request["kwargs"].items()}
            if request["op"] == "call":
                value = target(*args, **kwargs)
            elif request["op"] == "next":
                value = next(target if hasattr(target, "__next__") else self._iterator(target))
            elif request["op"] == "get" and not str(args[0]).startswith("_"):
                value = _field(self, target, str(args[0]))
            else:
                raise Malformed("not something that may be asked")
            return {"v": self.encoder.encode(value)}
        except (ChannelClosed, ChannelTimeout):
            raise
        except Exception as error:
            try:
                arguments = [self.encoder.encode(value) for value in error.args]
            except Exception:
                arguments = []
            return {"raise": type(error).__name__, "args": arguments}

    def _iterator(self, target: Any) -> Any:
        if id(target) not in self._stand_ins:
            self._stand_ins[id(target)] = iter(target)
        return self._stand_ins[id(target)]

    def is_expected(self, class_name: str) -> bool:
        """Whether the class is one of the teacher's notebook, or this test names it as one."""
        return class_name in self.checker.expected_classes or self.is_named_here(class_name)

    def is_named_here(self, class_name: str) -> bool:
        """Whether this test names the class: as a class, not as whatever else bears the name."""
        return class_name in self.checker.classes_here

    def is_member(self, name: str) -> bool:
        """Whether a class of the teacher's notebook gives its objects something of this name."""
        members = self.checker.members
        return name in members or not members  # without the source, nobody knows

    def _show(self, outputs: Json) -> None:
        recorder = self.checker.shell.recorder
        for output in outputs or ():
            if output.get("output_type") not in _SHOWN:
                continue
            if output["output_type"] == "stream":
                stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
                stream.write(str(output.get("text", "")))
            elif isinstance(output.get("data"), dict):
                sys.stdout.flush()
                sys.stderr.flush()
                data = {str(k): v for k, v in output["data"].items() if isinstance(v, str | dict)}
                recorder.record("display_data", {"data": data, "metadata": {}})

    def _rebuild(self, data: dict[str, Json]) -> BaseException:
        kind = self._class(data["cls"])
        if not issubclass(kind, BaseException):
            kind = RuntimeError
        try:
            args = tuple(self.decoder.decode(value) for value in data["args"])
        except Malformed:
            args = (str(data["text"]),)
        error = self._error(kind, _number(data["ref"]), args)
        error.__soc_lines__ = [str(line) for line in data["lines"]]  # type: ignore[attr-defined]
        return error

    def _error(self, kind: type, ref: int, args: tuple[Any, ...]) -> BaseException:
        if not issubclass(kind, BaseException):
            kind = RuntimeError
        error = kind.__new__(kind, *args) if issubclass(kind, OSError) else kind.__new__(kind)
        error.args = args
        error.__dict__.update(_soc_ref=ref, _soc_asker=self)
        return error


def _field(peer: CheckerPeer, target: Any, name: str) -> Any:
    """A field or method of a test's object; frames, globals and code stay where they are."""
    value = getattr(target, name)
    if getattr(value, "__self__", None) is target and callable(value):
        return value
    encoded = peer.encoder.encode(value)
    if isinstance(encoded, dict) and encoded.get("k") == "back":
        raise AttributeError(name)
    return value


def _opaque_module(asker: CheckerPeer, _name: str) -> type:
    name = asker.checker.looking_up
    if name is not None:
        imported = name in asker.checker.library.imports
        return remote.RemoteModule if imported else remote.ModuleAsValue
    return remote.build_class(asker, 0, "module", None, [], (), library=None)


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("a reference without a number")
    return value


def _write_back(old: Any, new: Any) -> None:
    """Change `old` in place to `new`, as the student's code changed her copy of it."""
    if type(old) is not type(new):
        return
    if isinstance(old, list) and len(old) == len(new):
        for position, item in enumerate(new):
            if isinstance(item, (list, dict, set)) and type(item) is type(old[position]):
                _write_back(old[position], item)
            else:
                old[position] = item
    elif isinstance(old, (list, bytearray)):
        old[:] = new
    elif isinstance(old, (dict, set)):
        old.clear()
        old.update(new)
    elif type(old).__name__ == "deque":
        old.clear()
        old.extend(new)
    elif type(old).__name__ == "ndarray" and old.shape == new.shape:
        old[...] = new
    elif type(old).__name__ in ("DataFrame", "Series"):
        old._update_inplace(new)
