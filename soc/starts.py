"""What a student begins with, where an empty cell would not do: a program to repair or to fill.

Inside a solution region an author may write, commented out, what stands in its place at release:

    ### BEGIN SOLUTION
    print("Hello")
    ### BEGIN START
    # print(“Hello”)
    ### END START
    ### END SOLUTION

The source still runs from top to bottom, even when the start is not Python. A region without a
start gets nbgrader's stub (`ClearSolutions.code_stub`). One start a cell.
"""

from __future__ import annotations

import re
from typing import Any

from nbgrader.preprocessors import ClearSolutions

_START = re.compile(r"^### BEGIN START\n(.*?)^### END START$", re.DOTALL | re.MULTILINE)


class ClearSolutionsToStart(ClearSolutions):
    """nbgrader's ClearSolutions, which leaves the author's start instead of the stub."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Replace in place. Raises RuntimeError as nbgrader's own for a region without an end."""
        start = _START.search(cell.source)
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if start:
            lines = [line.removeprefix("#").removeprefix(" ") for line in start[1].splitlines()]
            stub = self.code_stub[resources["language"]]
            cell.source = cell.source.replace(stub, "\n".join(lines), 1)
        return cell, resources
