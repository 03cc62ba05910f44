"""Stand-ins, in the checker, for what lives in the student's interpreter.

A stand-in forwards a question and returns a copy or another stand-in. The student decides what
her own objects answer, so a stand-in answers **no question that could settle a test by itself**:
a comparison with one of the test's own values is never asked, and an object of a class that
neither the teacher's notebook nor the test names answers nothing but its `repr`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Protocol

Json = Any

_COMPARE = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "divmod")
_BITWISE = ("and", "or", "xor", "lshift", "rshift")
_BINARY = tuple(
    f"__{prefix}{name}__" for name in _ARITHMETIC + _BITWISE for prefix in ("", "r", "i")
)
_WITH_VALUE = frozenset((*_BINARY, "__contains__"))
_PLAIN = [
    "__len__",
    "__iter__",
    "__next__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__call__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__invert__",
    "__int__",
    "__float__",
    "__complex__",
    "__index__",
    "__round__",
    "__trunc__",
    "__floor__",
    "__ceil__",
    "__enter__",
    "__exit__",
    "__reversed__",
    "__missing__",
    "__length_hint__",
    "__bytes__",
    "__contains__",
]
FORWARDED = frozenset((*_COMPARE, *_BINARY, *_PLAIN))
_READABLE = frozenset(
    [
        "__name__",
        "__doc__",
        "__qualname__",
        "__annotations__",
        "__defaults__",
        "__kwdefaults__",
        "__code__",
        "__closure__",
        "__module__",
        "__self__",
        "__func__",
        "__version__",
    ]
)
PLAIN_TYPES = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, range)
_PLAIN_METHODS = frozenset(name for kind in PLAIN_TYPES for name in dir(kind))
_OPAQUE_LIBRARY = frozenset(
    [
        "collections.UserString",
        "collections.UserList",
        # Their methods are those of texts, and she can replace them.
        "numpy.char.chararray",
        "numpy.rec.recarray",
        "pandas.core.strings.accessor.StringMethods",
    ]
)


class UnexpectedObject(TypeError):  # noqa: N818 - the student reads the name in a traceback
    """A test met an object of the student's own making where it expects a value."""


class Asker(Protocol):
    """What a stand-in needs of the conversation."""

    def forward(self, ref: int, op: str, *args: object, **body: Json) -> Any:
        """Ask for `op` on object number `ref`; return the value or raise what it raised."""

    def is_expected(self, class_name: str) -> bool:
        """Whether the teacher's notebook or the running test names this class."""

    def is_named_here(self, class_name: str) -> bool:
        """Whether the running test cell names this class."""

    def is_member(self, name: str) -> bool:
        """Whether a class of the teacher's notebook gives its objects something of this name."""


class Remote:
    """An object in the student's interpreter."""

    __slots__ = ("_soc_asker", "_soc_ref")
    _soc_library: type | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_soc") or (_is_dunder(name) and name not in _READABLE):
            raise AttributeError(name)
        _require_expected(self)
        value = self._soc_asker.forward(self._soc_ref, "get", name=name)
        if isinstance(value, RemoteFunction):
            _require_method(self, name)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        _require_expected(self)
        self._soc_asker.forward(self._soc_ref, "set", value, name=name)

    def __delattr__(self, name: str) -> None:
        _require_expected(self)
        self._soc_asker.forward(self._soc_ref, "del", name=name)

    def __repr__(self) -> str:
        return str(self._soc_asker.forward(self._soc_ref, "repr"))

    def __str__(self) -> str:
        return str(self._soc_asker.forward(self._soc_ref, "str"))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        return bool(self._soc_asker.forward(self._soc_ref, "bool"))

    def __dir__(self) -> list[str]:
        return list(self._soc_asker.forward(self._soc_ref, "dir"))

    def __hash__(self) -> int:
        return hash(self._soc_ref)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Remote):
            return bool(other._soc_ref == self._soc_ref)
        return NotImplemented

    def __reduce__(self) -> Any:
        raise TypeError("an object of the student's interpreter can't be pickled or copied")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        _require_expected(self)
        return self._soc_asker.forward(self._soc_ref, "get", name="__dict__")

    def __await__(self) -> Any:
        _require_expected(self)
        return self._soc_asker.forward(self._soc_ref, "await")
        yield  # makes this a generator, which is what `await` wants


