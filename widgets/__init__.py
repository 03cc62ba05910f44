"""What lessons import. Each widget is a module here, its JavaScript and CSS beside it.

Never the network, never our other packages. `say` and `answer` cost nothing to import, since every
graded cell uses them; a widget's own module is read when its name is first asked for.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from widgets.answers import answer
from widgets.messages import say

if TYPE_CHECKING:
    from widgets.clusters import Clusters
    from widgets.doctor import Doctor
    from widgets.flow import Flow
    from widgets.game import Game
    from widgets.hints import Hints
    from widgets.memory import Memory
    from widgets.parsons import Parsons
    from widgets.path import Path
    from widgets.pen import Turtle
    from widgets.predict import Predict
    from widgets.quiz import Question, Quiz
    from widgets.recall import Recall
    from widgets.runner import run
    from widgets.survey import Survey
    from widgets.swap import Swap
    from widgets.tracer import Tracer

_HOMES = {
    "Clusters": "clusters",
    "Doctor": "doctor",
    "Flow": "flow",
    "Game": "game",
    "Hints": "hints",
    "Memory": "memory",
    "Parsons": "parsons",
    "Path": "path",
    "Predict": "predict",
    "Question": "quiz",
    "Quiz": "quiz",
    "Recall": "recall",
    "Survey": "survey",
    "Swap": "swap",
    "Tracer": "tracer",
    "Turtle": "turtle",
    "run": "runner",
}

__all__ = [
    "Clusters",
    "Doctor",
    "Flow",
    "Game",
    "Hints",
    "Memory",
    "Parsons",
    "Path",
    "Predict",
    "Question",
    "Quiz",
    "Recall",
    "Survey",
    "Swap",
    "Tracer",
    "Turtle",
    "answer",
    "run",
    "say",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'widgets' has no widget {name!r}")
    value = getattr(importlib.import_module(f"widgets.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext widgets`: the `%%keep` magic, and errors explained by the Doctor."""
    from widgets.doctor import Doctor  # noqa: PLC0415  (read when asked for)
    from widgets.keep import register  # noqa: PLC0415

    register(shell)
    Doctor.install(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext widgets`: errors look as Python shows them again."""
    from widgets.doctor import Doctor  # noqa: PLC0415

    Doctor.remove(shell)


def _register_in_running_shell() -> None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        from widgets.keep import register  # noqa: PLC0415

        register(shell)


_register_in_running_shell()
