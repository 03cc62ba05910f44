"""What only a run can tell: a week's programs in the autograder's sandbox, without a gradebook.

The source's solutions must pass every test, what a student receives none, each stored mistake fails
its own test with its own message, each other right answer and each made project does what it says.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from autograder import assignment, folder, notebook
from autograder.cells import to_run
from autograder.engine import Engine
from autograder.preprocessor import ExecuteInSandbox
from soc.authoring.findings import Finding, Spot, at
from soc.authoring.released import released, settings
from soc.authoring.rules.projects import samples
from soc.authoring.week import NOTEBOOKS, Attempt, Week

GRADED = NOTEBOOKS[1:]
Tried = Callable[[int, int, str], None]  # done, of how many, what


@dataclass(frozen=True)
class Trial:
    """One week and a warm engine."""

    week: Week
    engine: Engine

    def run(
        self, name: str, own: Mapping[str, str], answers: Mapping[str, Any] | None
    ) -> dict[str, str]:
        """What each cell of a notebook said when it stopped; "" when it did not.

        `own` are sources by cell id in the place of the solutions, `answers` what the widgets keep.
        """
        cells = copy.deepcopy(self.week.notebooks[name])
        for cell in cells.cells:
            cell.source = own.get(cell["id"], cell.source)
        teacher = assignment.from_notebook(self.week.notebooks[name])
        files = folder.read(self.week.source, self.week.source, called=self.week.name)
        if answers is not None:
            kept = (("answers.json", json.dumps(answers).encode()),)
            files = replace(files, student=(*files.student, *kept))
        ran = self.engine.run(
            to_run(cells, teacher.metadata), files, teacher.names, {"SOC_LANGUAGE": "en"}
        )
        return {
            cell["id"]: "" if one.status in ("ok", "skipped") else _said(one.outputs)
            for cell, one in zip(cells.cells, ran.outcomes, strict=True)
            if cell.cell_type == "code"
        }

    def failed(
        self, name: str, own: Mapping[str, str], answers: Mapping[str, Any] | None
    ) -> dict[str, str]:
        """The tests of a notebook that did not pass, with what they said."""
        tests = self.week.checks(name)
        said = self.run(name, own, answers)
        return {test: text for test, text in said.items() if text and test in tests}

    def answers(self, attempts: Sequence[Attempt] = ()) -> dict[str, Any]:
        """Right answers of all widgets, but for those of the attempts."""
        file = self.week.mistakes_folder / "answers.json"
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        for attempt in attempts:
            if attempt.answer is not None:
                kept["answers"][attempt.exercise]["value"] = attempt.answer or None
        return kept


def try_out(
    week: Week, *, attempts: bool = False, on_progress: Tried | None = None
) -> list[Finding]:
    """Run a week's programs, and say what is not as it should be.

    Takes seconds; with `attempts`, the stored mistakes and right answers too, some more. Raises
    PlatformFault or SandboxTooWeak when this machine can't run the sandbox.
    """
    steps = (*ALWAYS, *ATTEMPTS) if attempts else ALWAYS
    found = []
    with _trial(week) as trial:
        for done, (name, why, do, step) in enumerate(steps, start=1):
            for spot in step(trial):
                file = spot.file.relative_to(week.course).as_posix()
                found.append(Finding(name, file, spot.cell, spot.id, spot.what, why, do))
            if on_progress:
                on_progress(done, len(steps), name)
    return found


@contextmanager
def _trial(week: Week) -> Iterator[Trial]:
    """A trial in the sandbox that grading uses, with the same limits."""
    step = ExecuteInSandbox(config=settings())
    heavy = any(notebook.mentions(week.notebooks[name], step.warm) for name in GRADED)
    engine = Engine(step.plan(heavy=heavy))
    try:
        yield Trial(week, engine)
    finally:
        engine.close()


def _solutions(trial: Trial) -> Iterator[Spot]:
    for name in GRADED:
        for cell, said in trial.run(name, {}, trial.answers()).items():
            if said:
                yield at(trial.week, name, cell, f"with the solution, it stops: {said}")


def _untouched(trial: Trial) -> Iterator[Spot]:
    for name in GRADED:
        given = {
            cell["id"]: cell.source
            for cell in released(trial.week, name).cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        failed = trial.failed(name, given, None)
        for test in trial.week.checks(name):
            if test not in failed:
                yield at(trial.week, name, test, "it gives points for what nobody has changed")
            elif f"[{trial.week.name}/" not in failed[test]:
                what = f"untouched, it says no message of ours but: {failed[test]}"
                yield at(trial.week, name, test, what)


def _mistakes(trial: Trial) -> Iterator[Spot]:
    name_of_week = trial.week.name
    for notebook_name, attempts in _rounds(trial.week.mistakes):
        failed = trial.failed(notebook_name, _own(attempts), trial.answers(attempts))
        file = trial.week.mistakes_folder / f"{notebook_name}.toml"
        for attempt in attempts:
            said = failed.get(attempt.test)
            if said is None:
                yield Spot(file, f"{attempt.test} lets it pass", str(attempt))
            elif f"[{name_of_week}/{attempt.message}]" not in said:
                yield Spot(file, f"another message comes up: {said}", str(attempt))
        stems = tuple(_stem(trial.week, attempt) for attempt in attempts)
        for other in failed:
            if not other.startswith(stems):
                what = f"{other} fails too, and is no test of theirs: {failed[other]}"
                yield Spot(file, what, ", ".join(map(str, attempts)))


def _rights(trial: Trial) -> Iterator[Spot]:
    for notebook_name, attempts in _rounds(trial.week.rights):
        failed = trial.failed(notebook_name, _own(attempts), trial.answers(attempts))
        file = trial.week.mistakes_folder / f"{notebook_name}.toml"
        for test, said in failed.items():
            whose = [a for a in attempts if test.startswith(_stem(trial.week, a))] or attempts
            what = f"{test} refuses this right answer: {said}"
            yield Spot(file, what, ", ".join(map(str, whose)))


def _rounds(attempts: list[Attempt]) -> Iterator[tuple[str, list[Attempt]]]:
    """Attempts that one student can hand in together: the n-th of each exercise of a notebook.

    A run costs the same with one attempt as with one an exercise, and a week has a hundred.
    """
    for name in NOTEBOOKS:
        waiting: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            if attempt.notebook == name:
                waiting.setdefault(attempt.exercise, []).append(attempt)
        for together in itertools.zip_longest(*waiting.values()):
            yield name, [attempt for attempt in together if attempt is not None]


def _stem(week: Week, attempt: Attempt) -> str:
    """What the names of an attempt's own tests begin with."""
    return attempt.exercise if attempt.notebook == "practice" else f"{week.prefix}project"


