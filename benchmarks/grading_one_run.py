"""What grading costs: stock nbgrader, this autograder and the floor, in one run.

    python -m benchmarks.grading_one_run [--submissions 60] [--stock 4]

CPU is user and system time with everything that is started, the sandbox's included. The floor
forks a warm interpreter for each notebook and executes the same cells: no sandbox, no clean room,
no files, no database. The assignment has two notebooks of two exercises and four tests.
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
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook

from autograder.sandbox import Plan, Sandbox
from benchmarks.measuring import Cost, Watched, cost_of, private_mb
from tests.engine.courses import NAME, Course, check, free, notebook, solution

WARM = ("numpy", "pandas", "matplotlib.pyplot")
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
class Ours:
    """What this autograder took for one more submission; memory is of the larger run."""

    cost: Cost
    sandbox_s: float
    own_mb: tuple[float, float]


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
CELLS_ALONE = """
import json, sys
from autograder.cells import Cell
from autograder.engine import Engine
engine = Engine()
cells = [Cell("student", source) for source in json.loads(sys.argv[1])]
for _ in range(2 * int(sys.argv[2])):
    engine.run(cells)
engine.close()
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


def start(program: str, *arguments: str) -> list[str]:
    """The command for a program of ours."""
    return [sys.executable, "-c", program, *arguments]


def run(program: str, *arguments: str) -> Cost:
    """Run a program that starts no sandbox."""
    command = start(program, *arguments)
    return cost_of(lambda: subprocess.run(command, check=True, capture_output=True))


def watch(program: str, *arguments: str) -> tuple[Cost, Watched]:
    """Run a program that starts sandboxes."""
    running = Watched(psutil.Popen(start(program, *arguments)))
    cost = running.wait()
    assert running.process.returncode == 0
    return cost, running


def one_more(small: Cost, large: Cost, more: int) -> Cost:
    """The cost of one more submission: start-up is in both and falls out."""
    return Cost((large.cpu_s - small.cpu_s) / more, (large.wall_s - small.wall_s) / more)


def main() -> None:
    """Measure and print tables and, as the last line, JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--stock", type=int, default=4)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    folder = Path(tempfile.mkdtemp(prefix="grading-"))
    try:
        measure_all(folder, given.submissions, given.stock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_all(folder: Path, count: int, stock: int) -> None:
    """Each way on its own course."""
    one, more = make_course(folder / "stock1", 1), make_course(folder / "stock", stock)
    theirs = one_more(run(STOCK, str(one.root)), run(STOCK, str(more.root)), stock - 1)
    ours = {workers: measure_ours(folder, count, workers) for workers in (1, 2)}
    cells = cells_of(folder / "large1")
    less = count // 4
    by_count = [str(less), str(count)]
    floor = one_more(*(run(FLOOR, cells, n) for n in by_count), count - less)
    alone = one_more(*(watch(CELLS_ALONE, cells, n)[0] for n in by_count), count - less)
    report({"stock": theirs, "floor": floor}, ours, alone)
    weigh(ours, (less, count))


def measure_ours(folder: Path, count: int, workers: int) -> Ours:
    """A quarter of the submissions, then all of them: the difference is of the grading alone."""
    seen = []
    for name, size in (("small", count // 4), ("large", count)):
        course = make_course(folder / f"{name}{workers}", size)
        seen.append(watch(GRADE, str(course.root), str(workers)))
    (small, first), (large, second) = seen
    more = count - count // 4
    inside = (second.sandbox_s - first.sandbox_s) / more
    return Ours(one_more(small, large, more), inside, (first.own_mb, second.own_mb))


def cells_of(course: Path) -> str:
    """The code of a graded notebook, as JSON."""
    nb = nbformat.read(course / "autograded" / "s0000" / "week01" / "first.ipynb", 4)
    return json.dumps([cell.source for cell in nb.cells])


def report(others: dict[str, Cost], ours: dict[int, Ours], alone: Cost) -> None:
    """Print the table, where our time goes, the ratios and the JSON line."""
    ways = {**others, **{f"ours, {n} worker(s)": found.cost for n, found in ours.items()}}
    print(f"{'way':<18} {'CPU ms':>9} {'wall ms':>9}   for a submission of two notebooks")
    for name, cost in ways.items():
        print(f"{name:<18} {cost.cpu_s * 1000:>9.1f} {cost.wall_s * 1000:>9.1f}")
    one, two, floor = ours[1], ours[2], others["floor"]
    parts = {
        "the cells themselves, as in the floor": floor.cpu_s,
        "layers, folders and messages of the sandbox": alone.cpu_s - floor.cpu_s,
        "a snapshot for each test, and the clean room": one.sandbox_s - alone.cpu_s,
        "notebooks read, restored and written; rows": one.cost.cpu_s - one.sandbox_s,
    }
    for name, cpu_s in parts.items():
        print(f"  {cpu_s * 1000:>6.1f} ms  {cpu_s / one.cost.cpu_s:>4.0%}  {name}")
    ratios = {
        "stock / ours, CPU": others["stock"].cpu_s / one.cost.cpu_s,
        "ours / floor, CPU": one.cost.cpu_s / floor.cpu_s,
        "efficiency at 2 workers, by CPU": one.cost.cpu_s / two.cost.cpu_s,
        "efficiency at 2 workers, by the clock of an idle machine": (
            one.cost.wall_s / two.cost.wall_s / 2
        ),
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}")
    print(json.dumps(ratios))


def weigh(ours: dict[int, Ours], sizes: tuple[int, int]) -> None:
    """Memory: of the grader for few and many submissions, and of a warm interpreter."""
    for workers, found in ours.items():
        few, many = found.own_mb
        print(
            f"{workers} worker(s): `grade` itself has {few:.0f} MiB for {sizes[0]} submissions, "
            f"{many:.0f} MiB for {sizes[1]}"
        )
    for warm in ((), WARM):
        sandbox = Sandbox(Plan(warm=warm))
        try:
            outer = psutil.Process(sandbox.pid)
            private = sum(map(private_mb, [outer, *outer.children(recursive=True)]))
        finally:
            sandbox.close()
        print(f"sandbox with {', '.join(warm) or 'nothing more'} warm: {private:.0f} MiB private")


if __name__ == "__main__":
    main()
