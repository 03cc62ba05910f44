"""The same honest submissions by stock nbgrader and by ours: every row and every cell."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Base
from sqlalchemy import create_engine, select

from autograder import batch
from tests.engine import honest
from tests.engine.courses import NAME, Course

pytestmark = pytest.mark.slow
_ADDRESS = re.compile(r"0x[0-9a-f]+|ipython-input-\d+-[0-9a-f]+|\b\d{5,}\.py")
# nbclient's timings, which differ each time; and what the checker adds to a failed test's cell:
# the line that failed, for the feedback (docs/decisions/0012).
_SAME_MOMENT = {"execution", "autograder"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
LATE = "2026-01-10 12:00:00 UTC"


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> dict[str, Course]:
    """One course three times: graded by nbgrader, by nbgrader with our class, by the batch."""
    root = tmp_path_factory.mktemp("same") / "stock"
    root.mkdir()
    shutil.copy(empty_gradebook, root / "gradebook.db")
    stock = Course(root)
    stock.add_assignment("week01", honest.NOTEBOOKS, honest.FILES)
    with stock.gradebook() as gradebook:
        gradebook.update_or_create_assignment("week01", duedate="2026-01-10 10:00:00 UTC")
    for student, answers in honest.SUBMISSIONS.items():
        folder = stock.answer(student, **answers)
        (folder / "timestamp.txt").write_text(
            LATE if student == "half" else "2026-01-09 09:00:00 UTC"
        )
    (root / "submitted" / "right" / "week01" / "objects.ipynb").unlink()
    made = {"stock": stock}
    for name in ("ours", "batch"):
        shutil.copytree(root, root.parent / name)
        made[name] = Course(root.parent / name)
    late = {"LateSubmissionPlugin": {"penalty_method": "zero"}}
    result = stock.api(stock=True, **late).autograde("week01", "*")
    assert result["success"], result["log"]
    result = made["ours"].api(**late).autograde("week01", "*")
    assert result["success"], result["log"]
    graded = batch.grade(made["batch"].config(**late), "week01", workers=2)
    assert {r.status for r in graded} == {"graded"}, graded
    return made


@pytest.mark.parametrize("name", ["ours", "batch"])
def test_every_row_is_the_same(courses: dict[str, Course], name: str) -> None:
    expected, found = rows(courses["stock"]), rows(courses[name])
    assert set(found) == set(expected)
    for table, lines in expected.items():
        assert found[table] == lines, table
    assert sum(map(len, expected.values())) > 150


@pytest.mark.parametrize("name", ["ours", "batch"])
@pytest.mark.parametrize("student", sorted(honest.SUBMISSIONS))
def test_every_cell_is_the_same(courses: dict[str, Course], name: str, student: str) -> None:
    for notebook in honest.NOTEBOOKS:
        if student == "right" and notebook == "objects":
            continue
        expected = courses["stock"].autograded(student, notebook)
        found = courses[name].autograded(student, notebook)
        assert _plain(found.metadata) == _plain(expected.metadata)
        for ours, theirs in zip(found.cells, expected.cells, strict=True):
            assert _plain(ours) == _plain(theirs), theirs.source


@pytest.mark.parametrize("name", ["ours", "batch"])
def test_the_same_files_with_the_same_rights(courses: dict[str, Course], name: str) -> None:
    assert files(courses[name]) == files(courses["stock"])


def test_the_document_says_how_much_is_compared(courses: dict[str, Course]) -> None:
    """The sentence in docs/benchmarks.md, with the counts of this test."""
    stock = courses["stock"]
    notebooks = list((stock.root / "autograded").rglob("*.ipynb"))
    cells = sum(len(nbformat.read(path, as_version=4).cells) for path in notebooks)
    said = (
        f"{len(honest.SUBMISSIONS)} submissions of {len(honest.NOTEBOOKS)} notebooks: "
        f"{sum(map(len, rows(stock).values()))} rows of the gradebook, {cells} cells and "
        f"{len(files(stock))} files and folders"
    )
    assert said in DOCUMENT.read_text(encoding="utf-8"), said


def files(course: Course) -> dict[str, int]:
    folder = course.root / "autograded"
    return {str(path.relative_to(folder)): path.stat().st_mode for path in folder.rglob("*")}


def rows(course: Course) -> dict[str, list[tuple[Any, ...]]]:
    """All tables, with the random ids replaced by what they stand for."""
    engine = create_engine(course.db_url)
    names: dict[str, str] = {}
    tables: dict[str, list[tuple[Any, ...]]] = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found = []
            for row in connection.execute(select(table)):
                values = row._asdict()
                key = values.pop("id", None)
                line = tuple(names.get(v, v) if isinstance(v, str) else v for v in values.values())
                if key is not None:
                    names.setdefault(key, f"{table.name}{line}" if key != NAME else key)
                found.append(line)
            tables[table.name] = sorted(found, key=repr)
    engine.dispose()
    return tables


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _SAME_MOMENT}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _ADDRESS.sub("…", value) if isinstance(value, str) else value
