"""Do the made projects of the guide run, and do the checks say what the guide says?"""

from __future__ import annotations

import pytest

from soc.authoring.rules.projects import samples
from tests.course.conftest import Workdir
from tests.course.runner import Runner, code_cells
from tests.course.weeks import checks, read, week, weeks


@pytest.mark.parametrize("name", weeks())
def test_the_made_projects_pass_as_many_checks_as_the_guide_says(
    name: str, runner: Runner, workdir: Workdir
) -> None:
    cells = code_cells(read(name, "project"))
    made = next(i for i, source in cells if source.startswith("%%keep"))
    magic = dict(cells)[made].partition("\n")[0]
    points = {n: c.metadata["nbgrader"]["points"] for n, c in checks(name, "project").items()}
    for sample in samples(week(name)):
        sources = [(i, f"{magic}\n{sample.code}" if i == made else source) for i, source in cells]
        outcomes = {one.cell: one for one in runner.run(sources, workdir(name))}
        assert outcomes[made].passed, (sample.name, outcomes[made].text)
        passed = sum(points[test] for test in points if outcomes[test].passed)
        assert passed == sample.checks, sample.name
