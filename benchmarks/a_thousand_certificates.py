"""A thousand certificates: given, printed, and printed again after the run was killed.

python -m benchmarks.a_thousand_certificates [how many] [kills]
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.measuring import cost_of
from programme.certificates import issuing, keys
from programme.fictional_years import fill_years
from programme.reported import many_clubs
from programme.site import Site

GIVEN_ON = date(2026, 5, 4)


def main(wanted: int, kills: int) -> None:
    """Print what it took, and whether killed runs end with the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        site, cohort = _graduates(Path(folder), wanted)
        given = cost_of(lambda: issuing.issue(site, cohort, by="office", today=GIVEN_ON))
        numbers = [one.number for one in issuing.of_cohort(site, cohort)]
        print(f"{len(numbers):,} given and signed: {given.wall_s:.1f} s, {given.cpu_s:.1f} CPU s")
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        printed = cost_of(lambda: subprocess.run(_printing(site, cohort, whole), check=True))
        size = sum(file.stat().st_size for file in whole.iterdir())
        print(
            f"{len(numbers):,} printed by `soc certificate print`: {printed.wall_s:.1f} s, "
            f"{printed.cpu_s:.1f} CPU s, {size / 1e6:.0f} MB"
        )
        seen = _print_and_kill(site, cohort, killed, kills, printed.wall_s)
        subprocess.run(_printing(site, cohort, killed), check=True)
        same = _sums(whole) == _sums(killed)
        again = [one.number for one in issuing.of_cohort(site, cohort)] == numbers
        print(f"killed after {seen} files: the same numbers {again}, the same bytes {same}")


def _graduates(folder: Path, wanted: int) -> tuple[Site, str]:
    """A site with one club of so many graduates: three of five members graduate."""
    (folder / "soc.toml").write_text('public_url = "https://learn.example.org"\n')
    site = Site.open(folder)
    plans = many_clubs(-(-wanted * 5 // 3), 1)
    fill_years(site, plans, 1)
    keys.make_key(site)
    cohort = plans[1].cohorts[0].name
    (folder / "cohorts" / cohort).mkdir(parents=True)
    (folder / "cohorts" / cohort / "cohort.toml").write_text('language = "km"\n')
    return site, cohort


def _printing(site: Site, cohort: str, folder: Path) -> list[str]:
    soc = str(Path(sys.executable).with_name("soc"))
    return [soc, "certificate", "print", str(folder), "--data", str(site.root), "--cohort", cohort]


def _print_and_kill(
    site: Site, cohort: str, folder: Path, kills: int, whole_run_s: float
) -> list[int]:
    """Kill -9 so many runs at random moments; how many files there were after each."""
    draw, seen = random.Random(1), []
    for _ in range(kills):
        run = subprocess.Popen(_printing(site, cohort, folder), stdout=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.3, 0.9) * whole_run_s / kills)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        seen.append(len(list(folder.glob("*.pdf"))))
    return seen


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(folder.glob("*.pdf"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1_000, 4)))
