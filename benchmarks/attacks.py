"""The attacks of the tests, against stock nbgrader and against this autograder: docs/attacks.md.

    python -m benchmarks.attacks [--class forging] [--only always-equal] > table.md

Stock nbgrader really runs them, so each has a course folder, walls and limits of its own: what it
destroys is a copy. Beside the attacker an honest student hands in. Ours grades all in one batch,
as tests/engine does, where each outcome is held.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder import batch
from hub import sandbox
from programme.site import CHECKOUT
from tests.engine.courses import NAME, Course
from tests.engine.hostile import programs
from tests.engine.hostile.target import CANARIES, FILES, FULL, PRACTICE, RIGHT
from tests.engine.test_hostile_programs import LIMITS, contents

TIME_LIMIT_S = 90
CELL_LIMIT_S = 5  # stock nbgrader's own default is 30; the outcome is the same, sooner
WALLS_UID = 65_531
NEXT = "honest"


@dataclass(frozen=True)
class Outcome:
    """What an attack achieved, in words; empty: nothing."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.words) if self.words else "the honest mark"


def template(root: Path) -> Course:
    """A course with the attacked assignment and an empty gradebook."""
    root.mkdir()
    os.environ["PATH"] = f"{sys.prefix}/bin:{os.environ['PATH']}"  # nbgrader calls alembic
    Gradebook(f"sqlite:///{root}/gradebook.db", NAME).close()
    course = Course(root)
    course.add_assignment("week01", {"practice": PRACTICE}, FILES)
    return course


def stock_outcome(made: Course, root: Path, program: programs.Program) -> Outcome:
    """Grade attacker and neighbour by `nbgrader autograde`, behind walls, and look at it all."""
    shutil.copytree(made.root, root)
    course = Course(root)
    program.submit(course)
    course.answer(NEXT, **RIGHT)
    before = contents(root)
    for path in (root, *root.rglob("*")):
        os.chown(path, WALLS_UID, WALLS_UID, follow_symlinks=False)
    try:
        done = subprocess.run(
            walled(course), capture_output=True, timeout=TIME_LIMIT_S, check=False,
            env={
                "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
                "HOME": "/tmp",  # noqa: S108  # behind the walls
                "SOC_SECRET": "CANARY-ENVIRONMENT",
            },
        )  # fmt: skip
        ended = () if done.returncode == 0 else ("the run ends with an error",)
    except subprocess.TimeoutExpired:
        ended = (f"the run does not end within {TIME_LIMIT_S} s",)
    return Outcome((*ended, *achieved(course, program, before)))


def walled(course: Course) -> list[str]:
    """The command that grades the course by stock nbgrader, with nothing to destroy but a copy."""
    walls = sandbox.Walls(
        home=str(course.root),
        uid=WALLS_UID,
        read=[(CHECKOUT, str(CHECKOUT))],
        write=[(course.root, str(course.root))],
        our_packages=True,
        die_with_parent=True,
    )
    limits = ["prlimit", "--nproc=150", "--as=4294967296", "--fsize=104857600"]
    grade = [sys.executable, "-m", "benchmarks.attacks", "--grade", str(course.root)]
    return sandbox.command(walls, [*limits, "env", f"PYTHONPATH={CHECKOUT}", *grade])


def achieved(course: Course, program: programs.Program, before: dict[str, bytes]) -> Iterator[str]:
    """What can be seen afterwards: marks, leaks, the neighbour, files."""
    score = mark(course, program.student)
    if score is None:
        yield "she is not graded"
    elif score > program.score:
        yield f"**forged: {score:g} of {FULL:g}, {program.score:g} are earned**"
    elif score < program.score:
        yield f"{score:g} of {program.score:g} that are earned"
    if seen := leaks(course, program):
        yield f"**leaked: {', '.join(seen)}**"
    honest = mark(course, NEXT)
    if honest is None:
        yield "**the next student is not graded**"
    elif honest != FULL:
        yield f"**the next student gets {honest:g} of {FULL:g}**"
    if {name: data for name, data in contents(course.root).items() if name in before} != before:
        yield "**files are changed**"
    if (course.root / "pwned").exists():
        yield "**a file is planted**"


