"""Prints how many bytes each widget's JavaScript and CSS are, and how large traces of lessons are.

`python benchmarks/widgets_bytes.py`. The budget is 40 KB gzipped a widget and 40 KB a trace. It
exits with 1 when something is over it. First paint is measured by `widgets_paint.py`.
"""

from __future__ import annotations

import gzip
import json
import sys

from rich.console import Console
from rich.table import Table

from widgets import (
    Clusters,
    Flow,
    Game,
    Hints,
    Memory,
    Parsons,
    Path,
    Predict,
    Quiz,
    Recall,
    Survey,
    Swap,
    Tracer,
)
from widgets.picture import Picture

BUDGET = 40_000
CARDS = (
    Predict,
    Hints,
    Parsons,
    Quiz,
    Recall,
    Tracer,
    Memory,
    Survey,
    Path,
    Swap,
    Clusters,
    Flow,
    Game,
    Picture,
)
TRACES = {
    "week 2, an update": "money = 10000\nmoney = money - 3000\nprint(money)",
    "week 4, a function": (
        "def change(paid, price):\n    back = paid - price\n    return back\n"
        "for price in [500, 1500, 2500]:\n    print(change(5000, price))"
    ),
    "week 7, a market": (
        "prices = [4000, 2500, 8000, 1000]\ntotal = 0\nhighest = prices[0]\n"
        "for price in prices:\n    total = total + price\n    if price > highest:\n"
        "        highest = price\nprint(total, highest)"
    ),
    "300 steps": "n = 0\nthings = []\nwhile True:\n    n = n + 1\n    things.append(n)",
}


def main() -> int:
    """Print both tables; 1 when a row is over the budget."""
    console = Console()
    over = 0
    code = Table("widget", "JS", "CSS", "JS gz", "CSS gz", "both gz", title="Bytes of the pages")
    for card in CARDS:
        script, style = card._esm.encode(), card._css.encode()
        packed = len(gzip.compress(script, 9)), len(gzip.compress(style, 9))
        over += sum(packed) > BUDGET
        sizes = (len(script), len(style), *packed, sum(packed))
        code.add_row(card.__name__, *(f"{size:,}" for size in sizes))
    console.print(code)
    traces = Table("program", "steps", "JSON", "gz", title="Bytes of recorded runs")
    for name, source in TRACES.items():
        tracer = Tracer(source)
        state = json.dumps(tracer.state, ensure_ascii=False).encode()
        over += len(state) > BUDGET and name != "300 steps"
        traces.add_row(
            name, str(len(tracer.steps)), f"{len(state):,}", f"{len(gzip.compress(state, 9)):,}"
        )
    console.print(traces)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
