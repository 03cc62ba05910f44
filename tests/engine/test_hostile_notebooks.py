"""Each broken or tampered notebook gets the honest mark, or stays ungraded with its reason."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder import batch
from tests.engine.courses import Course
from tests.engine.feedback_pages import student_page
from tests.engine.hostile.notebooks import TAMPERINGS, Tampering
from tests.engine.hostile.target import FILES, FULL, PRACTICE, RIGHT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Graded:
    course: Course
    results: dict[str, batch.Result]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Iterator[Graded]:
    """All of them and one honest submission after each."""
    root = tmp_path_factory.mktemp("malformed") / "course"
    root.mkdir()
    shutil.copy(empty_gradebook, root / "gradebook.db")
    course = Course(root)
    course.add_assignment("week01", {"practice": PRACTICE}, FILES)
    for tampering in TAMPERINGS:
        tampering.submit(course)
        course.answer(f"{tampering.student}-next", **RIGHT)
    results = batch.grade(course.config(), "week01", workers=2)
    yield Graded(course, {result.student: result for result in results})
    shutil.rmtree(root)  # the big ones need not wait for pytest's own cleaning


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_the_honest_mark_or_a_reason(graded: Graded, tampering: Tampering) -> None:
    result = graded.results[tampering.student]
    if tampering.score is None:
        assert result.status == "ungraded"
        assert re.search(tampering.reason, result.reason), result.reason
    else:
        assert (result.status, result.reason, result.score) == ("graded", "", tampering.score)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_the_next_student_is_not_touched(graded: Graded, tampering: Tampering) -> None:
    result = graded.results[f"{tampering.student}-next"]
    assert (result.status, result.score) == ("graded", FULL)


def test_links_are_not_followed(graded: Graded) -> None:
    folder = graded.course.root / "autograded" / "malformed-links" / "week01"
    assert sorted(path.name for path in folder.iterdir()) == ["data.txt", "practice.ipynb"]


@pytest.mark.parametrize("tampering", ["xss", "attachments-with-scripts", "stored-outputs"])
def test_feedback_has_nothing_active_from_a_submission(graded: Graded, tampering: str) -> None:
    page = BeautifulSoup(
        student_page(graded.course, f"malformed-{tampering}", "practice"), "html.parser"
    )
    body = page.body
    assert body is not None
    for tag in body.find_all(True):
        assert tag.name not in ("script", "iframe", "svg", "object", "embed", "form", "base"), tag
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            assert not str(value).strip().lower().startswith(("javascript:", "data:text")), tag
    assert ("XSS-A" in body.text) == (tampering != "stored-outputs")  # it was there, as text
