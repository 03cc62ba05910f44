"""The programme grown: 100,000 students in 3,000 clubs. Search, boards, decisions, and each page.

    python -m benchmarks.the_programme [--students 100000] [--clubs 3000] [--decide 300]

Everything is real: the database with ten marks a student, a gradebook file a club, the pages behind
a hub. Prints what filling costs; the milliseconds of a search, a board, a chain; how long deciding
about `--decide` clubs takes; then for each page its bytes, plain and compressed, and the
milliseconds for one user alone and for 20 at once who never pause: median and 95th percentile.
"""

from __future__ import annotations

import argparse
import gzip
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from nbgrader import api
from sqlalchemy import insert, select, text

from programme import chain, club_plan, decisions, roster, schema
from programme.board import read_board
from programme.fictional_years import fill_years
from programme.people import Person
from programme.reported import many_clubs
from programme.search import search
from programme.site import Site
from programme.store import ensure_database, reading, writing
from tests.programme.gradebooks import make_gradebook
from tests.programme.small_hub import Visitor, small_hub

USERS, ROUNDS, SEED = 20, 4, 1
CELL = "imported-history"


def fill(root: Path, students: int, clubs: int) -> Site:
    """The people, their marks, staff, and a gradebook a club."""
    (root / "soc.toml").write_text("", encoding="utf-8")
    site = Site.open(root)
    ensure_database(site.programme_url)
    fill_years(site, many_clubs(students, clubs), SEED)
    roster.enrol(site, [Person("office", "The Office")], None, "staff", on=date(2026, 1, 1))
    with writing(site) as connection:
        rows = connection.execute(
            select(schema.cohorts.c.id, schema.cohorts.c.starts_on).where(
                schema.cohorts.c.kind == "club"
            )
        )
        held = [
            {"cohort_id": row.id, "number": n, "held_on": row.starts_on + timedelta(days=7 * n - 7)}
            for row in rows
            for n in range(1, 11)
        ]
        connection.execute(insert(schema.sessions), held)
        connection.execute(text(MARKS))
    template = root / "template.db"
    _gradebook(site, template, (students + clubs - 1) // clubs + 1)
    with reading(site) as connection:
        names = connection.execute(
            text("SELECT name FROM cohorts WHERE kind = 'club' ORDER BY name")
        ).scalars().all()  # fmt: skip
    for name in names:
        _give_gradebook(site, name, template)
    return site


MARKS = """INSERT INTO attendance
 (session_id, enrolment_id, mark, marked_by, marked_at, source)
 SELECT s.id, e.id, CASE WHEN (e.id + s.number) % 9 = 0 THEN 'absent' ELSE 'present' END,
 'fictional', '2026-07-01 05:00:00', 'class'
 FROM sessions s JOIN enrolments e ON e.cohort_id = s.cohort_id AND e.role = 'student'"""


def _gradebook(site: Site, file: Path, size: int) -> None:
    """Ten sessions of two notebooks, handed in by so many students called 0, 1, 2, …"""
    plan = club_plan.read(site.course).course
    make_gradebook(f"sqlite:///{file}")
    with api.Gradebook(f"sqlite:///{file}") as gradebook:
        for number in range(size):
            gradebook.update_or_create_student(str(number))
        for week in plan.weeks:
            gradebook.update_or_create_assignment(week.assignment)
            for notebook in week.counts:
                gradebook.update_or_create_notebook(notebook, week.assignment)
                gradebook.update_or_create_grade_cell(
                    CELL, notebook, week.assignment, max_score=10, cell_type="code"
                )
            for number in range(size):
                gradebook.add_submission(week.assignment, str(number))
                for notebook in week.counts:
                    grade = gradebook.find_grade(CELL, notebook, week.assignment, str(number))
                    grade.auto_score = (number + week.number) % 11
        gradebook.db.commit()


def _give_gradebook(site: Site, name: str, template: Path) -> None:
    folder = site.root / "cohorts" / name
    folder.mkdir(parents=True)
    (folder / "cohort.toml").write_text('language = "km"\n', encoding="utf-8")
    shutil.copy(template, folder / "gradebook.db")
    girls = [one.person.username for one in roster.enrolled(site, name)]
    with closing(sqlite3.connect(folder / "gradebook.db")) as book:
        for number, username in enumerate(girls):
            book.execute("UPDATE student SET id = ? WHERE id = ?", (username, str(number)))
            book.execute(
                "UPDATE submitted_assignment SET student_id = ? WHERE student_id = ?",
                (username, str(number)),
            )
        book.commit()


def timed(name: str, calls: Sequence[Callable[[], object]]) -> None:
    """Print the median and the 95th percentile of the calls, in milliseconds."""
    spent = []
    for call in calls:
        began = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - began))
    print(f"{name:<44} {statistics.median(spent):8.1f} {_p95(spent):8.1f}")


def _p95(spent: Sequence[float]) -> float:
    return sorted(spent)[max(0, round(0.95 * len(spent)) - 1)]


