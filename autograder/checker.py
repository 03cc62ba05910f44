"""The checker: runs the teacher's test cells, and never a byte of the student's.

A name that the test does not define is looked up, in this order: the teacher's own imports and
definitions (from her notebook's cells), Python's builtins (unless her notebook defines the name
as an exercise), and last the snapshot of the student's interpreter. What comes from there is a
copy or a stand-in (`remote`).
"""

# mypy: allow-untyped-calls
# (IPython has annotations for some of its functions only.)

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import inspect
import io
import os
import sys
import time
import types
from collections.abc import Callable
from typing import Any, cast

from autograder import remote
from autograder.account import Account
from autograder.errors import ChannelClosed, ChannelTimeout, Malformed
from autograder.peer import Peer
from autograder.shell import CaptureShell
from autograder.wire import Channel, Message

Json = Any
_SHOWN = ("stream", "display_data")
_SHORT_NAMES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib"}
_LIBRARY_TYPES = {
    kind.__name__: kind
    for kind in vars(types).values()
    if isinstance(kind, type) and kind.__module__ == "builtins"
}
_LIBRARY_TYPES.update({t.__name__: t for t in vars(builtins).values() if isinstance(t, type)})
_LIBRARY_TYPES.update(
    (type(iterator).__name__, type(iterator))
    for iterator in (iter([]), iter(()), iter({}), iter(""), iter(set()), iter(range(0)))
)
_LIBRARY_TYPES["TextIOWrapper"] = io.TextIOWrapper
# A subclass of one of these would be compared as a value, by its own methods.
_NEVER_LIBRARY = frozenset(
    [
        "bool",
        "int",
        "float",
        "complex",
        "str",
        "bytes",
        "bytearray",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "object",
        "type",
    ]
)


_GONE = object()


class ProgramStopped(RuntimeError):  # noqa: N818 - the student reads the name in a traceback
    """The student's program ended (or was ended) while the test was asking it something."""


class ProgramTookTooLong(TimeoutError):  # noqa: N818 - the student reads the name
    """The student's program did not answer the test in time."""


