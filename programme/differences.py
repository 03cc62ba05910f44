"""What a new decision changes, requirement by requirement, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from programme.graduation import Decision, Outcome
from programme.reason import Reason


class Made(Protocol):
    """A decision as it was recorded, as far as it is compared."""

    @property
    def outcome(self) -> Outcome:
        """What was decided."""

    @property
    def honours(self) -> bool:
        """Whether with honours."""

    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]:
        """The reasons as they are kept."""


@dataclass(frozen=True)
class Difference:
    """What changed between two decisions: a requirement, what it said before, what it says now."""

    what: str
    before: str
    after: str


def differences(before: Made | None, after: Decision) -> list[Difference]:
    """What a new decision changes in words, requirement by requirement; [] for a first one."""
    if before is None:
        return []
    found = []
    if before.outcome != after.outcome:
        found.append(Difference("outcome", before.outcome, after.outcome))
    if before.honours != after.honours:
        found.append(Difference("honours", str(before.honours), str(after.honours)))
    old = {_key(why): str(why["en"]) for why in before.reasons}
    new = {_key(why): str(why["en"]) for why in as_json(after.reasons)}
    for key in [*old, *(key for key in new if key not in old)]:
        if old.get(key) != new.get(key):
            found.append(Difference(key, old.get(key, ""), new.get(key, "")))
    return found


def as_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as they are kept: id, state, evidence and the words in both languages."""
    return [
        {
            "id": why.id,
            "state": why.state,
            "evidence": dict(why.evidence),
            "en": why.text.en,
            "km": why.text.km,
        }
        for why in reasons
    ]


def _key(why: Mapping[str, Any]) -> str:
    """What a reason is about: must_pass.met and must_pass.open of one component are the same."""
    subject = str(why["id"]).split(".")[0] if why["id"].count(".") else str(why["id"])
    if subject == "work":
        return str(why["id"])
    component = why["evidence"].get("component")
    return f"{subject} {component}" if component else subject
