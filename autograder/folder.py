"""The files beside a notebook, as the sandbox gets them: plain files only, links never followed.

Notebooks are left out: a sanitised one on disk has the hidden tests in it.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import RefusedNotebook

MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 2_000
_NBGRADERS_OWN = ("timestamp.txt", "submission_secret.txt")
log = logging.getLogger("autograder")


@dataclass(frozen=True)
class Files:
    """Relative names and contents: the student's own, and the teacher's.

    `name` is what the working directory is called: messages of tests name the week by it.
    """

    student: tuple[tuple[str, bytes], ...] = ()
    teacher: tuple[tuple[str, bytes], ...] = ()
    name: str = "work"


def plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name and path of each plain file below `folder`, without notebooks, sorted."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in (".ipynb_checkpoints", "__pycache__")
        )
        for name in sorted(names):
            path = Path(root, name)
            if name.endswith(".ipynb") or not stat.S_ISREG(path.lstat().st_mode):
                continue
            yield str(path.relative_to(folder)), path


def read(
    folder: Path,
    teacher_folder: Path | None,
    student_may_change: Iterable[str] = (),
    *,
    called: str = "",
) -> Files:
    """Read a submission's files and the teacher's.

    A name that the teacher has too is the teacher's, unless `student_may_change` lists it
    (nbgrader's `exclude_overwriting`). Raises RefusedNotebook when it is too much.
    """
    free = set(student_may_change)
    teacher: dict[str, bytes] = {}
    if teacher_folder is not None and teacher_folder.is_dir():
        teacher = {
            name: path.read_bytes()
            for name, path in plain_files(teacher_folder)
            if name not in free
        }
    student: dict[str, bytes] = {}
    size = 0
    for name, path in plain_files(folder):
        if name in teacher:
            continue
        size += path.lstat().st_size
        if size > MAX_BYTES or len(student) >= MAX_FILES:
            raise RefusedNotebook(
                f"The submission holds more than {MAX_BYTES // 2**20} MB or {MAX_FILES} files "
                "beside its notebooks. Ask the student to hand in only what the week asks for."
            )
        student[name] = _read_plain(path)
    return Files(tuple(student.items()), tuple(teacher.items()), called or folder.name or "work")


def save(folder: Path, written: Iterable[tuple[str, bytes]]) -> None:
    """Keep what a program wrote beside its notebook, as nbgrader does.

    The names come from the program: notebooks, nbgrader's own files and anything that would leave
    `folder` are left out, and nothing is written through a link.
    """
    for name, data in written:
        path = folder / name
        inside = Path(os.path.normpath(path)).is_relative_to(folder) and not name.startswith("/")
        if not inside or path.suffix == ".ipynb" or path.name in _NBGRADERS_OWN:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.parent.resolve().is_relative_to(folder.resolve()):
                continue
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
            with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
                file.write(data)
        except OSError as error:
            log.warning("%s, which the program wrote, is not kept: %s", path, error)


def _read_plain(path: Path) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(fd, "rb") as file:
        return file.read()
