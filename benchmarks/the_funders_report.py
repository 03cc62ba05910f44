"""The funder's report with 100,000 students in 3,000 clubs: counted, written, and as a verb.

python -m benchmarks.the_funders_report [students] [clubs]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.measuring import cost_of
from programme.fictional_years import fill_years
from programme.report import Period, figures, render
from programme.reported import many_clubs
from programme.site import Site

PERIOD = Period(date(2026, 1, 1), date(2026, 12, 31))


def main(students: int, clubs: int) -> None:
    """Fill a database of its own, and print what each step took."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "soc.toml").touch()
        site = Site.open(root)
        fill_years(site, many_clubs(students, clubs), 1)
        counting = cost_of(lambda: figures.read(site, PERIOD))
        print(f"counted: {counting.wall_s:.2f} s, {counting.cpu_s:.2f} CPU s")
        found = figures.read(site, PERIOD)
        writing = cost_of(lambda: render.write_all(found, "km", root / "out"))
        print(f"HTML, PDF and XLSX written: {writing.wall_s:.2f} s, {writing.cpu_s:.2f} CPU s")
        for file in sorted((root / "out").iterdir()):
            print(f"  {file.suffix[1:]} {file.stat().st_size / 1024:.0f} KiB")
        soc = str(Path(sys.executable).with_name("soc"))
        words = ["--from", "2026-01-01", "--to", "2026-12-31", "--data", str(root)]
        command = [soc, "report", str(root / "again"), *words]
        verb = cost_of(lambda: subprocess.run(command, check=True, capture_output=True))
        print(f"`soc report`, start-up counted: {verb.wall_s:.2f} s, {verb.cpu_s:.2f} CPU s")


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (100_000, 3_000)))
