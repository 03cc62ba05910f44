"""Ordinary ways to write a test work in the clean room unchanged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.cells import Cell, TeacherCell, teacher_names
from autograder.engine import Engine
from autograder.folder import Files
from autograder.limits import Limits
from autograder.sandbox import Plan

STUDENT = """
import collections, dataclasses, datetime, decimal, enum, functools, random
total = 3
names = ["Dara", "Sok"]
prices = {"rice": 4000}
Point = collections.namedtuple("Point", "x y")
@dataclasses.dataclass
class Card:
    name: str
    age: int = 1
class Vector:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return Vector(self.x + o.x, self.y + o.y)
    def __mul__(self, k): return Vector(self.x * k, self.y * k)
    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)
    def __len__(self): return 2
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __iter__(self): return iter((self.x, self.y))
    def __contains__(self, v): return v in (self.x, self.y)
    def __call__(self): return "called"
    def __enter__(self): return self
    def __exit__(self, *a): return False
    @property
    def size(self): return abs(self.x) + abs(self.y)
    @classmethod
    def zero(cls): return cls(0, 0)
class Animal:
    def speak(self): return "..."
class Dog(Animal):
    def speak(self): return "woof"
class Colour(enum.Enum):
    RED = 1
class TooSmall(ValueError): pass
def add(a, b=2):
    "Add two numbers."
    return a + b
def greet(name): print(f"Hello, {name}!")
def ask():
    name = input("Name? ")
    age = int(input("Age? "))
    return f"{name} is {age}"
def bump():
    global total
    total += 1
def use_total(): return total * 2
def put(items, value): items.append(value)
def sort_in_place(rows): rows.sort(); rows[0][0] = 99
def apply(f, values): return [f(v) for v in values]
def numbers(n):
    for k in range(n): yield k
def total_of(iterable): return sum(iterable)
def roll(): return random.randint(1, 6)
def check(n):
    if n < 0: raise TooSmall("too small", n)
    return True
def make_adder(n): return lambda x: x + n
def when(): return datetime.date(2026, 4, 14), decimal.Decimal("1.10")
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def save(): open("out.txt", "w").write("saved")
async def slow(): return 7
def helper(x): return x + 1
def uses_helper(x): return helper(x) * 10
import numpy as np, pandas as pd, matplotlib.pyplot as plt
array = np.arange(6).reshape(2, 3)
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.Categorical(["u", "v"])})
def scale(values): return np.asarray(values) * 2.5
def fill(values): values[0] = 42
def plot():
    fig, ax = plt.subplots()
    ax.plot([1, 2], [3, 4]); ax.set_title("Rain")
    return ax
