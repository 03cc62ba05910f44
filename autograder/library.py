"""The checker's own modules and classes: which of them may stand for something of the student's.

Her program says what an object of hers is. Nothing is imported because it says so: only what the
teacher's notebook names, and a handful of packages that are known to run no file of a folder.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import sys
import types
from typing import Any

from autograder.codec import is_copied

_SHORT_NAMES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib"}
_SAFE_ROOTS = frozenset(("numpy", "pandas", "matplotlib", "itertools", "functools"))
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


class Library:
    """What one teacher's notebook imports."""

    def __init__(self, imports: dict[str, str], stars: list[str]) -> None:
        """`imports` maps a name to `module` or `module:attribute`; `stars` are imported whole."""
        self.imports = imports
        self.stars = stars

    def imported(self, name: str) -> Any:
        """What the teacher's notebook imports as `name`; None when that fails here."""
        module, _, attribute = self.imports[name].partition(":")
        try:
            found: Any = importlib.import_module(module)
            if not attribute and name == module.partition(".")[0]:
                found = sys.modules[name]  # `import a.b` binds a
            return getattr(found, attribute) if attribute else found
        except Exception:
            return None

    def well_known(self, name: str, module: str) -> types.ModuleType | None:
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

    def own_class(self, module: str, name: str) -> type | None:
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
        if not isinstance(value, type) or is_copied(value):
            return None  # a copy would have come, were it one
        return value

    def _loaded(self, name: str) -> types.ModuleType | None:
        """Module `name`, if what the teacher's notebook imports of its package loads it."""
        root = name.partition(".")[0]
        for own in sorted(self._names() | _SAFE_ROOTS):
            if own.partition(".")[0] == root:
                with contextlib.suppress(Exception):
                    importlib.import_module(own)
        return sys.modules.get(name)

    def _names(self) -> set[str]:
        """The modules that the teacher's notebook imports, as she writes them."""
        return {target.partition(":")[0] for target in (*self.imports.values(), *self.stars)}

    def _roots(self) -> set[str]:
        """The top-level packages that the teacher's notebook imports."""
        return {name.partition(".")[0] for name in self._names()}


def _attribute(thing: Any, path: str) -> Any:
    """The attribute at a dotted path, such as a class inside a class; None when there is none."""
    for name in path.split("."):
        thing = getattr(thing, name, None)
    return thing