def _projects(trial: Trial) -> Iterator[Spot]:
    week = trial.week
    points = {n: c.metadata["nbgrader"]["points"] for n, c in week.checks("project").items()}
    made = next((c for c in week.notebooks["project"].cells if c.source.startswith("%%keep")), None)
    if made is None:
        return
    magic = made.source.partition("\n")[0]
    for sample in samples(week):
        own = {made["id"]: f"{magic}\n{sample.code}"}
        said = trial.run("project", own, trial.answers())
        file = week.guides / "guide.md"
        if said[made["id"]]:
            yield Spot(file, f"it stops: {said[made['id']]}", sample.name)
        passed = sum(points[test] for test in points if not said[test])
        if passed != sample.checks:
            yield Spot(file, f"the checks give {passed:g} of 8, not {sample.checks}", sample.name)


def _own(attempts: list[Attempt]) -> dict[str, str]:
    return {one.exercise: one.code for one in attempts if one.code is not None}


def _said(outputs: tuple[dict[str, Any], ...]) -> str:
    """The last line that an error said."""
    errors = [one for one in outputs if one.get("output_type") == "error"]
    if not errors:
        return "it did not end"
    text = str(errors[-1].get("evalue", "")).strip()
    return " ".join(text.split()) or str(errors[-1].get("ename"))


Step = tuple[str, str, str, Callable[[Trial], Iterator[Spot]]]  # rule, why, what to do, how
ALWAYS: tuple[Step, ...] = (
    (
        "solutions-pass",
        "A test that her teacher's own solution fails can be passed by nobody.",
        "Look at the test and the solution together; run the notebook from top to bottom.",
        _solutions,
    ),
    (
        "release-scores-zero",
        "Points for nothing hide who needs help; Python's own error in a check frightens.",
        "Give each name an empty value in the set-up cell, and begin the check with a message "
        "for what is still empty.",
        _untouched,
    ),
    (
        "made-projects-score",
        "Instructors compare their marks with these: they must be true.",
        "Correct the program or the number of points in the guide.",
        _projects,
    ),
)
ATTEMPTS: tuple[Step, ...] = (
    (
        "mistakes-get-their-message",
        "The message is what she learns from. The one that came up does not fit her slip.",
        "Put the assertion that says most first, or name the message that comes up.",
        _mistakes,
    ),
    (
        "right-answers-pass",
        "A test that punishes style teaches that only one way is right.",
        "Compare what was asked for, not how it was done.",
        _rights,
    ),
)
