"""How much is lost when everything is killed again and again: `python -m benchmarks.kill_loop`.

Students save and hand in while hub, proxy, servers, mover, grader, watch and PostgreSQL are killed
with SIGKILL. Prints a line of counts; exit code 1 when anything acknowledged is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from tests.hub.loss import KillLoop
from tests.hub.running import STUDENTS, RunningHub, make_site
from tests.postgres import PostgresServer, _binaries


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="Each target is hit once a round.")
    parser.add_argument("--pause", type=float, default=3.0, help="Seconds between two kills.")
    options = parser.parse_args()
    # A short path: Unix sockets lie in it.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, contextlib.ExitStack() as stack:
        settings = {"SOC_DEMO": "1"}
        database = 0
        binaries = _binaries()
        if binaries:
            server = PostgresServer(binaries)
            stack.callback(server.stop)
            settings["SOC_HUB_DB"] = server.url()
            database = server.process.pid
        else:
            print("PostgreSQL is not installed: all is SQLite, and no database is killed.")
        hub = RunningHub(make_site(Path(folder, "s")), settings)
        hub.start()
        stack.callback(hub.stop)
        lost = KillLoop(hub, STUDENTS, database).run(options.rounds, options.pause)
    print(lost)
    for what in lost.missing:
        print(f"lost: {what}", file=sys.stderr)
    return 1 if lost.missing else 0


if __name__ == "__main__":
    sys.exit(main())
