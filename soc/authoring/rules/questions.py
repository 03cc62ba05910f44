"""Does every choice get an answer of its own, and does recall ask of earlier weeks?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from soc.authoring.findings import Spot, at, rule
from soc.authoring.week import NOTEBOOKS, Week

RECALLED = 5


@rule(
    why="A reply that fits her choice teaches; the same “no” for all makes her guess on.",
    do="Write a reply to each choice, in both languages. Don't give the answer away: ask.",
)
def replies(week: Week) -> Iterator[Spot]:
    """Choices of Predict and Question without a reply, and replies that are the same."""
    for notebook in NOTEBOOKS:
        for cell in week.notebooks[notebook].cells:
            for identity, choices, said in asked(cell.source):
                for key in choices.keys() - said.keys():
                    what = f"{identity}: choice “{key}” has no reply"
                    yield at(week, notebook, cell["id"], what)
                for key, reply in said.items():
                    if not isinstance(reply, ast.Dict) or len(reply.keys) != 2:
                        what = f"{identity}: the reply to “{key}” is not in two languages"
                        yield at(week, notebook, cell["id"], what)
                texts = [ast.dump(reply) for reply in said.values()]
                if len(set(texts)) < len(texts):
                    yield at(week, notebook, cell["id"], f"{identity}: two replies are the same")


@rule(
    why="What is asked again after some weeks stays; five a session is enough.",
    do="Write five items of earlier weeks in recall.toml, each choice with a reply in en and km.",
)
def recall(week: Week) -> Iterator[Spot]:
    """Items that are missing, that ask of a week to come, or lack a reply."""
    file = week.source / "recall.toml"
    if week.name == "week01":
        return
    if len(week.recall) < RECALLED:
        yield Spot(file, f"it has {len(week.recall)} items, not 5")
    for item in week.recall:
        if item["week"] >= int(week.name[4:]):
            yield Spot(file, f"it asks of week {item['week']}, which is not earlier", item["id"])
        for key in item.get("choices", {}).keys() - item["replies"].keys():
            yield Spot(file, f"choice “{key}” has no reply", item["id"])
        for key, reply in item["replies"].items():
            if set(reply) != {"en", "km"}:
                yield Spot(file, f"the reply to “{key}” is not in en and km", item["id"])


def asked(source: str) -> Iterator[tuple[str, dict[str, ast.expr], dict[str, ast.expr]]]:
    """The choices and replies of each Predict and Question written in a cell, by their keys."""
    try:
        tree = ast.parse(re.sub(r"^%.*$", "", source, flags=re.MULTILINE))
    except SyntaxError:
        return
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Predict", "Question"):
            given = {key.arg: key.value for key in call.keywords}
            identity = call.args[0]
            yield (
                str(identity.value) if isinstance(identity, ast.Constant) else "?",
                _entries(given.get("choices")),
                _entries(given.get("replies")),
            )


def _entries(node: ast.expr | None) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Dict):
        return {}
    return {
        str(key.value): value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
    }


RULES = (replies, recall)
