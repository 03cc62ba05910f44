"""A plain cell takes a shorter way through IPython (`CaptureShell`); nobody can tell from it."""

from __future__ import annotations

import json
import subprocess
import sys

CELLS = (
    "x = 5\nprint(x is 5)\nx",
    "from __future__ import annotations\ndef f(a: nope): return a",
    "def g(b: nope): return b\ng(3)",
    "print(1)\nreturn 5",
    "1 / 0\nx",
    "def h():\n    raise ValueError(1)\ntry: h()\nexcept ValueError as e: raise KeyError from e",
    "import sys\nsys.exit(2)",
    "raise KeyboardInterrupt\n2",
    "get_ipython().execution_count",
    "In, _i1, _ii",
    "import warnings\nwarnings.warn('hey')\n5",
    "_\n_i",
    "print('\\d')\n'\\d'",
    "x = 1;\nx;",
    "class A:\n    def __repr__(self): return 1 / 0\nA()\n5\nA()",
    "import asyncio\nawait asyncio.sleep(0, 'slept')",
    "x =\n",
    "  y = 1",
    "# only\n# comments",
    "if True:\n  print(1)\n    print(2)",
    "%precision 3\n1 / 3",
    "1 / 3\n1 / 7",
    "import sys\nsys.excepthook is sys.__excepthook__, type(sys.displayhook)",
    "get_ipython().events.register('post_run_cell', lambda ran: print('then', ran.result))\n0",
    "x = 8\nx",
    "get_ipython().last_execution_succeeded, get_ipython().last_execution_result.result",
    "exit\n3",
    "%tb",
)
RUN = """
import json, sys
from autograder.shell import CaptureShell
shell, out = CaptureShell.warm_up(), sys.stdout
if sys.argv[1] == "long":
    shell._is_plain = lambda source: None
shell.connect_streams()
ran = [shell.execute(source, n) for n, source in enumerate(json.load(sys.stdin), 1)]
names = sorted(name for name in shell.user_ns if name not in ("e", "A"))
history = shell.user_ns["In"], {k: v for k, v in shell.user_ns["Out"].items() if type(v) is int}
json.dump([ran, names, history, shell.execution_count], out)
"""


def run(way: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", RUN, way],
        input=json.dumps(CELLS),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_both_ways_show_and_keep_the_same() -> None:
    assert run("short") == run("long")
