"""How many exercises of each kind there are, beside the plan: `python -m tests.course.counts`.

The plan is the one place that says what is enough. Only written weeks are counted.
"""

from __future__ import annotations

from collections import Counter

from tests.course.weeks import (
    KINDS,
    assertions,
    checks,
    exercises,
    mistakes,
    recall_items,
    rights,
    weeks,
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
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
