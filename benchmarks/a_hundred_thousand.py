"""How long it takes to write 100,000 students in 3,000 clubs, and how large the database is.

python benchmarks/a_hundred_thousand.py [students] [clubs]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from programme import schema
from programme.fictional_years import fill_years
from programme.reported import many_clubs
from programme.site import Site
from programme.store import ensure_database, reading


def main(students: int, clubs: int) -> None:
    """Fill a database of its own and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "soc.toml").write_text("", encoding="utf-8")
        site = Site.open(root)
        ensure_database(site.programme_url)
        began, began_cpu = time.perf_counter(), time.process_time()
        fill_years(site, many_clubs(students, clubs), 1)
        wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        with reading(site) as connection:
            counts = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar()
                for table in (schema.people, schema.applications, schema.enrolments, schema.clubs)
            }
        size = (root / "programme.sqlite").stat().st_size
        print(*(f"{count:,} {name}" for name, count in counts.items()), sep=", ")
        print(f"{wall:.1f} s, {cpu:.1f} s of CPU, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (100_000, 3_000)))
