"""Honest submissions of many kinds, for comparing our grading with nbgrader's own."""

from __future__ import annotations

from typing import Any

from tests.engine.courses import check, free, locked, manual, notebook, solution, task, text

BASICS = notebook(
    text("# Basics"),
    free("import math\nfrom collections import Counter"),
    locked("setup", "RATE = 4100\ndef to_riel(dollars):\n    return dollars * RATE"),
    solution(
        "area",
        "def area(r):\n    ### BEGIN SOLUTION\n    return math.pi * r ** 2\n    ### END SOLUTION",
    ),
    check("test-area", "assert area(0) == 0\nassert math.isclose(area(1), math.pi)", 2),
    solution(
        "count",
        "def count(words):\n    ### BEGIN SOLUTION\n    return Counter(words)\n"
        "    ### END SOLUTION",
    ),
    check(
        "test-count",
        "found = count(['a', 'b', 'a'])\nassert found['a'] == 2\n"
        "### BEGIN HIDDEN TESTS\nassert count([]) == {}\n### END HIDDEN TESTS",
        2,
    ),
    solution("purse", "### BEGIN SOLUTION\npurse = to_riel(3)\n### END SOLUTION"),
    check("test-purse", "1.5 if purse == 12300 else 0.5", 2),
    check("test-shown", "print('looking')\nassert purse > 0, f'the purse holds {purse}'", 1),
    manual("essay", "Write here.", 3),
    manual("sketch", "# your code", 3, code=True),
    task("drawing", "Draw a temple.", 4),
    text("The end"),
)
OBJECTS = notebook(
    solution(
        "dog",
        "### BEGIN SOLUTION\nclass Dog:\n    def __init__(self, name):\n        self.name = name\n"
        "        self.tricks = []\n    def learn(self, trick):\n        self.tricks.append(trick)\n"
        "    def __eq__(self, other):\n        return self.name == other.name\n"
        "    def __repr__(self):\n        return f'Dog({self.name})'\n### END SOLUTION",
    ),
    check(
        "test-dog",
        "rex = Dog('rex')\nrex.learn('sit')\nassert rex.tricks == ['sit']\n"
        "assert rex == Dog('rex')\nassert isinstance(rex, Dog)\nassert repr(rex) == 'Dog(rex)'",
        3,
    ),
    solution(
        "steps",
        "def steps(n):\n    ### BEGIN SOLUTION\n    for k in range(n):\n        yield k * k\n"
        "    ### END SOLUTION",
    ),
    check("test-steps", "assert list(steps(4)) == [0, 1, 4, 9]", 1),
    solution(
        "divide",
        "def divide(a, b):\n    ### BEGIN SOLUTION\n    if b == 0:\n"
        "        raise ValueError('no')\n    return a / b\n    ### END SOLUTION",
    ),
    check(
        "test-divide",
        "assert divide(4, 2) == 2\ntry:\n    divide(1, 0)\nexcept ValueError as e:\n"
        "    assert str(e) == 'no'\nelse:\n    raise AssertionError('no ValueError')",
        2,
    ),
    solution("save", "### BEGIN SOLUTION\nopen('out.txt', 'w').write('hello')\n### END SOLUTION"),
    check(
        "test-save", "assert open('out.txt').read() == 'hello'\nassert open('data.txt').read()", 1
    ),
    free("%timeit -n1 -r1 -q pass\nawait __import__('asyncio').sleep(0)\n'last value'"),
)
NOTEBOOKS = {"basics": BASICS, "objects": OBJECTS}
FILES = {"data.txt": b"1,2,3\n", "img/dot.txt": b"."}

RIGHT = {
    "area": "def area(r):\n    return math.pi * r * r",
    "count": "def count(words):\n    out = {}\n    for w in words:\n"
    "        out[w] = out.get(w, 0) + 1\n    return out",
    "purse": "purse = to_riel(3)\nprint('ok')\npurse",
    "essay": "I wrote this.",
    "sketch": "print('a temple')",
    "dog": "class Dog:\n    def __init__(self, name):\n        self.name, self.tricks = name, []\n"
    "    def learn(self, t):\n        self.tricks += [t]\n"
    "    def __eq__(self, o):\n        return self.name == o.name\n"
    "    def __repr__(self):\n        return 'Dog(' + self.name + ')'",
    "steps": "def steps(n):\n    return (k ** 2 for k in range(n))",
    "divide": "def divide(a, b):\n    try:\n        return a / b\n"
    "    except ZeroDivisionError:\n        raise ValueError('no')",
    "save": "with open('out.txt', 'w') as f:\n    f.write('hello')",
}
SUBMISSIONS: dict[str, dict[str, Any]] = {
    "right": RIGHT,
    "untouched": {},
    "half": {k: v for k, v in RIGHT.items() if k in ("area", "purse", "dog", "essay")},
    "errors": {
        **RIGHT,
        "area": "def area(r):\n    return 1 / 0",
        "count": "def count(words)\n    return 1",
        "purse": "purse = undefined + 1",
        "steps": "def steps(n):\n    return None",
        "divide": "def divide(a, b):\n    return a / b",
        "save": "import sys\nprint('x', file=sys.stderr)",
    },
    "wrong": {
        **RIGHT,
        "area": "def area(r):\n    print('area of', r)\n    return r",
        "count": "def count(words):\n    return [words]",
        "purse": "purse = 5\ndisplay(purse)",
        "dog": "class Dog:\n    pass",
        "essay": "",
    },
}
