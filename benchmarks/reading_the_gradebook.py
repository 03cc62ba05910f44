"""What it costs to read a cohort's marks: nbgrader's export and the verbs of `soc`, in one run.

    python -m benchmarks.reading_the_gradebook [--sizes 250,500,1000,2000] [--stock 250,1000]

Both read the same gradebook: fifteen weeks with the tests of the real course. Each is a process of
its own, start-up counted. Every mark that `soc export` writes is compared with nbgrader's CSV.
nbgrader's export of 1,000 students takes ten minutes or more.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.full_gradebook import COHORT, make
from benchmarks.measuring import Cost, cost_of, run
from programme.site import Site

VERBS = ("export", "status", "graduate")
Marks = dict[tuple[str, str], float]  # (week, student) → points


def main() -> None:
    """Measure and print a table and, as the last line, JSON. Fails when a mark differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="250,500,1000,2000")
    parser.add_argument("--stock", default="250,1000")
    given = parser.parse_args()
    stock = [int(size) for size in given.stock.split(",")]
    sizes = sorted({int(size) for size in given.sizes.split(",")} | set(stock))
    folder = Path(tempfile.mkdtemp(prefix="reading-"))
    try:
        sites = {size: make(folder / str(size), size) for size in sizes}
        ours = {size: {verb: measure(sites[size], verb) for verb in VERBS} for size in sizes}
        report(ours)
        report_stock(ours, {size: measure_stock(sites[size]) for size in stock})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(site: Site, verb: str) -> Cost:
    """`soc <verb>` for the whole cohort, in a process of its own."""
    words = [str(site.root / "tables")] if verb == "export" else ["--json"]
    return cost_of(lambda: run(["soc", verb, "--data", str(site.root), *words]))


def measure_stock(site: Site) -> tuple[Cost, int]:
    """`nbgrader export`, and how many of its marks are the same in ours: all, or it raises."""
    cohort = site.cohort(COHORT)
    theirs = site.root / "nbgrader.csv"
    cost = cost_of(lambda: run(["nbgrader", "export", "--to", str(theirs)], cohort.root))
    return cost, compare(theirs, site.root / "tables" / f"{COHORT}-gradebook.csv")


def compare(theirs: Path, ours: Path) -> int:
    """Raise unless each mark and each maximum is the same in both; how many marks there are."""
    marks, maxima = read_nbgraders(theirs)
    own_marks, own_maxima = read_ours(ours)
    assert own_maxima == maxima, f"maxima differ: {maxima} and {own_maxima}"
    assert own_marks.keys() == marks.keys(), "other weeks or students"
    wrong = {key: (marks[key], own_marks[key]) for key in marks if marks[key] != own_marks[key]}
    assert not wrong, f"{len(wrong)} marks differ: {list(wrong.items())[:5]}"
    return len(marks)


def read_nbgraders(file: Path) -> tuple[Marks, dict[str, float]]:
    """Marks and maxima by week, rounded to a thousandth: nbgrader adds floats."""
    marks, maxima = {}, {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            marks[row["assignment"], row["student_id"]] = round(float(row["score"]), 3)
            maxima[row["assignment"]] = float(row["max_score"])
    return marks, maxima


def read_ours(file: Path) -> tuple[Marks, dict[str, float]]:
    """The same from our table, which has a column a notebook; a state instead of a mark is 0."""
    marks, maxima = defaultdict[tuple[str, str], float](float), defaultdict[str, float](float)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = [re.fullmatch(r"(week\d+) \w+ \(of (.+)\)", n) for n in reader.fieldnames or ()]
        works = [found for found in columns if found]
        for work in works:
            maxima[work[1]] += float(work[2])
        for row in reader:
            for work in works:
                mark = row[work[0]]
                marks[work[1], row["username"]] += float(mark) if mark[:1].isdigit() else 0
    return {key: round(mark, 3) for key, mark in marks.items()}, dict(maxima)


def report(ours: dict[int, dict[str, Cost]]) -> None:
    """CPU seconds of each verb, and whether they grow with the rows."""
    print(f"{'students':>8}" + "".join(f" {f'soc {verb}':>13}" for verb in VERBS) + "   CPU s")
    for size, costs in ours.items():
        print(f"{size:>8}" + "".join(f" {costs[verb].cpu_s:>13.2f}" for verb in VERBS))
    least, middle, most = min(ours), sorted(ours)[len(ours) // 2], max(ours)
    for verb in VERBS:
        low, mid, high = (ours[size][verb].cpu_s for size in (least, middle, most))
        first, second = (mid - low) / (middle - least), (high - mid) / (most - middle)
        print(
            f"soc {verb}: {first * 1000:.2f} ms for one more student up to {middle}, "
            f"{second * 1000:.2f} ms up to {most} (linear: the same)"
        )


def report_stock(ours: dict[int, dict[str, Cost]], stock: dict[int, tuple[Cost, int]]) -> None:
    """nbgrader's export beside ours, the ratios, and the JSON line."""
    ratios = {}
    for size, (cost, same) in stock.items():
        ratios[size] = cost.cpu_s / ours[size]["export"].cpu_s
        print(
            f"{size} students: nbgrader export {cost.cpu_s:.1f} CPU s, "
            f"soc export {ours[size]['export'].cpu_s:.2f} CPU s, ratio {ratios[size]:.0f}; "
            f"all {same} marks are the same"
        )
    print(json.dumps({f"stock / ours, CPU, {size} students": r for size, r in ratios.items()}))


if __name__ == "__main__":
    main()
