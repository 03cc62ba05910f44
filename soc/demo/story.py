"""Who the demo's students are to be: how each of the thirty does in the first two weeks.

Fictional, and chosen so that everything that staff and instructors have to deal with is there once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quirk(StrEnum):
    """What is unusual about a student's second week."""

    NONE = "nothing"
    TWICE = "hands in twice, the second time better"
    LATE = "hands in two days late"
    NOT_COLLECTED = "handed in after the instructor's last collect"
    NOTHING = "hands in nothing"
    BROKEN_FILE = "her notebook arrived cut in half"
    RENAMED = "handed in `practice (1).ipynb`"
    EMPTY_FILE = "her project is a file of zero bytes"
    ENDLESS = "an exercise that never ends"
    HOSTILE = "code that looks for hidden tests and marks"


@dataclass(frozen=True)
class Story:
    """How one student does. Skill is the chance, 0 to 1, that an exercise is solved, a week each.

    `absences` are session numbers; `withdrawn` is the reason why she left after week 1.
    """

    skill: tuple[float, float]
    quirk: Quirk = Quirk.NONE
    absences: tuple[int, ...] = ()
    withdrawn: str = ""


STORIES: tuple[Story, ...] = (
    *(Story((0.97, 0.95)) for _ in range(8)),
    *(Story((0.90, 0.85), absences=(3,)) for _ in range(3)),
    *(Story((0.65, 0.80)) for _ in range(5)),
    Story((0.30, 0.15), absences=(2,)),
    Story((0.25, 0.20), absences=(1, 3)),
    Story((0.20, 0.30)),
    Story((0.50, 0.90), Quirk.TWICE),
    Story((0.80, 0.85), Quirk.LATE),
    Story((0.75, 0.80), Quirk.NOT_COLLECTED, absences=(4,)),
    Story((0.70, 0.00), Quirk.NOTHING, absences=(3, 4)),
    Story((0.60, 0.00), Quirk.NOTHING, (3, 4), "Her family moved to another province."),
    Story((0.85, 0.85), Quirk.BROKEN_FILE),
    Story((0.80, 0.90), Quirk.RENAMED),
    Story((0.70, 0.75), Quirk.EMPTY_FILE),
    Story((0.60, 0.60), Quirk.ENDLESS),
    Story((0.90, 0.70), Quirk.HOSTILE),
    Story((0.95, 0.90), absences=(1,)),
)