def mark(course: Course, student: str) -> float | None:
    """Her score, or None when there is none or the gradebook can't be read."""
    try:
        with course.gradebook() as gradebook:
            submission = gradebook.find_submission("week01", student)
            cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
            tests = [grade for grade in cells if grade.name.startswith("test-")]
            graded = bool(tests) and all(grade.auto_score is not None for grade in tests)
            return float(submission.score) if graded else None
    except MissingEntry:
        return None
    except Exception:  # whatever the attack has made of the database
        return None


def leaks(course: Course, program: programs.Program) -> list[str]:
    """Planted words in outputs of her own cells that her own code does not hold."""
    try:
        cells = course.autograded(program.student, "practice").cells
    except (OSError, ValueError):
        return []
    shown = "".join(
        str(cell.get("outputs", ""))
        for cell in cells
        if not cell.metadata.get("nbgrader", {}).get("grade")
    )
    return [word for word in CANARIES if word in shown and word not in str(program.spec)]


def our_outcomes(made: Course, root: Path, chosen: list[programs.Program]) -> dict[str, Outcome]:
    """All in one batch, the honest one among them."""
    shutil.copytree(made.root, root)
    course = Course(root)
    for program in chosen:
        program.submit(course)
    course.answer(NEXT, **RIGHT)
    before = contents(root)
    os.environ["SOC_SECRET"] = "CANARY-ENVIRONMENT"  # noqa: S105  # planted for them to find
    batch.grade(course.config(ExecuteInSandbox=LIMITS), "week01", workers=2)
    return {one.student: Outcome(tuple(achieved(course, one, before))) for one in chosen}


def report(
    chosen: list[programs.Program], stock: list[Outcome], ours: dict[str, Outcome]
) -> Iterator[str]:
    """The table as Markdown, and its sums."""
    yield "| class | attack | stock nbgrader | this autograder |"
    yield "| --- | --- | --- | --- |"
    for program, outcome in zip(chosen, stock, strict=True):
        name = program.name.replace("-", " ")
        yield f"| {program.kind} | {name} | {outcome} | {ours[program.student]} |"
    yield ""
    for title, found in (("stock nbgrader", stock), ("this autograder", list(ours.values()))):
        unsafe = sum("**" in str(outcome) for outcome in found)
        failed = sum(bool(outcome.words) and "**" not in str(outcome) for outcome in found)
        yield f"- {title}: {unsafe} of {len(found)} harm (in bold), {failed} more cost a mark or"
        yield f"  the run, {len(found) - unsafe - failed} end with the honest mark."


def main() -> None:
    """Print the table; with --grade, be the walled stock run of one course."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--class", dest="kind", choices=programs.CLASSES)
    parser.add_argument("--only")
    parser.add_argument("--grade", type=Path)
    options = parser.parse_args()
    if options.grade:
        stock = {"ExecutePreprocessor": {"timeout": CELL_LIMIT_S}}
        done = Course(options.grade).api(stock=True, **stock).autograde("week01", "*")
        sys.exit(0 if done["success"] else 1)
    chosen = [
        program
        for program in programs.load()
        if options.kind in (None, program.kind) and options.only in (None, program.name)
    ]
    with tempfile.TemporaryDirectory(prefix="attacks") as folder:
        root = Path(folder)
        root.chmod(0o711)
        made = template(root / "template")
        ours = our_outcomes(made, root / "ours", chosen)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            stock_found = pool.map(
                lambda one: stock_outcome(made, root / f"stock-{one.student}", one), chosen
            )
            print("\n".join(report(chosen, list(stock_found), ours)))


if __name__ == "__main__":
    main()
