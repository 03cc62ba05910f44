"""Where a student stands with each week, read from her home, the exchange and her receipts.

Rule: everything here is read, nothing is changed, and a file that can't be read is as good as none:
the page must come up whatever lies in her home.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

ANSWER = "answer+"  # a receipt of this name is the note about grading on arrival
NOTEBOOKS = ("lesson", "practice", "project")
_PHNOM_PENH = timezone(timedelta(hours=7))
# As a page of nbgrader's feedback has it.
SHOWN_SCORE = re.compile(r"\(Score: ([0-9.]+) / ([0-9.]+)\)")


@dataclass(frozen=True)
class Place:
    """Where things are behind the walls."""

    home: Path
    exchange: Path
    cohort: str

    @classmethod
    def here(cls) -> Place:
        """As the spawner said."""
        return cls(Path.home(), Path(os.environ["SOC_EXCHANGE"]), os.environ["SOC_COHORT"])

    def folder(self, name: str) -> Path:
        """A folder of the cohort's exchange: outbound, inbound, feedback or receipts."""
        return self.exchange / self.cohort / name


@dataclass(frozen=True)
class Feedback:
    """One page of released feedback. Points are None when the page names none."""

    notebook: str
    sent: str
    points: str | None


@dataclass(frozen=True)
class Week:
    """One released week as the page shows it."""

    name: str
    title: str
    question: str
    notebooks: tuple[str, ...]
    state: str  # open | on-its-way | received | refused
    at: str = ""
    reason: str = ""
    feedback: tuple[Feedback, ...] = field(default=())
    answer: str = ""  # checking | answered | by-hand; nothing when a person grades
    to_read: tuple[str, ...] = ()  # notebooks that her instructor has yet to read

    @property
    def moving(self) -> bool:
        """Whether the next word about it will come by itself, soon."""
        return self.state == "on-its-way" or self.answer == "checking"

    @property
    def number(self) -> int | None:
        """7 for week07; None for a name of another kind."""
        found = re.fullmatch(r"week(\d+)", self.name)
        return int(found[1]) if found else None


def weeks(place: Place, titles: dict[str, dict[str, str]]) -> list[Week]:
    """All released weeks in order."""
    return [week(place, name, titles.get(name, {})) for name in released(place)]


def released(place: Place) -> list[str]:
    """Names of the weeks in the exchange, in order."""
    with contextlib.suppress(OSError):
        return sorted(path.name for path in place.folder("outbound").iterdir() if path.is_dir())
    return []


def new_feedback(place: Place) -> list[str]:
    """Weeks for which feedback may have come since it was last fetched."""
    try:
        latest = place.folder("feedback").stat().st_mtime
        if not any(place.folder("feedback").iterdir()):
            return []
    except OSError:
        return []
    mark = place.home / ".local" / "share" / "school" / "feedback"
    with contextlib.suppress(OSError):
        if mark.stat().st_mtime >= latest:
            return []
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return [week for week in released(place) if any(_handed_in(place, week))]


def _handed_in(place: Place, week: str) -> Iterator[Path]:
    """nbgrader's own copies of what was handed in."""
    cache = place.home / ".local" / "share" / "jupyter" / "nbgrader_cache" / place.cohort
    yield from cache.glob(f"*+{week}+*")


def week(place: Place, name: str, title: dict[str, str] | None = None) -> Week:
    """One released week."""
    title = title or {}
    state, at, reason, sent = _state(place, name)
    answer, to_read = _answer(place, name, sent) if state == "received" else ("", ())
    return Week(
        name=name,
        title=title.get("title", name),
        question=title.get("question", ""),
        notebooks=tuple(n for n in NOTEBOOKS if (place.home / name / f"{n}.ipynb").is_file()),
        state=state,
        at=at,
        reason=reason,
        feedback=tuple(_feedback(place.home / name / "feedback")),
        answer=answer,
        to_read=to_read,
    )


def _answer(place: Place, week: str, sent: str) -> tuple[str, tuple[str, ...]]:
    """What the note about the submission of that time says, and what is still to be read."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        path = place.folder("receipts") / f"{ANSWER}{week}.json"
        note = json.loads(path.read_text(encoding="utf-8"))
        if note["at"] == sent:
            return str(note["status"]), tuple(note["to_read"])
    return "", ()


def _state(place: Place, week: str) -> tuple[str, str, str, str]:
    """The newest of what happened (still in the outbox, received, refused, or nothing yet): its
    time for people, why it was refused, its time as nbgrader writes it.
    """
    with contextlib.suppress(OSError):
        if any(place.folder("inbound").glob(f"*+{week}+*")):
            return "on-its-way", "", "", ""
    newest: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for path in place.folder("receipts").glob("*.json"):
            if path.name.startswith(ANSWER):
                continue
            receipt = json.loads(path.read_text(encoding="utf-8"))
            if receipt["assignment"] == week and receipt["at"] > newest.get("at", ""):
                newest = receipt
    if not newest:
        return "open", "", "", ""
    return newest["status"], _local(newest["at"]), newest["reason"], newest["at"]


def _local(at: str) -> str:
    moment = datetime.strptime(at, "%Y-%m-%d %H:%M:%S.%f %Z").replace(tzinfo=UTC)
    return moment.astimezone(_PHNOM_PENH).strftime("%d.%m.%Y %H:%M")


def _feedback(folder: Path) -> Iterator[Feedback]:
    """The pages of the last submission that has feedback."""
    with contextlib.suppress(OSError):
        for sent in sorted(folder.iterdir(), reverse=True)[:1]:
            for page in sorted(sent.glob("*.html")):
                yield Feedback(page.stem, sent.name, _points(page))


def _points(page: Path) -> str | None:
    with contextlib.suppress(OSError):
        found = SHOWN_SCORE.search(page.read_text(encoding="utf-8", errors="replace"))
        if found and float(found[2]) > 0:  # a lesson has no points to give
            return f"{float(found[1]):g} / {float(found[2]):g}"
    return None
