"""What grading costs: stock nbgrader, this autograder and the floor, in one run.

    python -m benchmarks.grading_one_run [--submissions 40] [--stock 3]

CPU is user and system time of this process and all of its children, the sandbox's included. The
floor forks a warm interpreter for each notebook and executes the same cells: no sandbox, no clean
room, no files, no database. The assignment has two notebooks of two exercises and four tests.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from tests.engine.courses import NAME, Course, check, free, notebook, solution

DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TOTAL = "### BEGIN SOLUTION\ntotal = sum(range(10))\nprint(total)\n### END SOLUTION"
CELLS = (
    free("import math"),
    solution("double", DOUBLE),
    check("test-double", "assert double(2) == 4\nassert double(-1) == -2", 2),
    check("test-double-more", "for k in range(20):\n    assert double(k) == 2 * k", 2),
    solution("total", TOTAL),
    check("test-total", "assert total == 45", 1),
    check("test-total-more", "assert isinstance(total, int) and total % 5 == 0", 1),
)
RIGHT = {"double": "def double(x):\n    return x + x", "total": "total = 45\nprint(total)"}


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds for a submission."""

    cpu_s: float
    wall_s: float


def measure(work: Callable[[], None], submissions: int) -> Cost:
    """Run `work` once; what it cost for each submission, its dead children included."""
    before, started = os.times(), time.monotonic()
    work()
    after = os.times()
    used = sum(after[:4]) - sum(before[:4])
    return Cost(used / submissions, (time.monotonic() - started) / submissions)


def make_course(root: Path, submissions: int) -> Course:
    """A course with one assignment and that many right submissions, copied from one template."""
    template = root.parent / "template"
    if not template.exists():
        template.mkdir()
        Gradebook(f"sqlite:///{template}/gradebook.db", NAME).close()
        made = {"first": notebook(*CELLS), "second": notebook(*CELLS)}
        Course(template).add_assignment("week01", made)
        Course(template).answer("s0000", **RIGHT)
    shutil.copytree(template, root)
    first = root / "submitted" / "s0000"
    for number in range(1, submissions):
        shutil.copytree(first, root / "submitted" / f"s{number:04}")
    return Course(root)


GRADE = """
import sys, logging
from pathlib import Path
from tests.engine.courses import Course
from autograder import batch
results = batch.grade(Course(Path(sys.argv[1])).config(), "week01", workers=int(sys.argv[2]))
bad = [r for r in results if r.score != 12]
sys.exit(f"wrong results: {bad[:3]}" if bad else 0)
"""
STOCK = """
import sys
from pathlib import Path
from tests.engine.courses import Course
sys.exit(0 if Course(Path(sys.argv[1])).api(stock=True).autograde("week01", "*")["success"] else 1)
"""
FLOOR = """
import gc, json, os, sys
from autograder.shell import CaptureShell
cells, count = json.loads(sys.argv[1]), int(sys.argv[2])
shell = CaptureShell.warm_up()
shell.connect_streams()
shell.execute("1 + 1", 1)
gc.freeze()
for _ in range(2 * count):
    child = os.fork()
    if child == 0:
        for number, source in enumerate(cells, 1):
            shell.execute(source, number)
        os._exit(0)
    os.waitpid(child, 0)
"""


def run(program: str, *arguments: str) -> None:
    """Run a program of ours in a fresh process, so that start-up is counted."""
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True)


def main() -> None:
    """Measure and print a table and, as the last line, JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--stock", type=int, default=4)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    folder = Path(tempfile.mkdtemp(prefix="grading-"))
    count, half = given.submissions, given.submissions // 4
    try:
        costs = measure_all(folder, count, half, given.stock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(costs)


def measure_all(folder: Path, count: int, half: int, stock: int) -> dict[str, Cost]:
    """Each way on its own course. Start-up is taken out by the difference of two sizes."""
    costs = {}
    one, more = make_course(folder / "stock1", 1), make_course(folder / "stock", stock)
    costs["stock"] = difference(
        lambda: run(STOCK, str(one.root)), lambda: run(STOCK, str(more.root)), 1, stock
    )
    for workers in (1, 2):
        small = make_course(folder / f"small{workers}", half)
        large = make_course(folder / f"large{workers}", count)
        costs[f"ours, {workers} worker(s)"] = difference(
            lambda s=small, w=workers: run(GRADE, str(s.root), str(w)),
            lambda s=large, w=workers: run(GRADE, str(s.root), str(w)),
            half,
            count,
        )
    nb = nbformat.read(large.root / "autograded" / "s0000" / "week01" / "first.ipynb", 4)
    cells = json.dumps([cell.source for cell in nb.cells])
    costs["floor"] = difference(
        lambda: run(FLOOR, cells, str(half)), lambda: run(FLOOR, cells, str(count)), half, count
    )
    return costs


def difference(small: Callable[[], None], large: Callable[[], None], half: int, count: int) -> Cost:
    """The cost of one more submission: start-up is in both and falls out."""
    a, b = measure(small, 1), measure(large, 1)
    more = count - half
    return Cost((b.cpu_s - a.cpu_s) / more, (b.wall_s - a.wall_s) / more)


def report(costs: dict[str, Cost]) -> None:
    """Print the table, the ratios and the JSON line."""
    one, two = costs["ours, 1 worker(s)"], costs["ours, 2 worker(s)"]
    print(f"{'way':<18} {'CPU ms':>9} {'wall ms':>9}   for a submission of two notebooks")
    for name, cost in costs.items():
        print(f"{name:<18} {cost.cpu_s * 1000:>9.1f} {cost.wall_s * 1000:>9.1f}")
    ratios = {
        "stock / ours, CPU": costs["stock"].cpu_s / one.cpu_s,
        "ours / floor, CPU": one.cpu_s / costs["floor"].cpu_s,
        "efficiency at 2 workers": one.wall_s / two.wall_s / 2,
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}")
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
