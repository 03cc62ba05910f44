"""Making one person anonymous, everywhere: what is counted stays, who it was is gone.

Her row becomes `erased-<number>`, and what kept.toml says happens to every other one; the marks in
the gradebooks stay under that mark, her work, home and feedback are removed. Files go first and the
name last: a run that was stopped finds her again, and goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Text,
    case,
    cast,
    delete,
    insert,
    inspect,
    literal,
    make_url,
    null,
    or_,
    select,
    update,
)

from programme import course
from programme.gradebook_tables import comments, students, submissions, submitted_notebooks
from programme.personal.person import Found, Numbers, find, folders
from programme.personal.register import KeptTable, tables
from programme.schema import applications, clubs, drafts, people, privacy_requests
from programme.site import Cohort, Site
from programme.store import RefusedError, make_engine, reading, writing
from programme.written import name_key, parse_phone

SECRET = "submission_secret.txt"  # noqa: S105  (nbgrader's name for a file)
SHORTEST_REASON = 3
BUSY_S = 20
# Words that people write about others. `reasons` say who saw a lesson.
FREE_WORDS: Mapping[str, tuple[str, ...]] = {
    "decisions": ("reasons", "override_reason"),
    "appeals": ("words", "answer"),
    "calls": ("note",),
    "enrolments": ("withdrawn_reason",),
    "clubs": ("plan", "reason"),
}


@dataclass(frozen=True)
class Erased:
    """What was done. `left` says what has to be done elsewhere, or could not be done."""

    mark: str
    rows: int
    folders: int
    left: tuple[str, ...]


def erase(
    site: Site,
    username: str,
    reason: str,
    by: str,
    at: datetime | None = None,
    *,
    asked_by: str = "staff",
    dry_run: bool = False,
    wipe: bool = True,
) -> Erased:
    """Make her anonymous for good; statistics stay as they are.

    Without `wipe`, which erases many, somebody has to call `wipe_free_pages` at the end.
    Raises RefusedError for an unknown name, while she leads a club that runs, and for a reason that
    names her: it is kept in the audit trail.
    """
    at = at or datetime.now(UTC)
    with reading(site) as connection:
        found = find(connection, username)
        _check(connection, found, reason, by)
        left = [*_named_by_others(connection, found)]
        rows = sum(_count(connection, kept, found.numbers) for kept in tables())
    mark = f"erased-{found.numbers.person[0]}"
    there = [path for path in folders(site, username) if path.exists() or path.is_symlink()]
    if dry_run:
        return Erased(mark, rows, len(there), tuple(left))
    _remove_released_feedback(site, username)
    for path in there:
        remove(path)
    for name in site.cohort_names():
        _in_gradebook(site.cohort(name), username, mark)
    today = course.read(site.course).schedule.local_date(at)
    with writing(site) as connection:
        _forget_drafts(connection, found.numbers)
        rows = forget(connection, found.numbers, mark, today)
        _forget_as_author(connection, username, mark)
        _write_down(connection, found.numbers.person[0], reason, by, asked_by, at)
    if wipe:
        left += wipe_free_pages(site)
    return Erased(mark, rows, len(there), tuple(left))


def _check(connection: Connection, found: Found, reason: str, by: str) -> None:
    if not by.strip() or len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError("an erasure needs a reason, and somebody who does it")
    mine = connection.execute(select(people).where(people.c.id.in_(found.numbers.person))).one()
    names = [name.casefold() for name in (mine.username, mine.name_latin, mine.name_km) if name]
    if any(name in reason.casefold() for name in names):
        raise RefusedError("the reason is kept and must not name her")
    leads = connection.execute(
        select(clubs.c.name).where(
            clubs.c.leader_id.in_(found.numbers.person), clubs.c.status == "approved"
        )
    ).scalars()
    running = ", ".join(leads)
    if running:
        raise RefusedError(f"She leads {running}: close it, or give it to somebody else, first.")


def forget(connection: Connection, numbers: Numbers, mark: str, today: date) -> int:
    """Anonymise all rows that these numbers lead to; how many they were.

    People come first, as the database lets decisions forget only those who are erased.
    """
    return sum(_forget_in(connection, kept, numbers, mark, today) for kept in tables())


def _forget_in(
    connection: Connection, kept: KeptTable, numbers: Numbers, mark: str, today: date
) -> int:
    mine = numbers.mine(kept)
    if kept.remove:
        return connection.execute(delete(kept.table).where(mine)).rowcount
    values: dict[str, Any] = dict.fromkeys(kept.clear, null())
    for name, value in kept.replace.items():
        column = kept.table.c[name]
        new = _text(kept, value, mark) if isinstance(value, str) else literal(value, column.type)
        # What was never there stays not there: a reason that nobody gave is not forgotten.
        values[name] = case((column.is_(None), null()), else_=new) if column.nullable else new
    if "erased_on" in kept.table.c:
        values["erased_on"] = today
    if not values:
        return _count(connection, kept, numbers)
    return connection.execute(update(kept.table).where(mine).values(values)).rowcount


def _text(kept: KeptTable, value: str, mark: str) -> Any:
    before, there, after = value.format(mark=mark, row="\0").partition("\0")
    if not there:
        return literal(before)
    return literal(before) + cast(kept.table.c.id, Text) + literal(after)


def _count(connection: Connection, kept: KeptTable, numbers: Numbers) -> int:
    key = next(iter(kept.table.primary_key))
    return len(connection.execute(select(key).where(numbers.mine(kept))).all())


def _forget_as_author(connection: Connection, username: str, mark: str) -> None:
    for kept in tables():
        for name in kept.authors:
            hers = kept.table.c[name] == username
            connection.execute(update(kept.table).where(hers).values({name: mark}))


def _forget_drafts(connection: Connection, numbers: Numbers) -> None:
    """Drafts lead to nobody: hers are those with the phone or the name of her application."""
    mine = applications.c.id.in_(numbers.applications)
    known = connection.execute(select(applications.c.phone, applications.c.name_key).where(mine))
    wanted = {value for row in known for value in row if value}
    if not wanted:
        return
    for row in connection.execute(select(drafts.c.id, drafts.c.fields)).all():
        fields = row.fields if isinstance(row.fields, dict) else {}
        said = {
            parse_phone(str(fields.get("phone", ""))),
            name_key(str(fields.get("name_latin", "")), str(fields.get("name_km", ""))),
        }
        if said & wanted:
            connection.execute(delete(drafts).where(drafts.c.id == row.id))


def _write_down(
    connection: Connection, person_id: int, reason: str, by: str, asked_by: str, at: datetime
) -> None:
    """The audit line: answers her request if there is one, else it is one of its own."""
    done = {"done_at": at, "done_by": by, "note": reason.strip()}
    answered = connection.execute(
        update(privacy_requests)
        .where(privacy_requests.c.person_id == person_id, privacy_requests.c.done_at.is_(None))
        .values(done)
    )
    if answered.rowcount == 0:
        row = {"person_id": person_id, "kind": "erasure", "asked_by": asked_by, "asked_at": at}
        connection.execute(insert(privacy_requests), row | done)


def _named_by_others(connection: Connection, found: Found) -> tuple[str, ...]:
    """Rows about others whose free words name her: a person has to read and mend them."""
    mine = connection.execute(select(people).where(people.c.id.in_(found.numbers.person))).one()
    names = {name for name in (mine.username, mine.name_latin, mine.name_km) if name}
    left = []
    for kept in tables():
        for name in FREE_WORDS.get(kept.name, ()):
            words = cast(kept.table.c[name], Text)
            query = (
                select(kept.table.c.id)
                .where(~found.numbers.mine(kept))
                .where(or_(*(words.contains(one, autoescape=True) for one in names)))
            )
            left += [
                f"{kept.name} {number}: {name} names her"
                for number in connection.execute(query).scalars()
            ]
    return tuple(left)


def _in_gradebook(cohort: Cohort, username: str, mark: str) -> None:
    """Her marks go on under the mark; what was written to her is gone."""
    engine = make_engine(cohort.gradebook_url)
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return
    with engine.begin() as connection:
        if not inspect(connection).has_table("student"):
            return
        hers = students.c.id == username
        if connection.execute(select(students.c.id).where(hers)).first() is None:
            return
        connection.execute(insert(students), {"id": mark})
        mine = select(submissions.c.id).where(submissions.c.student_id == username)
        notebooks = select(submitted_notebooks.c.id).where(
            submitted_notebooks.c.assignment_id.in_(mine)
        )
        to_her = comments.c.notebook_id.in_(notebooks)
        connection.execute(update(comments).where(to_her).values(manual_comment=None))
        hers_too = submissions.c.student_id == username
        connection.execute(update(submissions).where(hers_too).values(student_id=mark))
        connection.execute(delete(students).where(hers))


def _remove_released_feedback(site: Site, username: str) -> None:
    """Released feedback lies under names that only the secret of a submission gives."""
    for name in site.cohort_names():
        cohort = site.cohort(name)
        for secret in cohort.root.glob(f"feedback/{username}/*/{SECRET}"):
            said = secret.read_bytes().decode("ascii", "replace")
            for page in secret.parent.glob("*.html"):
                # As nbgrader.utils.notebook_hash does, which a test holds.
                known = hashlib.md5((said + page.stem).encode(), usedforsecurity=False).hexdigest()
                (cohort.exchange / name / "feedback" / f"{known}.html").unlink(missing_ok=True)


def remove(path: Path) -> None:
    """A folder with all that is in it; a link is removed, and never followed."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def wipe_free_pages(site: Site) -> list[str]:
    """SQLite keeps what was deleted in free pages until a file is written anew; what was not."""
    urls = [site.cohort(name).gradebook_url for name in site.cohort_names()]
    return [problem for url in (site.programme_url, *urls) for problem in _wipe(url)]


def _wipe(url: str) -> list[str]:
    file = make_url(url).database
    if not url.startswith("sqlite") or file is None or not Path(file).is_file():
        return []
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)) as own:
            own.execute("VACUUM")
            own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        return [f"{file}: what was deleted may still be in free pages ({error}); erase again later"]
    return []