class RemoteFunction(Remote):
    """A function, method or other callable of the student's interpreter: it may be called."""

    __slots__ = ("_soc_name",)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self._soc_asker.forward(self._soc_ref, "call", *args, kwargs=kwargs)

    def __getattr__(self, name: str) -> Any:
        value = Remote.__getattr__(self, name)
        if isinstance(value, Remote) and not _is_dunder(name):
            raise UnexpectedObject(f"a test may not use the attribute {name!r} of a function")
        return value

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return types.FunctionType  # for inspect.isfunction and isinstance

    @property
    def __signature__(self) -> Any:
        import inspect  # noqa: PLC0415

        parameters = self._soc_asker.forward(self._soc_ref, "signature")
        return inspect.Signature(
            [
                inspect.Parameter(
                    name, kind, default=default[0] if default else inspect.Parameter.empty
                )
                for name, kind, default in parameters
            ]
        )


# The class's own docstring would be found before the function's.
RemoteFunction.__doc__ = property(  # type: ignore[assignment]
    lambda self: self._soc_asker.forward(self._soc_ref, "get", name="__doc__")
)


class RemoteModule(Remote):
    """A module that only the student's interpreter can import."""

    __slots__ = ()


class ModuleAsValue(RemoteModule):
    """A module under another name than the teacher's notebook imports: it stands for no value."""

    __slots__ = ()