class Namespace(dict[str, Any]):
    """The test's global names; what is not in it is looked up in the order of this module."""

    def __init__(self, checker: Checker) -> None:
        """Look missing names up through `checker`."""
        super().__init__()
        self._checker = checker

    def __missing__(self, name: str) -> Any:
        return self._checker.look_up(name)

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        self._checker.note_assignment(name, value)

    def __delitem__(self, name: str) -> None:
        known = name in self
        if known:
            super().__delitem__(name)
        if not self._checker.note_deletion(name) and not known:
            raise KeyError(name)


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
            return self.checker.module(str(data["name"])) or remote.new_instance(
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
        found = self.checker.library_class(module, str(data.get("path") or name))
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
        """Whether the teacher's notebook or this test names the class."""
        return class_name in self.checker.expected_classes or self.is_named_here(class_name)

    def is_named_here(self, class_name: str) -> bool:
        """Whether this test names the class."""
        return class_name in self.checker.names_here

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
    if asker.checker.looking_up:
        return remote.RemoteModule
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


class Checker:
    """One notebook's test cells, in order, in one namespace of the teacher's."""

    def __init__(self, shell: CaptureShell, channel: Channel, teacher: dict[str, Json]) -> None:
        """`teacher` is what `cells.teacher_names` found in the notebook's own cells."""
        self.shell = shell
        self.channel = channel
        self.imports: dict[str, str] = dict(teacher["imports"])
        self.stars: list[str] = list(teacher["stars"])
        self.definitions: dict[str, str] = dict(teacher["definitions"])
        self.exercises = frozenset(teacher["exercises"])
        self.expected_classes = frozenset(teacher["classes"])
        self.names_here: frozenset[str] = frozenset()
        self.looking_up = False
        self.peer: CheckerPeer | None = None
        self._assigned: dict[str, object] = {}
        self._deleted: set[str] = set()
        self._peers: dict[int, CheckerPeer] = {}
        self._seeds: list[tuple[str, tuple[Any, ...]]] = []
        self._pushing = False
        self.account = Account()
        self.namespace = Namespace(self)
        self.input_hook = self.answer_input
        self._original_input: Callable[..., str] | None = None
        self._install()

    def _install(self) -> None:
        shell = self.shell
        for name, value in shell.user_ns.items():
            dict.__setitem__(self.namespace, name, value)
        shell.user_ns = self.namespace
        shell.user_module = _namespace_module(self.namespace)
        sys.modules["__main__"] = shell.user_module
        shell.displayhook.refused = (remote.Remote,)  # type: ignore[attr-defined]
        _teach_inspect()
        self._record_seeds()
        sys.addaudithook(_refuse_pickles)

    # Names ---------------------------------------------------------------------------------

    def look_up(self, name: str) -> Any:
        """The value of a name that the test itself did not define. Raises KeyError."""
        if name in self.imports:
            value = self._import(name, self.imports[name])
            if value is not None:
                return value
        if name in self.definitions:
            exec(compile(self.definitions[name], "<teacher>", "exec"), self.namespace)  # noqa: S102
            return dict.__getitem__(self.namespace, name)
        for module in self.stars:
            found = self.module(module)
            if found is not None and hasattr(found, name) and not name.startswith("_"):
                return getattr(found, name)
        if hasattr(builtins, name) and name not in self.exercises:
            raise KeyError(name)
        return self.account.named(name, self._ask_name(name))

    def _ask_name(self, name: str) -> Any:
        __tracebackhide__ = True
        if self.peer is None or name.startswith("_") or name in self._deleted:
            raise KeyError(name)
        self.looking_up = True
        try:
            data = self._data_of(name, self.peer)
            if isinstance(data, dict) and data.get("what") == "module":
                own = self._well_known(name, str(data["name"]))
                if own is not None:
                    return own
            return self.peer.decoder.decode(data)
        finally:
            self.looking_up = False

    def _data_of(self, name: str, peer: CheckerPeer) -> Json:
        """What her program has under a name. A loop of a test asks for the same one each time."""
        if name in peer.known:
            return peer.known[name]
        answer = peer.converse({"op": "name", "name": name})
        if answer.get("missing"):
            raise KeyError(name)
        data = answer.get("v")
        # Copies of what can change are fetched anew; a stand-in always asks the real thing.
        if not isinstance(data, dict) or data.get("k") == "ref":
            peer.known[name] = data
        return data

    def _well_known(self, name: str, module: str) -> types.ModuleType | None:
        """Our own copy of a module that the student imported under its usual name."""
        if name != module and _SHORT_NAMES.get(name) != module:
            return None
        with contextlib.suppress(Exception):
            return importlib.import_module(module)  # the test's own text names it
        return None

    def module(self, name: str) -> types.ModuleType | None:
        """Our own module `name`, when the teacher's notebook imports it.

        The student's program says which module an object is, and importing one runs it: some
        (`nbgrader.__main__`) then run files of the working directory, which are hers. So nothing
        is imported but what the teacher's notebook itself names.
        """
        root = name.partition(".")[0]
        return self._loaded(name) if root in self._roots() else None

    def _loaded(self, name: str) -> types.ModuleType | None:
        """Module `name`, if what the teacher's notebook imports of its package loads it."""
        root = name.partition(".")[0]
        for own in sorted(self._imported() | _SAFE_ROOTS):
            if own.partition(".")[0] == root:
                with contextlib.suppress(Exception):
                    importlib.import_module(own)
        return sys.modules.get(name)

    def _imported(self) -> set[str]:
        """The modules that the teacher's notebook imports, as she writes them."""
        return {target.partition(":")[0] for target in (*self.imports.values(), *self.stars)}

    def _roots(self) -> set[str]:
        """The top-level packages that the teacher's notebook imports."""
        return {name.partition(".")[0] for name in self._imported()}

    def _import(self, name: str, target: str) -> Any:
        module, _, attribute = target.partition(":")
        try:
            found: Any = importlib.import_module(module)
            if not attribute and name == module.partition(".")[0]:
                found = sys.modules[name]  # `import a.b` binds a
            value = getattr(found, attribute) if attribute else found
        except Exception:
            return None
        dict.__setitem__(self.namespace, name, value)
        return value

    def library_class(self, module: str, name: str) -> type | None:
        """The checker's own class of that name, for builtins and what the teacher imports."""
        if module in ("builtins", "_io"):
            found = _LIBRARY_TYPES.get(name)
            return None if name in _NEVER_LIBRARY else found
        loaded = _attribute(sys.modules.get(module), name)
        if isinstance(loaded, type) and issubclass(loaded, BaseException):
            return loaded
        root = module.partition(".")[0]
        if root in ("unittest", "__main__") or (
            root not in self._roots() and root not in _SAFE_ROOTS
        ):
            return None
        value = _attribute(self._loaded(module), name)
        return value if isinstance(value, type) else None

    def note_assignment(self, name: str, value: object) -> None:
        """The test gave a new value to `name`: her program must see it, if the name is hers."""
        if name in self.exercises and not name.startswith("_"):
            self._assigned[name] = value
            self._deleted.discard(name)

    def note_deletion(self, name: str) -> bool:
        """The test deletes a name of hers, to see who uses it; whether that is possible."""
        if name not in self.exercises or name in self._deleted:
            return False
        self._assigned[name] = _GONE
        self._deleted.add(name)
        return True

    def push_state(self, peer: CheckerPeer) -> None:
        """Before a call: names the test replaced, and seeds it set."""
        if self._pushing or not (self._assigned or self._seeds):
            return
        self._pushing = True
        try:
            assigned, self._assigned = self._assigned, {}
            for name, value in assigned.items():
                if value is _GONE:
                    peer.converse({"op": "unbind", "name": name})
                    continue
                peer.converse({"op": "bind", "name": name, "args": [peer.encoder.encode(value)]})
            seeds, self._seeds = self._seeds, []
            for module, args in seeds:
                encoded = [peer.encoder.encode(value) for value in args]
                peer.converse({"op": "seed", "name": module, "args": encoded})
        finally:
            self._pushing = False

    def _record_seeds(self) -> None:
        import random  # noqa: PLC0415

        def recording(module: str, original: Callable[..., None]) -> Callable[..., None]:
            def seed(*args: Any) -> None:
                if args:
                    self._seeds.append((module, args))
                original(*args)

            return seed

        random.seed = recording("random", random.seed)
        if "numpy" in sys.modules:
            numpy_random = sys.modules["numpy"].random
            numpy_random.seed = recording("numpy", numpy_random.seed)

    def answer_input(self, *prompt: object) -> str:
        """What her input() gets during a test: what the test's own input() gives."""
        own = dict.get(self.namespace, "input", builtins.input)
        if own is self._original_input and not isinstance(sys.stdin, io.TextIOWrapper):
            print(*prompt, end="")
            line = sys.stdin.readline()
            if not line:
                raise EOFError("EOF when reading a line")
            return line.rstrip("\n")
        return str(own(*prompt))

    # Cells ---------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run test cells until the grader is gone."""
        self._original_input = builtins.input
        while True:
            try:
                message = self.channel.receive()
            except (ChannelClosed, Malformed):
                os._exit(0)
            self.channel.send(self._run(message))

    def _meet(self, message: Message) -> None:
        """Talk to a program from here on: a new one, or one that earlier tests have met.

        Objects that an earlier test kept still belong to its own; her names are asked anew.
        """
        number = message.body["program"]
        if message.fds:
            self._peers[number] = CheckerPeer(Channel.from_fd(message.fds[0]), self)
        self.peer = self._peers.get(number)
        for peer in self._peers.values():
            peer.deadline = time.monotonic() + message.body["timeout_s"]
        self._assigned.clear()
        self._deleted.clear()
        for name in self.exercises:
            value = dict.get(self.namespace, name)
            if isinstance(value, remote.Remote | remote.RemoteType):
                dict.__delitem__(self.namespace, name)

    def _run(self, message: Message) -> dict[str, Json]:
        body = message.body
        os.chdir(body["folder"])
        source = self.shell.transform_cell(body["source"])
        self.names_here = free_names(source)
        self.account = Account(frozenset(self.namespace) - {*self.imports, *self.definitions})
        self._meet(message)
        builtins.input = self._original_input  # type: ignore[assignment]
        outputs, status = self.shell.execute(body["source"], body["count"])
        failure, self.shell.failure = self.shell.failure, None
        lost = self.peer is not None and self.peer.lost
        answer: dict[str, Json] = {"outputs": outputs, "status": status, "lost": lost}
        if failure is not None:
            where = _where(failure)
            account = self.account.of(failure, where["line"], source, self.namespace)
            answer["failure"] = where | ({"account": account} if account else {})
        return answer


_SAFE_ROOTS = frozenset(("numpy", "pandas", "matplotlib", "itertools", "functools"))


def _attribute(thing: Any, path: str) -> Any:
    """The attribute at a dotted path, such as a class inside a class; None when there is none."""
    for name in path.split("."):
        thing = getattr(thing, name, None)
    return thing


def _where(failure: BaseException) -> dict[str, Json]:
    """Which line of the test failed, and whether the test or the student's program raised it."""
    tb, line = failure.__traceback__, None
    while tb is not None and line is None:
        if "ipykernel_" in tb.tb_frame.f_code.co_filename:
            line = tb.tb_lineno
        tb = tb.tb_next
    own = not hasattr(failure, "__soc_lines__")
    return {"line": line, "by": "test" if own else "program"}


def _namespace_module(namespace: Namespace) -> Any:
    class Holder:
        """What IPython calls the user's module: an object whose __dict__ is the namespace."""

        __name__ = "__main__"

    holder = Holder()
    holder.__dict__ = namespace
    namespace.setdefault("__name__", "__main__")
    return holder


def _teach_inspect() -> None:
    """Let inspect.getsource ask about the student's functions and classes."""
    original = inspect.getsource

    def getsource(thing: Any) -> str:
        if isinstance(thing, remote.RemoteFunction):
            return str(thing._soc_asker.forward(thing._soc_ref, "source"))
        if isinstance(thing, remote.RemoteType):
            asker, ref = thing._soc_class
            return str(asker.forward(ref, "source"))
        return original(thing)

    inspect.getsource = getsource  # type: ignore[assignment]


def _refuse_pickles(event: str, _args: tuple[Any, ...]) -> None:
    """A pickle is a program; one that lies in the student's folder would be hers."""
    if event == "pickle.find_class":
        raise RuntimeError(
            "a test can't unpickle objects: the file could hold the student's code. "
            "Read JSON, CSV or text, or set the cell's metadata autograder.shared."
        )


def free_names(source: str) -> frozenset[str]:
    """Names that a test cell's text mentions; empty when it is not plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
