"""What a verb prints: a table for people, JSON for programs, a bar while it works."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Advance = Callable[[int, int, str], None]  # done, of how many, what was done last


def as_record(row: Any) -> dict[str, Any]:
    """A dataclass or a mapping as a plain dict."""
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return dataclasses.asdict(row)
    return dict(row)


def show(rows: Sequence[Any], *, title: str = "", as_json: bool = False) -> None:
    """Print rows (dataclasses or mappings with the same keys) as a table, or as a JSON list."""
    records = [as_record(row) for row in rows]
    if as_json:
        print(json.dumps(records, ensure_ascii=False, indent=2, default=str))
        return
    console = Console()
    if not records:
        console.print(f"{title}: nothing" if title else "nothing")
        return
    table = Table(title=title or None, title_justify="left")
    for name in records[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for record in records:
        table.add_row(*(_cell(value) for value in record.values()))
    console.print(table)


@contextmanager
def bar(label: str) -> Iterator[Advance]:
    """A progress bar on stderr; yields its `Advance`. Quiet where nobody looks."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}"),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=None, what="")

        def advance(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, what=what)

        yield advance


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
