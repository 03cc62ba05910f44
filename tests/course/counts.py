"""How much of everything there is, beside the plan: `python -m tests.course.counts`.

The plan is the one place that says what is enough. Only written weeks are counted.
"""

from __future__ import annotations

import re
from collections import Counter

from tests.course.weeks import (
    KINDS,
    Exercise,
    assertions,
    checks,
    exercises,
    hints,
    mistakes,
    read,
    recall_items,
    rights,
    weeks,
    written,
)

# Exercises a week in the order of KINDS: recall, predict, trace, Parsons, bug, fill, write.
PLAN = {
    "week01": (0, 4, 0, 2, 3, 3, 1),
    "week02": (5, 4, 2, 2, 2, 3, 2),
    "week03": (5, 4, 2, 2, 2, 2, 2),
    "week04": (5, 4, 2, 3, 2, 2, 3),
    "week05": (5, 5, 1, 2, 3, 2, 3),
    "week06": (5, 4, 2, 2, 3, 2, 3),
    "week07": (5, 4, 2, 2, 2, 3, 3),
    "week08": (8, 2, 1, 1, 3, 0, 0),
    "week09": (5, 5, 1, 2, 2, 2, 3),
    "week10": (5, 4, 2, 2, 2, 3, 3),
    "week11": (5, 4, 1, 2, 2, 3, 3),
    "week12": (5, 3, 1, 1, 2, 3, 2),
    "week13": (5, 0, 0, 0, 2, 0, 2),
    "week14": (5, 0, 0, 0, 2, 0, 1),
    "week15": (5, 0, 0, 0, 0, 0, 0),
}


def counted(week: str) -> tuple[int, ...]:
    """What the week has, in the order of KINDS. Recall counts at most the plan's."""
    found = Counter(exercise.kind for exercise in exercises(week))
    found["R"] = min(len(recall_items(week)), PLAN[week][0])
    return tuple(found[kind] for kind in KINDS)


def least() -> list[tuple[str, int, int]]:
    """What the whole course or each of its exercises must have: what, how many, how many there are.

    B, F and W are the exercises in which a program is written.
    """
    programs = [(week, one) for week in weeks() for one in exercises(week) if one.kind in "BFW"]
    asserted = [_asserted(week, one) for week, one in programs]
    wrongs = [sum(m.exercise == one.name for m in mistakes(week)) for week, one in programs]
    others = [sum(m.exercise == one.name for m in rights(week)) for week, one in programs]
    rungs = [len(hints(week)[one.name]["en"]) for week, one in programs]
    return [
        ("predictions, in lessons", 50, _in_notebooks(r"\bPredict\(")),
        ("Parsons puzzles", 25, _in_notebooks(r"\bParsons\(")),
        ("traces: questions about a program's steps", 40, sum(map(_traced, weeks()))),
        ("assertions an exercise B, F, W", 5, min(every for every, _ in asserted)),
        ("  of them hidden", 1, min(hidden for _, hidden in asserted)),
        ("mistakes an exercise B, F, W", 3, min(wrongs)),
        ("other right answers an exercise B, F, W", 2, min(others)),
        ("hints an exercise B, F, W", 3, min(rungs)),
        ("recall items a week, from week 2", 5, min(len(recall_items(w)) for w in weeks()[1:])),
    ]


def _asserted(week: str, exercise: Exercise) -> tuple[int, int]:
    cells = checks(week, exercise.notebook)
    pairs = [assertions(cells[test].source) for test in exercise.tests]
    return sum(every for every, _ in pairs), sum(hidden for _, hidden in pairs)


def _in_notebooks(call: str) -> int:
    cells = [cell for week, notebook in written() for cell in read(week, notebook).cells]
    return sum(len(re.findall(call, cell.source)) for cell in cells if cell.cell_type == "code")


def _traced(week: str) -> int:
    traces = {one.name for one in exercises(week) if one.kind == "T"}
    quizzes = [c.source for c in read(week, "practice").cells if "Quiz(" in c.source]
    asked = (quiz for quiz in quizzes if any(f'"{name}"' in quiz for name in traces))
    return sum(quiz.count("Question(") for quiz in asked)


def table() -> str:
    """The counts as text, one line a week."""
    head = f"{'week':8}" + "".join(f"{kind:>7}" for kind in KINDS)
    lines = [head + f"{'tests':>7}{'asserts':>9}{'hidden':>8}{'mistakes':>10}{'rights':>8}"]
    for week in weeks():
        pairs = zip(counted(week), PLAN[week], strict=True)
        cells = [
            cell for notebook in ("practice", "project") for cell in checks(week, notebook).values()
        ]
        asserted = [assertions(cell.source) for cell in cells]
        lines.append(
            f"{week:8}"
            + "".join(f"{f'{has}/{plan}':>7}" for has, plan in pairs)
            + f"{len(cells):>7}{sum(a for a, _ in asserted):>9}{sum(h for _, h in asserted):>8}"
            + f"{len(mistakes(week)):>10}{len(rights(week)):>8}"
        )
    done = sum(sum(counted(week)) for week in weeks())
    lines.append(f"{done} of {sum(map(sum, PLAN.values()))} exercises of the plan are written.")
    lines += ["", f"{'at least':>8}{'there are':>11}"]
    lines += [f"{wanted:>8}{has:>11}  {what}" for what, wanted, has in least()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
