"""Everything that is kept about one person, as a zip that she can read.

Texts are JSON, one file a table, in the words of the database; beside them is what she handed in
and the feedback. Left out is who wrote, read or decided: that is about others.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from programme import progress
from programme.messages import message
from programme.personal.person import Found, find
from programme.personal.register import KeptTable, kept, tables
from programme.schema import cohorts, enrolments, privacy_requests
from programme.site import Site
from programme.store import reading, writing
from programme.whole_file import FOR_ITS_OWNER, new_file

LARGEST_FILE_BYTES = 64 * 1024 * 1024
# Not hers to have: a link that opens an application, words that only a search needs.
HIDDEN = frozenset({"link_hash", "name_key"})
SEARCH = frozenset({"person_words", "application_words"})


def export(site: Site, username: str, file: Path, by: str, at: datetime | None = None) -> list[str]:
    """Write her zip, readable by its owner alone; returns the names in it, and answers her request.

    Raises RefusedError for a name that nobody has, FileError when the file can't be written.
    """
    with reading(site) as connection:
        found = find(connection, username)
        with (
            new_file(file, mode=FOR_ITS_OWNER) as made,
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as pack,
        ):
            for name, content in _contents(site, connection, found):
                pack.writestr(name, content)
            names = pack.namelist()
    with writing(site) as connection:
        _answer_request(connection, found, by, at or datetime.now(UTC))
    return names


def _contents(
    site: Site, connection: Connection, found: Found
) -> Iterator[tuple[str, bytes | str]]:
    yield "README.txt", _readme()
    for one in tables():
        if one.name not in SEARCH:
            rows = list(_rows(connection, one, found))
            if rows:
                yield f"data/{one.name}.json", _json(rows)
    for name in _learned_in(connection, found):
        if name in site.cohort_names():
            mine = [p for p in progress.read(site, name) if p.person.username == found.username]
            yield f"marks/{name}.json", _json([asdict(work) for one in mine for work in one.works])
            for step in ("submitted", "feedback"):
                folder = site.cohort(name).root / step / found.username
                yield from _files(folder, f"work/{name}/{step}")


def _rows(connection: Connection, one: KeptTable, found: Found) -> Iterator[dict[str, Any]]:
    wanted = [c for c in one.table.c if c.name not in HIDDEN and c.name not in one.authors]
    for row in connection.execute(select(*wanted).where(found.numbers.mine(one))).mappings():
        yield dict(row)


def _learned_in(connection: Connection, found: Found) -> list[str]:
    query = (
        select(cohorts.c.name)
        .join_from(enrolments, cohorts)
        .where(enrolments.c.id.in_(found.numbers.enrolments), enrolments.c.role == "student")
    )
    return sorted(connection.execute(query).scalars())


def _files(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Plain files below a folder; what she handed in may hold links, which are not followed."""
    for root, _, files in os.walk(folder):
        for file in sorted(files):
            path = Path(root) / file
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST_FILE_BYTES:
                yield f"{name}/{path.relative_to(folder)}", path.read_bytes()


def _readme() -> str:
    """What is in it, in both languages."""
    about = message("personal.readme")
    lines = [about.km, "", about.en, ""]
    for one in kept():
        names = ", ".join(f"data/{table.name}.json" for table in one.tables) or "work/, marks/"
        lines += [f"{one.what.km}\n{one.what.en}\n  {names}", ""]
    return "\n".join(lines)


def _json(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n"


def _answer_request(connection: Connection, found: Found, by: str, at: datetime) -> None:
    connection.execute(
        update(privacy_requests)
        .where(
            privacy_requests.c.person_id.in_(found.numbers.person),
            privacy_requests.c.kind == "copy",
            privacy_requests.c.done_at.is_(None),
        )
        .values(done_at=at, done_by=by, note="given")
    )
