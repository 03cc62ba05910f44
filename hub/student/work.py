"""What the landing page asks nbgrader to do, in a command of its own.

nbgrader changes the working directory and holds 70 MB once imported; as a command it does neither
to the student's server. Rule: nbgrader's own classes do the work, and the answer is one JSON line.

    python -P -m hub.student.work feedback week01 week02
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.validator import Validator
from traitlets.config import Config

from hub.student import seed

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CHECKED = ("practice", "project")


def settings() -> Config:
    """nbgrader's configuration, found where Jupyter looks for it."""
    app = NbGrader()
    app.load_config_file()
    config: Config = app.config
    return config


def _exchange(kind: str, week: str) -> Any:
    config = settings()
    config.CourseDirectory.assignment_id = week
    coursedir = CourseDirectory(config=config)
    cls = getattr(ExchangeFactory(config=config), kind)
    return cls(
        coursedir=coursedir,
        authenticator=Authenticator(config=config),
        config=config,
    )


def bring(week: str) -> dict[str, Any]:
    """Make the exchange over HTTP hold what is at the hub now; `week` is of no matter."""
    _exchange("list", week).mirror()
    return {}


def feedback(week: str) -> dict[str, Any]:
    """Bring released feedback into the week's folder."""
    _exchange("fetch_feedback", week).start()
    return {}


def submit(week: str) -> dict[str, Any]:
    """Hand in the week's folder; the name it was handed in under."""
    exchange = _exchange("submit", week)
    exchange.start()
    return {"sent_as": exchange.assignment_filename}


def check(week: str) -> dict[str, Any]:
    """Run the visible tests of the week's exercises; what each failing one says."""
    found: dict[str, Any] = {}
    validator = Validator(config=settings())
    for name in CHECKED:
        notebook = Path.home() / week / f"{name}.ipynb"
        if notebook.is_file():
            found[name] = _result(validator.validate(str(notebook)))
    return {"notebooks": found}


def _result(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "changed": len(result.get("changed", [])) + len(result.get("type_changed", [])),
        "messages": [_message(failed["raw_error"]) for failed in result.get("failed", [])],
    }


def _message(error: str) -> str:
    """The words of an error that are meant for the learner: an assert's, or its last line."""
    error = _COLOURS.sub("", error)
    said = error.rpartition("AssertionError: ")[2].strip()
    if "AssertionError: " in error and said:
        return said
    return error.strip().rpartition("\n")[2] if "Traceback" in error else error.strip()


_COMMANDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bring": bring,
    "feedback": feedback,
    "submit": submit,
    "check": check,
}


def main(arguments: list[str]) -> int:
    """Do it for each week named. Prints {"ok": …} as the last line; 1 when nbgrader refuses."""
    logging.getLogger().setLevel(logging.WARNING)
    seed.plant()  # checking starts kernels
    answer: dict[str, Any] = {"ok": True}
    try:
        for week in arguments[1:]:
            answer |= _COMMANDS[arguments[0]](week)
    except (ExchangeError, OSError, RuntimeError, ValueError) as error:
        answer = {"ok": False, "error": str(error)}
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
