"""What the learner answered, in `answers.json` beside the notebook.

The file is handed in with the folder and is what graded cells read. Rules: it is replaced as a
whole and synced to disk, so that a power cut leaves the old or the new one; what another notebook
of the week wrote meanwhile is kept; a file that can't be read is put aside, never overwritten.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

try:
    from fcntl import LOCK_EX, flock
except ImportError:  # Windows has no fcntl, and Pyodide's can't lock
    flock = None  # type: ignore[assignment]

ANSWERS_FILE = "answers.json"
SCHEMA = 1

Record = dict[str, Any]


class AnswersError(Exception):
    """answers.json was written by a newer course than this one, or can't be written."""


def answer(identity: str, folder: Path | None = None) -> Any:
    """The learner's answer to the widget `identity`; None when there is none yet."""
    return record(identity, folder).get("value")


def record(identity: str, folder: Path | None = None) -> Record:
    """All that is kept under `identity`: value, kind, at, and what the widget added. Else {}."""
    found = read(folder).get(identity, {})
    return found if isinstance(found, dict) else {}


def read(folder: Path | None = None) -> dict[str, Record]:
    """Every record in the folder's answers.json, {} when it is missing or unreadable."""
    try:
        return _load((folder or Path.cwd()) / ANSWERS_FILE)
    except (OSError, ValueError, AnswersError):
        return {}


def keep(
    identity: str,
    change: Callable[[Record], Record],
    *,
    folder: Path | None = None,
) -> Record:
    """Replace the record `identity` by `change(old record)` and return the new one.

    The time is added. Raises AnswersError when the file is from a newer course or the disk refuses.
    """
    path = (folder or Path.cwd()) / ANSWERS_FILE
    try:
        with _locked(path):
            answers = _load_or_put_aside(path)
            new = change(dict(answers.get(identity, {})))
            new["at"] = datetime.now(UTC).isoformat(timespec="seconds")
            answers[identity] = new
            _write(path, answers)
    except OSError as error:
        raise AnswersError(
            f"{path} can't be written: {error}. Free some space, try again."
        ) from error
    return new


def _load(path: Path) -> dict[str, Record]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("answers"), dict):
        raise ValueError(f"{path} holds no answers")
    schema = content.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise AnswersError(
            f"{path} has schema {schema!r}, this course knows up to {SCHEMA}. "
            "Open it with the newer course; it was left untouched."
        )
    answers: dict[str, Record] = content["answers"]
    return answers


def _load_or_put_aside(path: Path) -> dict[str, Record]:
    try:
        return _load(path)
    except FileNotFoundError:
        return {}
    except ValueError:
        path.replace(path.with_suffix(f".unreadable-{datetime.now(UTC):%Y%m%d%H%M%S}"))
        return {}


def _write(path: Path, answers: dict[str, Record]) -> None:
    text = json.dumps(
        {"schema": SCHEMA, "answers": answers}, ensure_ascii=False, indent=1, sort_keys=True
    )
    replace_file(path, text + "\n")


def replace_file(path: Path, text: str) -> None:
    """Put `text` in place of the file as a whole, on the disk when this returns."""
    handle, name = tempfile.mkstemp(prefix=".answers-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time among the kernels of a folder; in the browser there is one kernel."""
    if flock is None:
        yield
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        flock(folder, LOCK_EX)
        yield
    finally:
        os.close(folder)