fig_ax = plot()
plt.close("all")
"""
IDIOMS = {
    "numbers": "assert total == 3 and abs(add(1, 1.5) - 2.5) < 1e-9 and isinstance(total, int)",
    "strings": "assert names[0].upper() == 'DARA' and ', '.join(names) == 'Dara, Sok'",
    "containers": "assert names == ['Dara', 'Sok'] and prices['rice'] == 4000 and {*names} >= {'Sok'}",
    "keywords": "assert add(a=1) == 3 and add(*[1], **{'b': 5}) == 6",
    "printed": "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out):\n"
    "    greet('Dara')\nassert out.getvalue() == 'Hello, Dara!\\n'",
    "patched-stdout": "import sys, io\nold, sys.stdout = sys.stdout, io.StringIO()\ngreet('Sok')\n"
    "text, sys.stdout = sys.stdout.getvalue(), old\nassert 'Sok' in text",
    "input-mock": "from unittest.mock import patch\n"
    "with patch('builtins.input', side_effect=['Dara', '14']):\n    assert ask() == 'Dara is 14'",
    "input-name": "answers = iter(['Sok', '15'])\ninput = lambda prompt='': next(answers)\n"
    "assert ask() == 'Sok is 15'",
    "input-stdin": "import sys, io\nsys.stdin = io.StringIO('Mealea\\n16\\n')\n"
    "assert ask() == 'Mealea is 16'",
    "global-changed": "before = total\nbump()\nassert total == before + 1",
    "global-set": "total = 50\nassert use_total() == 100",
    "function-replaced": "helper = lambda x: 0\nassert uses_helper(5) == 0",
    "name-deleted": "kept = helper\ndel helper\ntry:\n    uses_helper(1)\nexcept NameError:\n    pass\n"
    "else:\n    raise AssertionError\nhelper = kept\nassert uses_helper(1) == 20",
    "in-place": "items = [1]\nput(items, 2)\nassert items == [1, 2]\nrows = [[2], [1]]\n"
    "inner = rows[0]\nsort_in_place(rows)\nassert rows == [[99], [2]]",
    "callback": "seen = []\nassert apply(lambda v: seen.append(v) or v * 2, [1, 2]) == [2, 4]\n"
    "assert seen == [1, 2]",
    "generator-out": "g = numbers(3)\nassert next(g) == 0 and list(g) == [1, 2]",
    "generator-in": "assert total_of(x for x in range(4)) == 6",
    "exceptions": "import pytest\nwith pytest.raises(ValueError, match='too small') as info:\n"
    "    check(-1)\nassert info.value.args == ('too small', -1)\n"
    "with pytest.raises(TooSmall):\n    check(-2)",
    "try-except": "try:\n    check(-1)\nexcept ValueError as e:\n    assert 'small' in str(e)\n"
    "else:\n    raise AssertionError",
    "key-error": "try:\n    prices['x']\nexcept KeyError:\n    pass",
    "closure": "assert make_adder(2)(3) == 5",
    "namedtuple": "p = Point(1, 2)\nassert p.x == 1 and p == (1, 2) and p._replace(x=5).x == 5",
    "dataclass": "c = Card('Dara', 14)\nassert c.name == 'Dara' and c == Card('Dara', 14)\n"
    "assert repr(c) == \"Card(name='Dara', age=14)\"",
    "operators": "v = Vector(1, 2)\nassert v + Vector(1, 1) == Vector(2, 3) and v * 2 == Vector(2, 4)\n"
    "assert len(v) == 2 and v[1] == 2 and list(v) == [1, 2] and 2 in v and v() == 'called'\n"
    "assert v.size == 3 and Vector.zero() == Vector(0, 0)\nv.x = 9\nassert v.x == 9\n"
    "with v as w:\n    assert w.y == 2",
    "classes": "d = Dog()\nassert isinstance(d, Animal) and issubclass(Dog, Animal)\n"
    "assert type(d) is Dog and type(d).__name__ == 'Dog' and d.speak() == 'woof'\n"
    "assert hasattr(d, 'speak') and not hasattr(d, 'fly') and callable(d.speak)",
    "enum": "assert Colour.RED.value == 1 and Colour.RED is Colour.RED",
    "introspection": "import inspect\nassert add.__name__ == 'add' and add.__doc__ == 'Add two numbers.'\n"
    "assert 'return a + b' in inspect.getsource(add)\n"
    "assert list(inspect.signature(add).parameters) == ['a', 'b']\nassert callable(add)\n"
    "assert inspect.isfunction(add)",
    "dates": "import datetime, decimal\nday, money = when()\n"
    "assert day == datetime.date(2026, 4, 14) and money == decimal.Decimal('1.10')",
    "seeded": "import random\nrandom.seed(7)\nexpected = [random.randint(1, 6) for _ in range(5)]\n"
    "random.seed(7)\nassert [roll() for _ in range(5)] == expected",
    "random-inputs": "import random\nfor _ in range(50):\n    a, b = random.random(), random.random()\n"
    "    assert add(a, b) == a + b",
    "recursion-and-cache": "assert fib(30) == 832040",
    "files": "save()\nassert open('data.txt').read() == 'rows'",
    "await": "assert await slow() == 7",
    "numpy": "import numpy as np\nassert array.shape == (2, 3) and np.allclose(scale([1, 2]), [2.5, 5])\n"
    "np.testing.assert_array_equal(array[0], [0, 1, 2])\nx = np.zeros(3)\nfill(x)\nassert x[0] == 42",
    "pandas": "import pandas as pd\nassert list(frame.columns) == ['a', 'b', 'c']\n"
    "assert frame['a'].sum() == 3 and str(frame['c'].dtype) == 'category'\n"
    "pd.testing.assert_series_equal(frame['a'], pd.Series([1, 2], name='a'))",
    "figures": "ax = fig_ax\nassert ax.get_title() == 'Rain' and len(ax.lines) == 1\n"
    "assert list(ax.lines[0].get_ydata()) == [3, 4]",
    "partial-credit": "score = 0.5\nscore",
    "magics": "%matplotlib inline\n_ = 1",
    "unittest": "import unittest\ncase = unittest.TestCase()\ncase.assertEqual(add(1), 3)\n"
    "case.assertAlmostEqual(add(0.1, 0.2), 0.3)\nwith case.assertRaises(ValueError):\n    check(-1)",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    plan = Plan(Limits(cell_timeout_s=30), warm=("numpy", "pandas", "matplotlib.pyplot"))
    running = Engine(plan)
    yield running
    running.close()


@pytest.mark.parametrize("name", sorted(IDIOMS))
def test_it_works_unchanged(engine: Engine, name: str) -> None:
    cells = [Cell("student", STUDENT), Cell("test", IDIOMS[name])]
    names = teacher_names([TeacherCell("solution", STUDENT)])
    files = Files(student=(("data.txt", b"rows"),))
    ran = engine.run(cells, files, names)
    student, test = ran.outcomes
    assert student.status == "ok", student.outputs
    assert test.status == "ok", "\n".join(test.outputs[-1].get("traceback", ["?"]))


@pytest.mark.parametrize("name", ["numbers", "classes", "printed", "exceptions"])
def test_it_fails_where_it_should(engine: Engine, name: str) -> None:
    broken = STUDENT.replace("total = 3", "total = 4").replace("Hello", "Bye")
    broken = broken.replace('"woof"', '"meow"').replace("if n < 0", "if n > 0")
    cells = [Cell("student", broken), Cell("test", IDIOMS[name])]
    ran = engine.run(cells, Files(), teacher_names([TeacherCell("solution", STUDENT)]))
    assert ran.outcomes[1].status == "error"


def test_an_object_that_a_test_kept_still_answers_in_the_next(engine: Engine) -> None:
    cells = [
        Cell("student", "class Dog:\n    def bark(self):\n        return 'woof'"),
        Cell("test", "rex = Dog()\ncount = 1"),
        Cell("student", "Dog.bark = lambda self: 'changed'"),
        Cell(
            "test", "assert rex.bark() == 'woof' and count == 1\nassert Dog().bark() == 'changed'"
        ),
    ]
    ran = engine.run(cells, Files(), teacher_names([TeacherCell("solution", cells[0].source)]))
    assert [outcome.status for outcome in ran.outcomes] == ["ok"] * 4, ran.outcomes[-1].outputs


def test_a_shared_cell_runs_in_the_students_interpreter(engine: Engine) -> None:
    cells = [
        Cell("student", "x = 1"),
        Cell("shared", "class Sub(type('A', (), {})): pass\nassert globals()['x'] == 1\nx = 5"),
        Cell("student", "print(x)"),
    ]
    ran = engine.run(cells)
    assert [outcome.status for outcome in ran.outcomes] == ["ok"] * 3
    assert ran.outcomes[2].outputs[0]["text"] == "1\n"


def test_scripted_input_and_kept_files(engine: Engine) -> None:
    cells = [
        Cell("student", "name = input('Name? ')\nopen('a.txt', 'w').write(name)", ("Dara",)),
        Cell("test", "assert name == 'Dara'\nassert open('a.txt').read() == 'Dara'"),
    ]
    ran = engine.run(cells)
    assert [outcome.status for outcome in ran.outcomes] == ["ok"] * 2
    assert ran.written == (("a.txt", b"Dara"),)
