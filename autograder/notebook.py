"""A notebook through the engine: outputs, counts and metadata as nbgrader's Execute leaves them.

Two results are changed on purpose (docs/decisions/0011): a test that passes is not failed for a
warning on stderr, and a result that is not a number gives nothing.
"""

from __future__ import annotations

import math
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import from_dict

from autograder.assignment import TeacherNotebook
from autograder.cells import METADATA_KEY, part_of, to_run
from autograder.engine import Engine
from autograder.folder import Files
from autograder.job import Outcome

# What an ipykernel says of itself.
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": f"ipython{sys.version_info.major}",
    "version": platform.python_version(),
}


def mentions(nb: Any, modules: Sequence[str]) -> bool:
    """Whether any cell's text imports one of the modules."""
    roots = "|".join(re.escape(module.partition(".")[0]) for module in modules)
    if not roots:
        return False
    pattern = re.compile(
        rf"^\s*(import|from)\s[^\n]*\b({roots})\b|%matplotlib|%pylab", re.MULTILINE
    )
    return any(cell.cell_type == "code" and pattern.search(cell.source) for cell in nb.cells)


def execute(
    nb: Any,
    engine: Engine,
    teacher: TeacherNotebook,
    files: Files,
    *,
    env: Mapping[str, str],
    stderr_fails: bool = False,
) -> tuple[tuple[str, bytes], ...]:
    """Run `nb` and write each cell's outputs into it; the files that its program wrote.

    Raises what `Engine.run` raises.
    """
    cells = to_run(nb, teacher.metadata)
    ran = engine.run(cells, files, teacher.names, env)
    nb.metadata["language_info"] = from_dict(LANGUAGE_INFO)
    for cell, outcome in zip(nb.cells, ran.outcomes, strict=True):
        if outcome.count is None:
            continue
        cell.outputs = [from_dict(output) for output in outcome.outputs]
        cell.execution_count = outcome.count
        cell.metadata.pop(METADATA_KEY, None)
        if part_of(cell) == "test":
            if outcome.failure:
                cell.metadata[METADATA_KEY] = from_dict(dict(outcome.failure))
            _settle(cell, outcome, stderr_fails=stderr_fails)
    return ran.written


def _settle(cell: Any, outcome: Outcome, *, stderr_fails: bool) -> None:
    """Make a test cell's outputs say what the mark is to be."""
    if outcome.status == "ok" and not stderr_fails:
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                output.name = "stdout"
    for output in cell.outputs:
        if output.output_type == "execute_result" and _not_a_number(output):
            output.output_type = "display_data"
            del output["execution_count"]
            cell.outputs.append(
                from_dict(
                    {
                        "output_type": "error",
                        "ename": "NotANumber",
                        "evalue": "the test's result is not a number",
                        "traceback": ["NotANumber: the test's result is not a number"],
                    }
                )
            )
            break


def _not_a_number(output: Any) -> bool:
    try:
        return math.isnan(float(output.data.get("text/plain", "0")))
    except (TypeError, ValueError):
        return False
