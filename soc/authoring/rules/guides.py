"""Is what the instructor holds in her hand complete and still true?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from soc.authoring.findings import Spot, rule
from soc.authoring.week import GUIDES, Week

SESSION_MINUTES = 85
LEADERSHIP_MINUTES = 20
_KEY = re.compile(r"\*\*(w\d\d-[a-z0-9-]+)\*\*\n\n```python\n(.*?)```", re.DOTALL)
_MINUTES = re.compile(r"^\| (\d+) \|", re.MULTILINE)
_HEAD_MINUTES = re.compile(r"^## .*\((\d+) minutes\)", re.MULTILINE)
_BRACKET = re.compile(r"\[[^\]]+\]")


@rule(
    why="An instructor who takes over on the day needs the minutes, the words and the answers.",
    do="A guide has: At the end she can, two sessions, confusions, few computers, answer key, "
    "three made projects, sources.",
)
def guide_sections(week: Week) -> Iterator[Spot]:
    """Sheets and sections that are missing."""
    for name in GUIDES:
        if not (week.guides / name).is_file():
            yield Spot(week.guides / name, "this sheet is missing")
    if not (week.guides / "guide.md").is_file():
        return
    text = week.guide()
    for title in (
        "**At the end she can**",
        "## Common confusions",
        "## Few computers, or no electricity",
        "## Answer key",
        "## Three made projects, to mark alike",
        "## Sources",
    ):
        if title not in text:
            yield Spot(week.guides / "guide.md", f"there is no “{title.strip('#* ')}”")


@rule(
    why="A plan that does not fit the session takes time from the girls' own work.",
    do="Make the minutes of each session's table add up to 85, and those of leadership to 20.",
)
def minutes(week: Week) -> Iterator[Spot]:
    """Sessions of the guide that don't take 85 minutes, leadership that doesn't take 20."""
    if (week.guides / "guide.md").is_file():
        parts = week.guide().split("## Session ")[1:]
        sums = [sum(map(int, _MINUTES.findall(part))) for part in parts]
        if sums != [SESSION_MINUTES, SESSION_MINUTES]:
            said = " and ".join(map(str, sums)) or "no"
            yield Spot(week.guides / "guide.md", f"its sessions take {said} minutes, not 85 and 85")
    if (week.guides / "leadership.md").is_file():
        taken = sum(map(int, _HEAD_MINUTES.findall(week.guide("leadership.md"))))
        if taken != LEADERSHIP_MINUTES:
            yield Spot(week.guides / "leadership.md", f"its parts take {taken} minutes, not 20")


@rule(
    why="A key that has drifted from the source makes an instructor teach yesterday's answer.",
    do="Copy the solution from practice.ipynb, under **the exercise's name**, for each b, f and w.",
)
def answer_key(week: Week) -> Iterator[Spot]:
    """Exercises that the key lacks, and answers that aren't in the source."""
    file = week.guides / "guide.md"
    if not file.is_file():
        return
    key = dict(_KEY.findall(week.guide()))
    sources = {cell["id"]: cell.source for cell in week.notebooks["practice"].cells}
    wanted = {e.name for e in week.exercises if e.kind in "BFW"}
    for name in sorted(wanted - set(key)):
        yield Spot(file, "the answer key lacks it", name)
    for name in sorted(set(key) - wanted):
        yield Spot(file, "the answer key has it, and the practice has not", name)
    for name in sorted(wanted & set(key)):
        if key[name] not in sources[name]:
            yield Spot(file, "the answer is not the one in the source", name)


@rule(
    why="A made-up sister is a lie that girls find out; an empty sheet helps her who writes.",
    do="Keep it a template: brackets for what is true of her, [first name] at the end.",
)
def letter(week: Week) -> Iterator[Spot]:
    """Letters that are no template."""
    file = week.guides / "letter.md"
    if not file.is_file():
        return
    text = week.guide("letter.md")
    if "(template)" not in text or "[first name]" not in text or len(_BRACKET.findall(text)) < 5:
        yield Spot(file, "it is not a template with brackets to fill in")


RULES = (guide_sections, minutes, answer_key, letter)
