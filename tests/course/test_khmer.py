"""Is a Khmer release Khmer, and is its code the same?"""

from __future__ import annotations

import pytest

from programme.written import KHMER
from tests.course.conftest import Workdir
from tests.course.release import released
from tests.course.runner import Runner, code_cells
from tests.course.weeks import NOTEBOOKS, checks, read, weeks, written

WEEKS = pytest.mark.parametrize("week", weeks())


@pytest.mark.parametrize(("week", "notebook"), written())
def test_a_khmer_release_differs_in_its_texts_only(week: str, notebook: str) -> None:
    english, khmer = released(week, notebook), released(week, notebook, "km")
    assert [cell["id"] for cell in khmer.cells] == [cell["id"] for cell in english.cells]
    for ours, theirs in zip(khmer.cells, english.cells, strict=True):
        if ours.cell_type == "code":
            assert ours.source == theirs.source
        else:
            assert ours.source != theirs.source, ours["id"]
    assert len(read(week, notebook).cells) == len(khmer.cells)


@WEEKS
def test_a_khmer_cohort_gets_its_messages_in_khmer(
    week: str, runner: Runner, workdir: Workdir
) -> None:
    for notebook in NOTEBOOKS[1:]:
        cells = code_cells(released(week, notebook, "km"))
        outcomes = runner.run(cells, workdir(week, answered=False), language="km")
        said = {one.cell: one.text for one in outcomes if one.cell in checks(week, notebook)}
        assert said.keys() == checks(week, notebook).keys()
        assert all(KHMER.search(text) for text in said.values()), said
