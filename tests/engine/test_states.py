"""Which state of the student's program a test meets, and what it leaves there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.cells import Cell, TeacherCell, leaves_traces, states, teacher_names
from autograder.engine import Engine, Ran
from autograder.folder import Files
from autograder.limits import Limits
from autograder.sandbox import Plan

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(Plan(Limits(cell_timeout_s=3)))
    yield made
    made.close()


def run(engine: Engine, program: str, *tests: str, files: Files | None = None) -> Ran:
    cells = [Cell("student", program), *(Cell("test", test) for test in tests)]
    return engine.run(cells, files, teacher_names([TeacherCell("solution", program)]))


def ended(ran: Ran) -> list[str]:
    return [outcome.status for outcome in ran.outcomes]


def test_tests_in_a_row_meet_one_state() -> None:
    roles = ("test", "student", "test", "skip", "test", "shared", "student", "student", "test")
    found = states([Cell(role, "x") for role in roles])
    assert found == {0: 0, 2: 2, 4: 2, 5: 5, 8: 8}


def test_what_a_test_must_not_leave_behind() -> None:
    hers = frozenset({"total"})
    assert leaves_traces("total = 5", hers)
    assert leaves_traces("def fake():\n    del total", hers)
    assert leaves_traces(HIDDEN.format("assert total(1) == 1"), hers)
    assert not leaves_traces("own = total(3)\nassert own == 3", hers)


@pytest.mark.parametrize("last_words", ["import os; os._exit(3)", "while True: pass"])
def test_a_test_that_ends_the_program_costs_no_other(engine: Engine, last_words: str) -> None:
    program = f"def right(x): return x\ndef wrong(x):\n    {last_words}"
    ask = "assert right(3) == 3"
    ran = run(engine, program, ask, "wrong(1)", ask, "wrong(2)", ask)
    assert ended(ran) == ["ok", "ok", "error", "ok", "error", "ok"]


def test_a_hidden_input_does_not_stay_in_the_program(engine: Engine) -> None:
    program = "seen = []\ndef note(x):\n    seen.append(x)\n    return len(seen)"
    hidden = "assert note(41) == 1\n" + HIDDEN.format("assert note(42) == 2")
    ran = run(engine, program, hidden, hidden, "assert seen == []")
    assert ended(ran) == ["ok"] * 4


def test_a_name_that_a_test_gives_another_value_is_hers_again(engine: Engine) -> None:
    program = "price = 500\ndef total(n): return n * price"
    ran = run(
        engine,
        program,
        "assert total(2) == 1000",
        "price = 7\nassert total(2) == 14",
        "assert total(1) == 500",
    )
    assert ended(ran) == ["ok"] * 4


def test_a_name_is_asked_anew_when_a_call_has_changed_it(engine: Engine) -> None:
    program = (
        "count, rows = 0, []\ndef step():\n    global count, step\n    count += 1\n"
        "    rows.append(count)\n    if count == 3: step = lambda: -1\n    return count"
    )
    test = (
        "for n in (1, 2, 3):\n    assert step() == n and count == n and len(rows) == n\n"
        "assert step() == -1"
    )
    assert ended(run(engine, program, test)) == ["ok"] * 2


def test_a_program_that_crashed_at_once_has_its_files_again(engine: Engine) -> None:
    cells = [
        Cell("student", "import os; os._exit(1)"),
        Cell("student", "import helper\nrows = open('data.csv').read()"),
        Cell("test", "assert rows == '1,2' and helper.double(2) == 4"),
    ]
    files = Files((("helper.py", b"def double(x): return 2 * x"),), (("data.csv", b"1,2"),))
    ran = engine.run(cells, files, teacher_names([TeacherCell("solution", cells[1].source)]))
    assert ended(ran) == ["error", "ok", "ok"]


def test_a_thread_of_hers_does_not_work_on_while_she_is_tested(engine: Engine) -> None:
    program = (
        "import threading, time\ncount = 0\ndef work():\n    global count\n"
        "    while True:\n        count += 1\n        time.sleep(0.001)\n"
        "threading.Thread(target=work, daemon=True).start()\ntime.sleep(0.01)"
    )
    test = "import time\nbefore = count\ntime.sleep(0.1)\nassert count == before > 0"
    assert ended(run(engine, program, test)) == ["ok"] * 2


def test_random_numbers_go_on_where_her_cell_left_them(engine: Engine) -> None:
    program = "import random\nrandom.seed(7)\ndef roll(): return random.randint(1, 10**9)"
    cells = [
        Cell("student", program),
        Cell("test", "import random\nassert roll() == random.Random(7).randint(1, 10**9)"),
        Cell("student", "done = True"),
        Cell("test", "assert done"),
    ]
    names = teacher_names(TeacherCell("solution", cell.source) for cell in cells[::2])
    assert ended(engine.run(cells, names=names)) == ["ok"] * 4


def test_the_rooms_are_new_for_the_next_program(engine: Engine) -> None:
    """Whatever the last one did to the folders that both have: names, rights, attributes."""
    look = (
        "import os\nfor place, folders, names in os.walk('../..'):\n"
        "    print(place, folders, names, oct(os.stat(place).st_mode), os.listxattr(place))"
    )
    spoil = (
        "import os, contextlib\n"
        "open('left.txt', 'w').close(); open('../../left.txt', 'w').close()\n"
        "os.makedirs('deep/er')\nopen('deep/er/f', 'w').close()\n"
        "with contextlib.suppress(OSError): os.setxattr('../..', 'user.note', b'42')\n"
        "os.chmod('deep/er', 0); os.chmod('deep', 0); os.chmod('../..', 0o711); os.chmod('..', 0)"
    )
    first, second = Cell("student", look), Cell("student", spoil)
    new = engine.run([first]).outcomes
    assert ended(engine.run([second])) == ["ok"]
    assert engine.run([first]).outcomes == new
    assert "left" not in str(new)


def test_a_program_has_no_hold_on_the_next_ones_walls(engine: Engine) -> None:
    """Of the descriptors that a fork begins with, it keeps its standard ones and its channel."""
    count = (
        "import os, stat\nkinds = []\nfor fd in range(3, 256):\n"
        "    try: kinds.append(stat.S_ISSOCK(os.fstat(fd).st_mode))\n"
        "    except OSError: pass\nkinds"
    )
    shown = engine.run([Cell("student", count)]).outcomes[0].outputs
    assert [output["data"]["text/plain"] for output in shown] == ["[True]"]
