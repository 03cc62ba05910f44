"""The checker: runs the teacher's test cells, and never a byte of the student's.

A name that the test does not define is looked up, in this order: the teacher's own imports and
definitions (from her notebook's cells), Python's builtins (unless her notebook defines the name
as an exercise), and last the snapshot of the student's interpreter. What comes from there is a
copy or a stand-in (`remote`).
"""

# mypy: allow-untyped-calls
# (IPython has annotations for some of its functions only.)

from __future__ import annotations

import builtins
import inspect
import io
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from autograder import remote
from autograder.account import Account
from autograder.cells import mentions
from autograder.conversation import CheckerPeer
from autograder.errors import ChannelClosed, Malformed
from autograder.library import Library
from autograder.shell import CaptureShell
from autograder.wire import Channel, Message

Json = Any
_GONE = object()


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


class Checker:
    """One notebook's test cells, in order, in one namespace of the teacher's."""

    def __init__(self, shell: CaptureShell, channel: Channel, teacher: dict[str, Json]) -> None:
        """`teacher` is what `cells.teacher_names` found in the notebook's own cells."""
        self.shell = shell
        self.channel = channel
        self.library = Library(dict(teacher["imports"]), list(teacher["stars"]))
        self.definitions: dict[str, str] = dict(teacher["definitions"])
        self.exercises = frozenset(teacher["exercises"])
        self.expected_classes = frozenset(teacher["classes"])
        self.members = frozenset(teacher["members"])
        self.classes_here: frozenset[str] = frozenset()
        self.looking_up: str | None = None
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
        if name in self.library.imports:
            value = self.library.imported(name)
            if value is not None:
                dict.__setitem__(self.namespace, name, value)
                return value
        if name in self.definitions:
            exec(compile(self.definitions[name], "<teacher>", "exec"), self.namespace)  # noqa: S102
            return dict.__getitem__(self.namespace, name)
        for module in self.library.stars:
            found = self.library.module(module)
            if found is not None and hasattr(found, name) and not name.startswith("_"):
                return getattr(found, name)
        if hasattr(builtins, name) and name not in self.exercises:
            raise KeyError(name)
        return self.account.named(name, self._ask_name(name))

    def _ask_name(self, name: str) -> Any:
        __tracebackhide__ = True
        if self.peer is None or name.startswith("_") or name in self._deleted:
            raise KeyError(name)
        self.looking_up = name
        try:
            data = self._data_of(name, self.peer)
            if isinstance(data, dict) and data.get("what") == "module":
                own = self.library.well_known(name, str(data["name"]))
                if own is not None:
                    return own
            return self.peer.decoder.decode(data)
        finally:
            self.looking_up = None

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

    def _is_a_class(self, name: str) -> bool:
        """Whether a name in a test means one of her classes. She names hers as she likes.

        Without the source nobody knows her classes: they begin with a capital letter then.
        """
        if name in self.expected_classes:
            return True
        known = name in self.exercises or name in self.library.imports or name in self.definitions
        return name[:1].isupper() and not known and not hasattr(builtins, name)

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
        self.classes_here = frozenset(
            name for name in self._names_of(body) if self._is_a_class(name)
        )
        self.account = Account(
            frozenset(self.namespace) - {*self.library.imports, *self.definitions}
        )
        self._meet(message)
        builtins.input = self._original_input  # type: ignore[assignment]
        outputs, status = self.shell.execute(body["source"], body["count"])
        failure, self.shell.failure = self.shell.failure, None
        lost = self.peer is not None and self.peer.lost
        answer: dict[str, Json] = {"outputs": outputs, "status": status, "lost": lost}
        if failure is not None:
            where = _where(failure)
            source = self.shell.transform_cell(body["source"])
            account = self.account.of(failure, where["line"], source, self.namespace)
            answer["failure"] = where | ({"account": account} if account else {})
        return answer

    def _names_of(self, body: dict[str, Json]) -> frozenset[str]:
        """The names that a test mentions: the grader has found them, but for what has magics."""
        if body["names"] is not None:
            return frozenset(body["names"])
        return mentions(self.shell.transform_cell(body["source"])) or frozenset()


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
