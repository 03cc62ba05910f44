"""Who goes with whom as mentor and mentee: wishes in, pairs with their reasons out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from programme.course import Both
from programme.messages import message

Side = Literal["mentor", "mentee"]
SIDES: tuple[Side, ...] = get_args(Side)
LANGUAGES = ("km", "en", "either")
MEETS = ("online", "in_person", "either")


@dataclass(frozen=True)
class Wish:
    """Somebody who agreed, and what she wishes; `places` is how many a mentor takes."""

    username: str
    name: str
    side: Side
    province_code: str | None
    language: str
    meets: str
    places: int


@dataclass(frozen=True)
class Pair:
    """Two who go together, and why. `points` orders pairs of one mentee."""

    mentor: Wish
    mentee: Wish
    points: int
    reasons: tuple[Both, ...]


def fits(mentor: Wish, mentee: Wish) -> Pair | None:
    """Whether and how well two go together: language, a way to meet, the same province. Pure."""
    near = mentor.province_code is not None and mentor.province_code == mentee.province_code
    language = _common(mentor.language, mentee.language)
    meets = _common(mentor.meets, mentee.meets)
    if mentor.username == mentee.username or language is None or meets is None:
        return None
    if meets == "in_person" and not near:
        return None
    reasons = [message("mentor.why.province" if near else "mentor.why.far"),
               message(f"mentor.why.language.{language}"),
               message(f"mentor.why.meets.{meets}")]  # fmt: skip
    exact = (mentor.language == mentee.language) + (mentor.meets == mentee.meets)
    return Pair(mentor, mentee, 4 * near + exact, tuple(reasons))


def match(wishes: Sequence[Wish], taken: Mapping[str, int]) -> list[Pair]:
    """A pair for everybody who can have one, the same for the same wishes. Pure.

    Who has the fewest possible mentors chooses first, and takes the one that fits best; between
    equals the one with more places left. `taken` is how many each mentor has already.
    """
    left = {w.username: w.places - taken.get(w.username, 0) for w in wishes if w.side == "mentor"}
    mentors = [w for w in wishes if w.side == "mentor" and left[w.username] > 0]
    possible = {
        mentee.username: [pair for mentor in mentors if (pair := fits(mentor, mentee))]
        for mentee in wishes
        if mentee.side == "mentee"
    }
    pairs = []
    for _, choices in sorted(possible.items(), key=lambda item: (len(item[1]), item[0])):
        free = [pair for pair in choices if left[pair.mentor.username] > 0]
        if free:
            best = min(free, key=lambda p: (-p.points, -left[p.mentor.username], p.mentor.username))
            left[best.mentor.username] -= 1
            pairs.append(best)
    return sorted(pairs, key=lambda pair: pair.mentee.username)


def _common(one: str, other: str) -> str | None:
    """What two wishes have in common; `either` fits all."""
    if one == "either":
        return other
    return one if other in (one, "either") else None
