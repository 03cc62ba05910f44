"""The closed codec: which values cross between a student's interpreter and the checker.

A value crosses as a copy when its type is *exactly* one of these: the plain Python types and
containers, common ones of the standard library, numpy arrays and pandas frames. Whatever else
(functions, classes, instances, subclasses of plain types) crosses as a reference that `refer`
makes and `resolve` understands. The output is JSON; decoding calls no code named by the data.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import fractions
import math
import pathlib
import sys
from collections.abc import Callable
from typing import Any

from autograder.errors import Malformed

Json = Any
Refer = Callable[[object], dict[str, Json]]
Resolve = Callable[[dict[str, Json]], object]
MAX_DEPTH = 60
_SAFE_INT = 2**53
_FACTORIES = {"int": int, "list": list, "float": float, "str": str, "dict": dict, "set": set}
_DICT_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}


class Encoder:
    """Turns values into JSON; `refer` is asked for whatever can't be copied."""

    def __init__(self, refer: Refer) -> None:
        """Use `refer(value)` for values without a copy; it returns a JSON object with `k`."""
        self.refer = refer
        self._open: set[int] = set()

    def encode(self, value: Any, depth: int = 0) -> Json:  # noqa: PLR0911 - one for each kind
        """JSON for `value`. Containers that hold themselves go by reference."""
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if -_SAFE_INT < value < _SAFE_INT else {"k": "int", "v": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"k": "float", "v": repr(value)}
        if kind in _CONTAINERS:
            if depth > MAX_DEPTH or id(value) in self._open:
                return self.refer(value)
            self._open.add(id(value))
            try:
                return _CONTAINERS[kind](self, value, depth + 1)
            finally:
                self._open.discard(id(value))
        if kind in _PLAIN:
            name, to_json, _ = _PLAIN[kind]
            return {"k": name, "v": to_json(value)}
        if kind in _DICT_VIEWS:
            return {
                "k": "view",
                "n": _DICT_VIEWS[kind],
                "v": [self.encode(item, depth + 1) for item in value],
            }
        if issubclass(kind, tuple) and _is_namedtuple(kind):
            return {
                "k": "namedtuple",
                "n": kind.__name__,
                "f": list(value._fields),
                "v": [self.encode(item, depth + 1) for item in tuple.__iter__(value)],
            }
        if (kind.__module__ or "").partition(".")[0] in ("numpy", "pandas"):
            table = self._encode_table(value, depth + 1)
            if table is not None:
                return table
        return self.refer(value)

    def _encode_table(self, value: Any, depth: int) -> Json | None:
        # Loaded only in processes where the notebook itself has loaded them.
        if "numpy" not in sys.modules:
            return None
        from autograder import tables  # noqa: PLC0415

        return tables.encode(value, lambda item: self.encode(item, depth))


class Decoder:
    """Turns JSON back into values; `resolve` is asked for references."""

    def __init__(self, resolve: Resolve) -> None:
        """Use `resolve(data)` for JSON objects that name a reference."""
        self.resolve = resolve

    def decode(self, data: Json) -> Any:
        """The value behind `data`. Raises Malformed for anything the codec never makes."""
        if data is None or isinstance(data, (bool, int, float, str)):
            return data
        try:
            kind = data["k"]
            if kind in _DECODERS:
                return _DECODERS[kind](self, data)
            if kind in _PLAIN_NAMES:
                return _PLAIN_NAMES[kind](data["v"])
            if kind == "table":
                from autograder import tables  # noqa: PLC0415

                return tables.decode(data, self.decode)
        except (Malformed, RecursionError):
            raise
        except Exception as error:
            raise Malformed(f"a value can't be read: {error!r}") from error
        return self.resolve(data)


def _is_namedtuple(kind: type) -> bool:
    fields = getattr(kind, "_fields", None)
    return (
        kind.__bases__ == (tuple,)
        and isinstance(fields, tuple)
        and "__eq__" not in kind.__dict__
        and all(isinstance(field, str) and field.isidentifier() for field in fields)
    )


def _items(name: str) -> Callable[[Encoder, Any, int], Json]:
    def encode(encoder: Encoder, value: Any, depth: int) -> Json:
        return {"k": name, "v": [encoder.encode(item, depth) for item in value]}

    return encode


def _pairs(name: str) -> Callable[[Encoder, Any, int], Json]:
    def encode(encoder: Encoder, value: Any, depth: int) -> Json:
        pairs = [
            [encoder.encode(key, depth), encoder.encode(item, depth)]
            for key, item in dict.items(value)
        ]
        data: dict[str, Json] = {"k": name, "v": pairs}
        if name == "defaultdict":
            data["f"] = getattr(value.default_factory, "__name__", None)
        return data

    return encode


