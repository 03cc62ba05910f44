"""docs/attacks.md has a line for each attack, and none in which ours does harm."""

from __future__ import annotations

from pathlib import Path

from tests.engine.hostile import programs

TABLE = Path(__file__).parents[2] / "docs" / "attacks.md"


def test_the_table_is_of_these_attacks() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ][1:]
    rows = [row for row in rows if set(row[0]) != {"-"}]
    shown = [(kind, name) for kind, name, _stock, _ours in rows]
    assert shown == [(one.kind, one.name.replace("-", " ")) for one in programs.load()]
    assert {ours for *_others, ours in rows} == {"the honest mark"}
