"""Each hostile program gets what its honest part earns, and touches nothing outside."""

from __future__ import annotations

import html
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import batch
from tests.engine.courses import NAME, Course
from tests.engine.feedback_pages import student_page
from tests.engine.hostile import programs
from tests.engine.hostile.target import CANARIES, FILES, FULL, PRACTICE, RIGHT

pytestmark = pytest.mark.slow
PROGRAMS = programs.load()
LIMITS = {
    "timeout": 2,
    "notebook_timeout": 21,  # nobody else uses this number
    "memory_mb": 300,
    "disk_mb": 64,
    "processes": 64,
}


@dataclass(frozen=True)
class Graded:
    course: Course
    results: dict[str, batch.Result]
    before: dict[str, bytes]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Graded:
    """All hostile programs and an honest neighbour after each, graded in one batch."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    root.mkdir()
    shutil.copy(empty_gradebook, root / "gradebook.db")
    course = Course(root)
    course.add_assignment("week01", {"practice": PRACTICE}, FILES)
    for program in PROGRAMS:
        program.submit(course)
        course.answer(f"{program.student}-next", **RIGHT)
    before = contents(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOC_SECRET", "CANARY-ENVIRONMENT")
        results = batch.grade(course.config(ExecuteInSandbox=LIMITS), "week01", workers=2)
    return Graded(course, {result.student: result for result in results}, before)


def contents(root: Path) -> dict[str, bytes]:
    """All files that no student may change."""
    return {
        str(path): path.read_bytes()
        for folder in ("source", "release", "submitted")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


# What no page can show is her own choice; nbconvert says so.
@pytest.mark.filterwarnings("ignore:Your element with mimetype")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.student)
def test_it_earns_its_honest_part_and_sees_nothing(
    graded: Graded, program: programs.Program
) -> None:
    result = graded.results[program.student]
    assert (result.status, result.reason) == ("graded", "")
    assert result.score == program.score
    nb = graded.course.autograded(program.student, "practice")
    shown = "".join(
        str(cell.get("outputs", ""))
        for cell in nb.cells
        if not cell.metadata.get("nbgrader", {}).get("grade")
    )
    page = student_page(graded.course, program.student, "practice")
    own_words = program.spec["code"]
    for canary in CANARIES:
        assert canary not in shown
        if canary not in own_words:
            assert canary not in html.unescape(page)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.student)
def test_the_next_student_is_not_touched(graded: Graded, program: programs.Program) -> None:
    result = graded.results[f"{program.student}-next"]
    assert (result.status, result.score) == ("graded", FULL)


def test_nothing_outside_was_changed(graded: Graded) -> None:
    assert contents(graded.course.root) == graded.before
    assert not (graded.course.root / "pwned").exists()
    assert sorted(path.name for path in graded.course.root.iterdir()) == [
        "autograded",
        "gradebook.db",
        "release",
        "source",
        "submitted",
    ]


def test_no_process_outlives_its_grading(graded: Graded) -> None:
    """Nothing runs that was started in a sandbox with this batch's limits."""
    left = []
    for entry in Path("/proc").iterdir():
        try:
            where = (entry / "cwd").readlink()
            cpu = (entry / "limits").read_text().split("Max cpu time")[1].split()[0]
        except OSError:
            continue
        if str(where).startswith("/tmp/soc/") and cpu == str(LIMITS["notebook_timeout"]):  # noqa: S108
            left.append(entry.name)
    assert left == []


def test_the_gradebook_holds_only_the_marks_that_were_given(graded: Graded) -> None:
    with graded.course.gradebook() as gradebook:
        assert gradebook.course_id == NAME
        scores = {s.student_id: s.score for s in gradebook.find_assignment("week01").submissions}
    assert scores == {student: result.score for student, result in graded.results.items()}
