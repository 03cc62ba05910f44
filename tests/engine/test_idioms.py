"""Ordinary ways to write a test work in the clean room unchanged."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder import authoring
from autograder.cells import Cell, TeacherCell, teacher_names
from autograder.engine import Engine
from autograder.folder import Files
from autograder.limits import Limits
from autograder.sandbox import Plan
from tests.engine.courses import check, notebook, solution

STUDENT = """
import collections, csv, dataclasses, datetime, decimal, enum, functools, random, sqlite3, time
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
def write_rows(rows):
    with open("rows.csv", "w", newline="") as file: csv.writer(file).writerows(rows)
def fill_database(rows):
    with sqlite3.connect("shop.db") as base:
        base.execute("create table if not exists goods (name, price)")
        base.executemany("insert into goods values (?, ?)", rows)
def by_length(word): return len(word)
def is_even(n): return n % 2 == 0
class Item:
    def __init__(self, name, price): self.name, self.price = name, price
    def __str__(self): return f"{self.name}: {self.price}"
    def __repr__(self): return f"Item({self.name!r})"
    def __lt__(self, other): return self.price < other.price
    def __gt__(self, other): return other < self
class Basket:
    def __init__(self, items=()): self.items = list(items)
    def __bool__(self): return len(self.items) > 0
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
    def __getitem__(self, i): return self.items[i]
    def __setitem__(self, i, value): self.items[i] = value
    def __delitem__(self, i): del self.items[i]
def as_record(name, age): return {"name": name, "ages": [age]}
def doubled(rows): return [[2 * v for v in row] for row in rows]
def average(values):
    if not values: return None
    return sum(values) / len(values)
def colour_code(*parts): return "#" + "".join(f"{part:02x}" for part in parts)
class NotEnough(Exception):
    def __init__(self, missing):
        super().__init__(f"{missing} are missing")
        self.missing = missing
def withdraw(money, amount):
    if amount > money: raise NotEnough(amount - money)
    return money - amount
def collect(*args, **more): return args, more
def twice(f):
    def both(*args):
        f(*args)
        return f(*args)
    return both
def loud(f):
    @functools.wraps(f)
    def louder(*args): return f(*args).upper() + "!"
    return louder
@loud
def shout(word): return word
class Timer:
    def __init__(self, name): self.name, self.log, self.running = name, [], None
    def __enter__(self):
        self.log.append("start " + self.name); self.running = True
        return self
    def __exit__(self, *error):
        self.log.append("stop " + self.name); self.running = False
class Square:
    sides = 4
    def __init__(self, side): self.side = side
    @property
    def area(self): return self.side ** 2
    @area.setter
    def area(self, value):
        if value < 0: raise ValueError("negative")
        self.side = value ** 0.5
    @classmethod
    def unit(cls): return cls(1)
    @staticmethod
    def describe(): return "four sides"
class Puppy(Dog):
    def __init__(self, name, age):
        self.name, self.age = name, age
    def speak(self): return super().speak() + ", softly"
def counter(): counter.calls += 1
counter.calls = 0
def wait_a_little():
    time.sleep(0.01)
    return "done"
def echo():
    heard = yield "ready"
    while True: heard = yield heard.upper()
def evens():
    n = 0
    while True:
        yield n
        n += 2
def letters(word): return set(word)
def group(words):
    groups = {}
    for w in words: groups.setdefault(len(w), []).append(w)
    return groups
def tally(text): return collections.Counter(text)
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
def draw_current():
    plt.bar(["a", "b", "c"], [1, 2, 3])
    plt.xlabel("month")
"""
with Path(__file__).with_name("idioms.toml").open("rb") as _file:
    _table = tomllib.load(_file)
REPORTED = {name: idiom for name, idiom in _table.items() if "reported" in idiom}
IDIOMS = {name: idiom["code"] for name, idiom in _table.items() if name not in REPORTED}
WRONG = {name: idiom["wrong"] for name, idiom in _table.items() if "wrong" in idiom}


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


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_program_fails_here_and_in_its_own_interpreter(engine: Engine, name: str) -> None:
    """`wrong` of an idiom is a text of the program and what a beginner has in its place."""
    right, mistake = WRONG[name]
    assert right in STUDENT
    broken = STUDENT.replace(right, mistake)
    names = teacher_names([TeacherCell("solution", STUDENT)])
    ended = [
        [
            outcome.status
            for outcome in engine.run(
                [
                    Cell("student", program),
                    Cell("test", IDIOMS[name]),
                    Cell("shared", IDIOMS[name]),
                ],
                Files(student=(("data.txt", b"rows"),)),
                names,
            ).outcomes
        ]
        for program in (STUDENT, broken)
    ]
    assert ended == [["ok", "ok", "ok"], ["ok", "error", "error"]]


@pytest.mark.parametrize("name", sorted(REPORTED))
def test_what_does_not_work_is_said_to_its_author(
    engine: Engine, name: str, tmp_path: Path
) -> None:
    nb = notebook(solution("own", STUDENT), check("test-own", REPORTED[name]["code"]))
    nbformat.write(nb, tmp_path / "practice.ipynb")
    found = [*authoring.read(nb), *authoring.run(tmp_path / "practice.ipynb", engine)]
    assert any(finding.stops for finding in found)
    assert any(REPORTED[name]["reported"] in finding.text for finding in found), found


def test_a_module_that_a_locked_cell_loads_has_its_functions_and_no_methods_of_a_value(
    engine: Engine,
) -> None:
    load = "import types\nown = types.ModuleType('own')\nown.change = lambda a, b: a - b\n"
    names = teacher_names([TeacherCell("locked", load)])
    cells = [
        Cell("student", load + "own.startswith = lambda *a: True"),
        Cell("test", "assert hasattr(own, 'change') and own.change(5, 3) == 2"),
        Cell("test", "assert own.startswith('x')"),
    ]
    assert [o.status for o in engine.run(cells, Files(), names).outcomes] == ["ok", "ok", "error"]


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


def test_no_module_is_imported_on_the_students_word(engine: Engine) -> None:
    student = (
        "import types\nopen('nbgrader_config.py', 'w').write('print(\"it ran\")')\n"
        "class Box: pass\nBox.__module__ = 'numpy.f2py.__main__'\n"
        "box, answer = Box(), types.ModuleType('nbgrader.__main__')"
    )
    cells = [Cell("student", student), Cell("test", "answer, box\nassert answer == 42")]
    ran = engine.run(cells, Files(), teacher_names([TeacherCell("solution", "answer = box = 42")]))
    assert [output["output_type"] for output in ran.outcomes[1].outputs] == ["error"]
    assert ran.outcomes[1].outputs[0]["ename"] == "AssertionError"