class RemoteType(type):
    """The class of stand-ins for one class of the student's interpreter."""

    _soc_class: tuple[Asker, int]
    _soc_expected_name: str

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> RemoteType:
        if "_soc_class" not in namespace:
            raise TypeError(
                f"{name}: a test can't make a subclass of a class of the student's; "
                "set the cell's metadata autograder.shared to run it in her interpreter"
            )
        return super().__new__(cls, name, bases, namespace)

    def __call__(cls, *args: object, **kwargs: object) -> Any:
        asker, ref = cls._soc_class
        _require_expected_class(cls)
        return asker.forward(ref, "call", *args, kwargs=kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith(("_soc", "_ipython", "_repr")) or (
            _is_dunder(name) and name not in _READABLE
        ):
            raise AttributeError(name)
        asker, ref = cls._soc_class
        _require_expected_class(cls)
        return asker.forward(ref, "get", name=name)

    def __setattr__(cls, name: str, value: object) -> None:
        asker, ref = cls._soc_class
        _require_expected_class(cls)
        asker.forward(ref, "set", value, name=name)

    def __repr__(cls) -> str:
        return f"<class '__main__.{cls.__name__}'>"


class RemoteError:
    """Mixed into stand-ins for the student's exception classes: unknown attributes are asked."""

    def __getattr__(self, name: str) -> Any:
        attributes = object.__getattribute__(self, "__dict__")
        if "_soc_ref" not in attributes or name.startswith("_soc") or _is_dunder(name):
            raise AttributeError(name)
        kind: type = type(self)
        if isinstance(kind, RemoteType):
            _require_expected_class(kind)
        return attributes["_soc_asker"].forward(attributes["_soc_ref"], "get", name=name)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _require_expected(thing: Remote) -> None:
    if isinstance(thing, (RemoteFunction, RemoteModule)) or type(thing)._soc_library:
        return
    kind: type = type(thing)
    if isinstance(kind, RemoteType):
        _require_expected_class(kind)


def _require_expected_class(kind: RemoteType) -> None:
    asker, _ = kind._soc_class
    if not kind.__dict__.get("_soc_library") and not asker.is_expected(kind._soc_expected_name):
        raise UnexpectedObject(
            f"the test expects a value here, and got an object of the class {kind.__name__}"
        )


def _require_method(thing: Remote, name: str) -> None:
    """A method that a test would call on a value settles nothing when an object of hers has it."""
    library = getattr(type(thing), "_soc_library", None)
    if isinstance(thing, RemoteModule):
        known = not isinstance(thing, ModuleAsValue) or name not in _PLAIN_METHODS
    elif library:
        known = hasattr(library, name)
    else:
        known = name not in _PLAIN_METHODS or thing._soc_asker.is_member(name)
    if not known:
        raise UnexpectedObject(
            f"the test expects a value with the method {name!r} here, "
            f"and got an object of the class {type(thing).__name__}"
        )


def _forwarder(name: str) -> Callable[..., Any]:
    def forward(self: Any, *args: object) -> Any:
        _require_expected(self)
        plain = [value for value in args if not isinstance(value, Remote)]
        if plain and name in _COMPARE:
            return NotImplemented
        if (
            plain
            and name in _WITH_VALUE
            and (
                type(self)._soc_library
                or not self._soc_asker.is_named_here(type(self)._soc_expected_name)
            )
        ):
            raise UnexpectedObject(
                f"the test expects a value here, and got an object of the class "
                f"{type(self).__name__}"
            )
        result = self._soc_asker.forward(self._soc_ref, "special", *args, name=name)
        if name.startswith("__i") and name in _BINARY and isinstance(result, Remote):
            return self if result._soc_ref == self._soc_ref else result
        return result

    forward.__name__ = name
    return forward


def build_class(
    asker: Asker,
    ref: int,
    name: str,
    doc: str | None,
    dunders: list[str],
    bases: tuple[type, ...],
    *,
    exception: type[BaseException] | None = None,
    library: type | None = None,
) -> type:
    """The stand-in class for class number `ref`.

    `library` is the checker's own class when the student names one of an installed package:
    then only the dunders that the real class has are forwarded, whatever the student claims.
    """
    if library is not None:
        # Without its own `__contains__`, Python compares what it iterates over.
        dunders = [
            dunder for dunder in FORWARDED if hasattr(library, dunder) and dunder != "__contains__"
        ]
        if f"{library.__module__}.{library.__qualname__}" in _OPAQUE_LIBRARY:
            library, dunders = None, []
    namespace: dict[str, Any] = {
        dunder: _forwarder(dunder) for dunder in dunders if dunder in FORWARDED
    }
    if "__eq__" in namespace:
        namespace["__hash__"] = Remote.__hash__  # a class that defines __eq__ loses its own
    namespace.update(
        __doc__=doc,
        __module__=library.__module__ if library else "__main__",
        _soc_class=(asker, ref),
        _soc_expected_name=name,
        _soc_library=library,
    )
    if library is not None and exception is None:
        namespace["__class__"] = property(lambda _self: library)
    if exception is not None:
        bases = bases if any(issubclass(base, BaseException) for base in bases) else (exception,)
        bases = (
            bases
            if any(issubclass(base, RemoteError) for base in bases)
            else (
                RemoteError,
                *bases,
            )
        )
        return _make(name, bases, namespace, (RemoteError, exception))
    namespace["__slots__"] = ()
    return _make(name, bases or (Remote,), namespace, (Remote,))


def _make(
    name: str, bases: tuple[type, ...], namespace: dict[str, Any], fallback: tuple[type, ...]
) -> type:
    try:
        return RemoteType(name, bases, namespace)
    except TypeError:
        # Bases whose order Python refuses here: the stand-in is then related to none of them.
        return RemoteType(name, fallback, namespace)


def new_instance(kind: type, asker: Asker, ref: int) -> Any:
    """A stand-in of class `kind` for object number `ref`, made without asking anybody."""
    instance: Any = object.__new__(kind)
    object.__setattr__(instance, "_soc_asker", asker)
    object.__setattr__(instance, "_soc_ref", ref)
    return instance