def domain(site: Site, clubs: Sequence[str], people: Sequence[Person], decide: int) -> None:
    """What the pages rest on, without them."""
    draw = random.Random(SEED)
    chosen = draw.sample(list(people), 50)
    with reading(site) as connection:
        phones = connection.execute(
            text("SELECT phone FROM applications ORDER BY id LIMIT 5000")
        ).scalars().all()  # fmt: skip
    print(f"\n{'milliseconds':<44} {'median':>8} {'p95':>8}")
    timed(
        "search: two whole words, Latin", [lambda p=p: search(site, p.name_latin) for p in chosen]
    )
    timed(
        "search: one name, Khmer", [lambda p=p: search(site, p.name_km.split()[-1]) for p in chosen]
    )
    timed("search: two letters", [lambda p=p: search(site, p.name_latin[:2]) for p in chosen])
    timed("search: a phone", [lambda n=n: search(site, n) for n in draw.sample(phones, 50)])
    few = draw.sample(list(clubs), min(50, len(clubs)))
    timed("board of a club", [lambda c=c: read_board(site, c, date(2026, 10, 1)) for c in few])
    with reading(site) as connection:
        leaders = connection.execute(
            text("SELECT username FROM people JOIN clubs ON leader_id = people.id LIMIT 50")
        ).scalars().all()  # fmt: skip
    timed("chain of a leader", [lambda n=n: chain.read_chain(site, n) for n in leaders])
    timed("all chains counted", [lambda: chain.totals(site)] * 3)
    began, cpu = time.perf_counter(), time.process_time()
    for name in clubs[:decide]:
        decisions.decide_all(site, name, author="office", today=date(2026, 10, 1))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"decided about {decide} clubs: {wall:.1f} s, {cpu:.1f} s of CPU")


def pages(site: Site, folder: Path, clubs: Sequence[str], girls: Sequence[tuple[str, str]]) -> None:
    """Bytes of each page, and milliseconds alone and with 20 users at once."""
    draw = random.Random(SEED)

    def a_club() -> str:
        return draw.choice(clubs)

    staff: dict[str, Callable[[], str]] = {
        "start": lambda: "",
        "search, one name": lambda: "search?q=sok+sokha",
        "search, nobody": lambda: "search?q=nobody+atall",
        "clubs": lambda: "clubs",
        "clubs of a province": lambda: "clubs?province=08",
        "a club": lambda: f"club/{a_club()}",
        "board": lambda: f"cohort/{a_club()}",
        "look at decisions": lambda: f"cohort/{a_club()}/decide",
        "a session": lambda: f"cohort/{a_club()}/session/3",
        "what the hub saw": lambda: f"cohort/{a_club()}/session/3/online",
        "sheet to print": lambda: f"cohort/{a_club()}/paper",
        "sheet, PDF": lambda: f"cohort/{a_club()}/paper.pdf",
        "appeals": lambda: "appeals",
        "mentors": lambda: "mentors",
    }
    with small_hub(site.root, folder) as address:
        office = [Visitor(address, "office") for _ in range(USERS)]
        hers = [Visitor(address, username) for username, _ in girls[:USERS]]
        print(f"\n{'page':<22} {'bytes':>8} {'gzip':>7} {'alone':>7} {'median':>7} {'p95':>7} ms")
        for name, path in staff.items():
            _page(name, office, [path] * USERS)
        mine = [lambda club=club: f"me/{club}" for _, club in girls[:USERS]]
        _page("her own page", hers, mine)
        _page("her chain", hers, [lambda n=n: f"chain/{n}" for n, _ in girls[:USERS]])
        for visitor in (*office, *hers):
            visitor.close()


def _page(name: str, visitors: Sequence[Visitor], paths: Sequence[Callable[[], str]]) -> None:
    def ask(number: int) -> tuple[float, int, int]:
        began = time.perf_counter()
        answer = visitors[number].get(paths[number]())
        assert answer.status_code == 200, (name, answer.status_code)
        sent = len(gzip.compress(answer.content, 6))  # as the hub's proxy sends it
        return 1000 * (time.perf_counter() - began), len(answer.content), sent

    alone = [ask(0) for _ in range(5)]
    with ThreadPoolExecutor(USERS) as pool:
        together = list(pool.map(ask, [n % USERS for n in range(USERS * ROUNDS)]))
    spent = [one[0] for one in together]
    print(
        f"{name:<22} {max(o[1] for o in together):8,} {max(o[2] for o in together):7,}"
        f" {statistics.median(o[0] for o in alone):7.0f} {statistics.median(spent):7.0f}"
        f" {_p95(spent):7.0f}"
    )


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100_000)
    parser.add_argument("--clubs", type=int, default=3_000)
    parser.add_argument("--decide", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-programme-") as folder:
        root = Path(folder) / "data"
        root.mkdir()
        began = time.perf_counter()
        site = fill(root, options.students, options.clubs)
        size = (root / "programme.sqlite").stat().st_size
        print(
            f"filled in {time.perf_counter() - began:.0f} s; programme.sqlite {size / 1e6:.0f} MB"
        )
        with reading(site) as connection:
            clubs = connection.execute(
                text("SELECT name FROM cohorts WHERE kind = 'club' ORDER BY name")
            ).scalars().all()  # fmt: skip
        members = [(one.person, name) for name in clubs[:100] for one in roster.enrolled(site, name)
                   if one.status == "active"]  # fmt: skip
        domain(site, clubs, [person for person, _ in members], options.decide)
        few = random.Random(SEED).sample(members, USERS)
        pages(site, Path(folder), clubs, [(person.username, name) for person, name in few])


if __name__ == "__main__":
    main()
