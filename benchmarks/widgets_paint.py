"""Prints how long each widget takes from being handed to the page until it has been painted.

`python benchmarks/widgets_paint.py`: runs every widget's own JavaScript in headless Chromium with a
stand-in for Jupyter's model, on this machine, seven times, and prints the median. The budget is
200 ms. What Jupyter itself needs before it hands the widget over is not in it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from widgets import (
    Clusters,
    Flow,
    Hints,
    Memory,
    Parsons,
    Path,
    Predict,
    Question,
    Quiz,
    Survey,
    Swap,
    Tracer,
)
from widgets.card import Card
from widgets.drawing import Drawing, Line
from widgets.picture import Picture

BUDGET_MS = 200
ROUNDS = 7
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PAINT = """async ([code, style, state]) => {
  document.body.replaceChildren();
  const began = performance.now();
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.body.append(sheet);
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const model = { get: () => JSON.parse(state), on() {}, off() {}, send() {} };
  const el = document.createElement("div");
  document.body.append(el);
  widget.render({ model, el });
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""


def cards() -> list[Card]:
    """One of each, of a lesson's size."""
    lines = ["total = 0", "for price in [1000, 2000]:", "    total = total + price", "print(total)"]
    program = "\n".join(lines)
    question = Question("q", "Which?", {"a": "this", "b": "that"})
    drawing = Drawing([Line((0, 0), (n, n), "red", 1) for n in range(300)])
    return [
        Predict("p", "Which?", choices={"a": "5", "b": "23"}),
        Hints("h", ["a", "b", "c"]),
        Parsons("x", lines),
        Quiz("z", [question]),
        Tracer(program),
        Memory(a=[1, 2, 3]),
        Survey("s", [question]),
        Path(here=1),
        Swap(),
        Clusters("កម្ពុជា"),
        Flow(program),
        Picture(drawing, 0),
    ]


def _median_ms(page: Page, card: Card) -> float:
    given = [card._esm, card._css, json.dumps(card.state)]
    return statistics.median(page.evaluate(PAINT, given) for _ in range(ROUNDS))


def main() -> int:
    """Print the table; 1 when a widget is over the budget."""
    table = Table("widget", "ms", title=f"Until painted (budget {BUDGET_MS} ms)")
    slow = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.chdir(folder)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page()
        for card in cards():
            taken = _median_ms(page, card)
            slow += taken > BUDGET_MS
            table.add_row(type(card).__name__, f"{taken:.0f}")
        browser.close()
    Console().print(table)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
