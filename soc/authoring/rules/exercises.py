"""Is every exercise tested well enough that a mark means something?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week, assertions

PROGRAMMED = "BFW"  # kinds in which she writes a program
ASSERTED, HIDDEN = 5, 1
WRONG, RIGHT = 3, 2


@rule(
    why="A lesson is for trying things out; marks belong to the practice and the project.",
    do="Take the points out of the lesson, and give every other graded cell some.",
)
def points(week: Week) -> Iterator[Spot]:
    """Graded cells of a lesson, graded cells without points, notebooks without marks."""
    for notebook in NOTEBOOKS:
        graded = [
            cell
            for cell in week.notebooks[notebook].cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
        for cell in graded:
            if notebook == "lesson":
                yield at(week, notebook, cell["id"], "a cell of the lesson is graded")
            elif not cell.metadata["nbgrader"]["points"] > 0:
                yield at(week, notebook, cell["id"], "a graded cell has no points")
        if not graded and notebook != "lesson":
            yield Spot(week.source / f"{notebook}.ipynb", "nothing in it is graded")


@rule(
    why="With fewer, a program that is right by chance passes, and a slip gets no word of its own.",
    do="First the slip that says most, last the exact comparison, some between the marks "
    "### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS.",
)
def assertions_enough(week: Week) -> Iterator[Spot]:
    """Exercises of kinds B, F and W with fewer than five assertions, or none hidden."""
    cells = week.checks("practice")
    for exercise in week.exercises:
        if exercise.kind not in PROGRAMMED or not exercise.tests:
            continue
        counts = [assertions(cells[name].source) for name in exercise.tests]
        every, hidden = (sum(column) for column in zip(*counts, strict=True))
        if every < ASSERTED or hidden < HIDDEN:
            what = f"{exercise.name} has {every} assertions, {hidden} of them hidden"
            yield at(week, "practice", exercise.tests[0], what)


@rule(
    why="Wrong programs of beginners show whether a message comes up when it is needed; different "
    "right ones, whether a test punishes style.",
    do="Write them in course/mistakes: collect them in class, they are worth more than ideas.",
)
def attempts(week: Week) -> Iterator[Spot]:
    """Exercises with fewer than three mistakes or two other right answers; tests without any."""
    file = week.mistakes_folder / "practice.toml"
    wrongs = Counter(attempt.exercise for attempt in week.mistakes)
    others = Counter(attempt.exercise for attempt in week.rights)
    for exercise in week.exercises:
        if exercise.kind in PROGRAMMED:
            name = exercise.name
            if wrongs[name] < WRONG:
                yield Spot(file, f"{wrongs[name]} mistakes are stored, not 3", name)
            if others[name] < RIGHT:
                yield Spot(file, f"{others[name]} other right answers are stored, not 2", name)
    stopped = {attempt.test for attempt in week.mistakes}
    for notebook in NOTEBOOKS[1:]:
        for test in week.checks(notebook):
            if test not in stopped:
                yield at(week, notebook, test, "no stored mistake makes this test fail")


@rule(
    why="A nudge, an example, nearly the answer: she takes one step at a time, and then a sister.",
    do="Write three hints in en and km, 80 words at most; the last says “ask a sister”. Offer them "
    'below the exercise: Hints("its name").',
)
def hints(week: Week) -> Iterator[Spot]:
    """Exercises without their three hints, and hints that are not offered."""
    file = week.source / "hints.toml"
    offered = "\n".join(cell.source for cell in week.notebooks["practice"].cells)
    wanted = {e.name for e in week.exercises if e.kind != "P"}
    for name in sorted(wanted ^ set(week.hints)):
        has = "there is no exercise of this name" if name not in wanted else "it has no hints"
        yield Spot(file, has, name)
    for name, languages in week.hints.items():
        if f'Hints("{name}")' not in offered:
            yield Spot(file, "the practice does not offer these hints", name)
        for language, sister in (("en", "ask a sister"), ("km", "បងប្អូនស្រី")):
            rungs = languages.get(language, [])
            if len(rungs) != 3:
                yield Spot(file, f"{len(rungs)} hints in {language}, not 3", name)
            elif sister not in rungs[2].lower():
                yield Spot(file, f"the last hint in {language} does not say “{sister}”", name)
            for rung in rungs:
                if len(rung.split()) > 80:
                    yield Spot(file, f"a hint in {language} has more than 80 words", name)


RULES = (points, assertions_enough, attempts, hints)