_CONTAINERS: dict[type, Callable[[Encoder, Any, int], Json]] = {
    list: _items("list"),
    tuple: _items("tuple"),
    set: _items("set"),
    frozenset: _items("frozenset"),
    collections.deque: _items("deque"),
    dict: _pairs("dict"),
    collections.OrderedDict: _pairs("ordered"),
    collections.Counter: _pairs("counter"),
    collections.defaultdict: _pairs("defaultdict"),
}


def _hashable(decoder: Decoder, data: Json) -> dict[Any, Any]:
    return {decoder.decode(key): decoder.decode(item) for key, item in data["v"]}


def _view(decoder: Decoder, data: Json) -> Any:
    items = [decoder.decode(item) for item in data["v"]]
    if data["n"] == "keys":
        return dict.fromkeys(items).keys()
    if data["n"] == "items":
        return dict(items).items()
    return dict(enumerate(items)).values()


_namedtuples: dict[tuple[str, ...], Any] = {}


def _namedtuple(decoder: Decoder, data: Json) -> Any:
    key = (str(data["n"]), *map(str, data["f"]))
    if key not in _namedtuples:
        # namedtuple checks that every name is an identifier before it builds the class.
        _namedtuples[key] = collections.namedtuple(key[0], key[1:])
    return _namedtuples[key](*(decoder.decode(item) for item in data["v"]))


_DECODERS: dict[str, Callable[[Decoder, Json], Any]] = {
    "list": lambda d, j: [d.decode(item) for item in j["v"]],
    "tuple": lambda d, j: tuple(d.decode(item) for item in j["v"]),
    "set": lambda d, j: {d.decode(item) for item in j["v"]},
    "frozenset": lambda d, j: frozenset(d.decode(item) for item in j["v"]),
    "deque": lambda d, j: collections.deque(d.decode(item) for item in j["v"]),
    "dict": _hashable,
    "ordered": lambda d, j: collections.OrderedDict(_hashable(d, j)),
    "counter": lambda d, j: collections.Counter(_hashable(d, j)),
    "defaultdict": lambda d, j: collections.defaultdict(
        _FACTORIES.get(str(j["f"])), _hashable(d, j)
    ),
    "view": _view,
    "namedtuple": _namedtuple,
}


def _from_hex(text: str) -> int:
    return int(text, 16)


_PLAIN: dict[type, tuple[str, Callable[[Any], Json], Callable[[Any], Any]]] = {
    int: ("int", hex, _from_hex),
    float: ("float", repr, float),
    complex: (
        "complex",
        lambda v: [repr(v.real), repr(v.imag)],
        lambda j: complex(float(j[0]), float(j[1])),
    ),
    bytes: ("bytes", lambda v: base64.b64encode(v).decode(), base64.b64decode),
    bytearray: (
        "bytearray",
        lambda v: base64.b64encode(v).decode(),
        lambda j: bytearray(base64.b64decode(j)),
    ),
    range: ("range", lambda v: [v.start, v.stop, v.step], lambda j: range(*j)),
    type(...): ("ellipsis", lambda _: 0, lambda _: ...),
    type(NotImplemented): ("notimplemented", lambda _: 0, lambda _: NotImplemented),
    datetime.datetime: ("datetime", lambda v: v.isoformat(), datetime.datetime.fromisoformat),
    datetime.date: ("date", lambda v: v.isoformat(), datetime.date.fromisoformat),
    datetime.time: ("time", lambda v: v.isoformat(), datetime.time.fromisoformat),
    datetime.timedelta: (
        "timedelta",
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda j: datetime.timedelta(*j),
    ),
    datetime.timezone: (
        "timezone",
        lambda v: v.utcoffset(None).total_seconds(),
        lambda j: datetime.timezone(datetime.timedelta(seconds=j)),
    ),
    decimal.Decimal: ("decimal", str, decimal.Decimal),
    fractions.Fraction: (
        "fraction",
        lambda v: [hex(v.numerator), hex(v.denominator)],
        lambda j: fractions.Fraction(int(j[0], 16), int(j[1], 16)),
    ),
    pathlib.PosixPath: ("path", str, pathlib.PosixPath),
    pathlib.PurePosixPath: ("purepath", str, pathlib.PurePosixPath),
}
_COPIED_TABLES = ("ndarray", "DataFrame", "Series", "Index", "RangeIndex", "Timestamp", "Timedelta")
_PLAIN_NAMES = {name: read for name, _, read in _PLAIN.values()}


def is_copied(kind: type) -> bool:
    """Whether values of exactly this type cross as copies, never as references."""
    return (
        kind in _CONTAINERS
        or kind in _PLAIN
        or (
            kind.__module__.partition(".")[0] in ("numpy", "pandas")
            and kind.__name__ in _COPIED_TABLES
        )
    )
