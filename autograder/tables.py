"""numpy arrays and pandas tables in the closed codec: raw numbers with their dtype.

Only dtypes without Python objects cross as bytes; object columns cross value by value.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Json = Any
_RAW_KINDS = "biufcSUmM"


def encode(value: Any, encode_item: Callable[[Any], Json]) -> Json | None:
    """JSON for a numpy or pandas value, or None when its type has no copy."""
    kind = type(value)
    if kind is np.ndarray:
        return {"k": "table", "t": "array", **_array(value, encode_item)}
    if isinstance(value, np.generic) and kind.__module__ == "numpy":
        if kind is np.void or kind is np.object_:
            return None
        return {"k": "table", "t": "scalar", **_array(np.asarray(value), encode_item)}
    if kind is np.dtype or isinstance(value, np.dtype):
        return {"k": "table", "t": "dtype", "v": value.str} if value.kind in _RAW_KINDS else None
    if "pandas" in sys.modules:
        return _encode_pandas(value, encode_item)
    return None


def decode(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    """The value that `encode` described."""
    return _READERS[data["t"]](data, decode_item)


def _array(value: Any, encode_item: Callable[[Any], Json]) -> dict[str, Json]:
    if value.dtype.kind in _RAW_KINDS:
        raw = np.ascontiguousarray(value).tobytes()
        return {"d": value.dtype.str, "s": list(value.shape), "b": base64.b64encode(raw).decode()}
    if value.dtype.kind == "O":
        return {"d": "O", "s": list(value.shape), "v": [encode_item(item) for item in value.flat]}
    raise TypeError(f"arrays of dtype {value.dtype} don't cross the clean room")


def _read_array(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    shape = tuple(int(size) for size in data["s"])
    if data["d"] == "O":
        array = np.empty(len(data["v"]), dtype=object)
        for position, item in enumerate(data["v"]):
            array[position] = decode_item(item)
        return array.reshape(shape)
    dtype = np.dtype(str(data["d"]))
    if dtype.kind not in _RAW_KINDS:
        raise ValueError("a dtype that holds Python objects")
    return np.frombuffer(base64.b64decode(data["b"]), dtype=dtype).reshape(shape).copy()


def _encode_pandas(  # noqa: PLR0911 - one for each kind
    value: Any, encode_item: Callable[[Any], Json]
) -> Json | None:
    import pandas as pd  # noqa: PLC0415

    kind = type(value)
    if kind is pd.DataFrame:
        return {
            "k": "table",
            "t": "frame",
            "columns": _index(value.columns, encode_item),
            "index": _index(value.index, encode_item),
            "v": [_values(value.iloc[:, n], encode_item) for n in range(value.shape[1])],
        }
    if kind is pd.Series:
        return {
            "k": "table",
            "t": "series",
            "n": encode_item(value.name),
            "index": _index(value.index, encode_item),
            "v": _values(value, encode_item),
        }
    if isinstance(value, pd.Index):
        return {"k": "table", "t": "index", "v": _index(value, encode_item)}
    if kind is pd.Timestamp:
        return {"k": "table", "t": "timestamp", "v": value.isoformat(), "z": str(value.tz or "")}
    if kind is pd.Timedelta:
        return {"k": "table", "t": "timedelta", "v": int(value.value)}
    if value is pd.NaT:
        return {"k": "table", "t": "nat"}
    if value is pd.NA:
        return {"k": "table", "t": "na"}
    return None


def _values(column: Any, encode_item: Callable[[Any], Json]) -> Json:
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in _RAW_KINDS:
        return {"p": "numpy", **_array(column.to_numpy(), encode_item)}
    if str(dtype) == "category":
        categories = column.cat.categories if hasattr(column, "cat") else column.categories
        codes = column.cat.codes if hasattr(column, "cat") else column.codes
        return {
            "p": "category",
            "c": [encode_item(item) for item in categories],
            "o": bool(dtype.ordered),
            "codes": [int(code) for code in codes],
        }
    return {"p": str(dtype), "v": [encode_item(item) for item in column.tolist()]}


def _read_values(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    if data["p"] == "numpy":
        return _read_array(data, decode_item)
    if data["p"] == "category":
        categories = [decode_item(item) for item in data["c"]]
        return pd.Categorical.from_codes(data["codes"], categories, ordered=data["o"])
    items = [decode_item(item) for item in data["v"]]
    return pd.array(items, dtype=data["p"]) if data["p"] != "object" else _objects(items)


def _objects(items: list[Any]) -> Any:
    array = np.empty(len(items), dtype=object)
    for position, item in enumerate(items):
        array[position] = item
    return array


def _index(index: Any, encode_item: Callable[[Any], Json]) -> Json:
    import pandas as pd  # noqa: PLC0415

    if isinstance(index, pd.RangeIndex):
        return {
            "p": "range",
            "v": [int(index.start), int(index.stop), int(index.step)],
            "n": encode_item(index.name),
        }
    if isinstance(index, pd.MultiIndex):
        return {
            "p": "multi",
            "v": [encode_item(tuple(item)) for item in index.tolist()],
            "n": encode_item(list(index.names)),
        }
    return {"p": "index", "v": _values(index, encode_item), "n": encode_item(index.name)}


def _read_index(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    name = decode_item(data["n"])
    if data["p"] == "range":
        return pd.RangeIndex(*data["v"], name=name)
    if data["p"] == "multi":
        return pd.MultiIndex.from_tuples([decode_item(item) for item in data["v"]], names=name)
    return pd.Index(_read_values(data["v"], decode_item), name=name)


def _read_frame(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    index = _read_index(data["index"], decode_item)
    columns = dict(
        enumerate(pd.Series(_read_values(v, decode_item), index=index) for v in data["v"])
    )
    frame = pd.DataFrame(columns, index=index)
    frame.columns = _read_index(data["columns"], decode_item)
    return frame


def _read_series(data: Json, decode_item: Callable[[Json], Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.Series(
        _read_values(data["v"], decode_item),
        index=_read_index(data["index"], decode_item),
        name=decode_item(data["n"]),
    )


def _read_timestamp(data: Json, _: Callable[[Json], Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.Timestamp(data["v"])


def _pandas_value(name: str) -> Any:
    import pandas as pd  # noqa: PLC0415

    return getattr(pd, name)


_READERS: dict[str, Callable[[Json, Callable[[Json], Any]], Any]] = {
    "array": _read_array,
    "scalar": lambda j, d: _read_array(j, d)[()],
    "dtype": lambda j, _: np.dtype(str(j["v"])),
    "frame": _read_frame,
    "series": _read_series,
    "index": lambda j, d: _read_index(j["v"], d),
    "timestamp": _read_timestamp,
    "timedelta": lambda j, _: _pandas_value("Timedelta")(j["v"]),
    "nat": lambda _j, _d: _pandas_value("NaT"),
    "na": lambda _j, _d: _pandas_value("NA"),
}
