"""The assignment that hostile submissions attack, and what is planted around it."""

from __future__ import annotations

from tests.engine.courses import check, free, locked, manual, notebook, solution

CANARIES = (
    "CANARY-EXPECTED",
    "CANARYINPUT",
    "CANARY-ENVIRONMENT",
    "CANARY-NEIGHBOUR",
    "CONNECTED",
)
FILES = {"data.txt": b"1,2,3\n"}
PRACTICE = notebook(
    free("import math"),
    locked(
        "setup",
        "LIMIT = 10\ndef helper(x):\n    return 2 * x\n"
        "class Box:\n    def __init__(self, size=1):\n        self.size = size",
    ),
    solution(
        "double", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    ),
    check(
        "test-double",
        "assert double(2) == 4\nassert open('data.txt').read() == '1,2,3\\n'\n"
        "### BEGIN HIDDEN TESTS\nassert double(21) == 42, 'CANARY-EXPECTED'\n"
        "assert helper(double(3)) == 12\n### END HIDDEN TESTS",
        2,
    ),
    solution(
        "greet",
        "def greet(name):\n    ### BEGIN SOLUTION\n    return 'Hello, ' + name\n"
        "    ### END SOLUTION",
    ),
    check(
        "test-greet",
        "assert 'Hello' in greet('Dara')\nassert greet('Sok').startswith('Hello')\n"
        "### BEGIN HIDDEN TESTS\nassert greet('CANARYINPUT') == 'Hello, CANARYINPUT'\n"
        "### END HIDDEN TESTS",
        2,
    ),
    solution("total", "### BEGIN SOLUTION\ntotal = 10\n### END SOLUTION"),
    check(
        "test-total",
        "assert abs(total - LIMIT) < 1e-9\nassert round(total, 2) == 10\n"
        "### BEGIN HIDDEN TESTS\nassert isinstance(total, (int, float))\n"
        "assert math.isclose(total, 10)\n### END HIDDEN TESTS",
        2,
    ),
    solution(
        "near", "def near(x):\n    ### BEGIN SOLUTION\n    return x / 3\n    ### END SOLUTION"
    ),
    check("test-near", "assert abs(near(3) - 1) < 1e-9\nassert abs(near(10) - 10 / 3) < 1e-9", 2),
    solution("word", "### BEGIN SOLUTION\nword = 'Hello'\n### END SOLUTION"),
    check("test-word", "assert word.startswith('H')\nassert word.endswith('o')", 1),
    check("test-letters", "assert 'ell' in word", 1),
    check("test-shown", "assert total == 10, f'total is {total!r}'", 0),
    manual("essay", "Write here.", 3),
)
RIGHT = {
    "double": "def double(x):\n    return x + x",
    "greet": "def greet(name):\n    return f'Hello, {name}'",
    "total": "total = 10",
    "near": "def near(x):\n    return x / 3",
    "word": "word = 'Hello'",
    "essay": "CANARY-NEIGHBOUR wrote this",
}
WRONG = {
    "double": "def double(x):\n    return 0",
    "greet": "def greet(name):\n    return ''",
    "total": "total = 3",
    "near": "def near(x):\n    return 0",
    "word": "word = ''",
}
FULL = 10.0
