"""The folders of one submission: her room and the checker's, and copies of hers for tests.

They stay where they are from submission to submission, so that what a process may reach is said
to the kernel once (`zygote`); between two of them they are emptied.
What lies in them is the student's, so links are never followed, and what is neither a plain file
nor a folder nor a link is left out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from autograder import limits

Json = Any
_MAX_COLLECTED = 16 * 1024 * 1024


TEACHER, PROGRAM, CHECKER = "t", "w", "c"


class Rooms:
    """The folders below `base`, of one notebook at a time.

    `t` has the teacher's files, `w` is the room of the student's program and `c` the checker's.
    """

    def __init__(self, base: Path, bounds: limits.Limits) -> None:
        """Make them. Raises OSError."""
        self.base = base
        for name in (TEACHER, PROGRAM, CHECKER):
            (base / name).mkdir()
        self.limits = bounds
        self._teacher_names: list[str] = []
        self._mark: list[Json] = []
        self._files_before = 0

    def open(self, name: str, teacher: list[Json], student: list[Json], blob: bytes) -> None:
        """Lay out a submission with the teacher's and the student's files; `blob` holds them.

        `t` gets the teacher's files, `w/work/name` and `c/work/name` the student's files and
        links to the teacher's, for her interpreter and for the checker. `teacher` and `student`
        are pairs of a name and a size in bytes.
        """
        self.empty()  # a submission whose opening failed was never closed
        shared, rooms = self.base / TEACHER, [self.base / PROGRAM, self.base / CHECKER]
        work = Path("work", name)
        for folder in (room / part for room in rooms for part in (work, "home")):
            folder.mkdir(parents=True)
        position = 0
        for file, size in teacher:
            _write(shared / file, blob[position : position + size])
            position += size
        for file, size in student:
            for room in rooms:
                _write(room / work / file, blob[position : position + size])
            position += size
        names = [file for file, _ in teacher]
        for room in rooms:
            _link(room / work, shared, names)
        self._teacher_names = names
        self._mark = _fingerprint(rooms[0] / work, self.limits.files)
        self._files_before = self._files()

    def copy(self, source: str, target: str) -> None:
        """Copy a folder; one that is gone makes an empty one."""
        _copy(self.base / source, self.base / target, self.limits)

    def copy_for_checker(self, source: str, target: str) -> None:
        """Copy a folder of the student's, with the teacher's files put back in it."""
        self.copy(source, target)
        _link(self.base / target, self.base / TEACHER, self._teacher_names)

    def changed(self, folder: str) -> bool:
        """Whether the folder's files are others than at the start."""
        return _fingerprint(self.base / folder, self.limits.files) != self._mark

    def collect(self, name: str) -> tuple[list[list[Json]], bytes]:
        """The plain files in a folder that were not there, or not so, at the start.

        Pairs of a name and a size in bytes, and their contents in a row.
        """
        if not self.changed(name):
            return [], b""
        folder = self.base / name
        before = {file: entry for file, *entry in self._mark}
        left, names, parts = _MAX_COLLECTED, list[list[Json]](), list[bytes]()
        for file, info in sorted(_entries(folder, self.limits.files), key=lambda entry: entry[0]):
            entry = [info.st_size, info.st_mtime_ns, info.st_ino]
            known = file in self._teacher_names or before.get(file) == entry
            if known or not stat.S_ISREG(info.st_mode) or info.st_size > left:
                continue
            try:
                data = _read_plain(folder / file, left)
                file.encode()
            except (OSError, UnicodeEncodeError):
                continue
            left -= len(data)
            names.append([file, len(data)])
            parts.append(data)
        return names, b"".join(parts)

    def new_files(self) -> int:
        """How many files there are more than at the start."""
        return self._files() - self._files_before

    def empty(self) -> None:
        """Remove all that is in them, whatever rights it was given.

        Raises RuntimeError when something stays: the next student would see it.
        """
        for name in (TEACHER, PROGRAM, CHECKER):
            room = self.base / name
            if room.is_symlink() or not room.is_dir():  # where no Landlock keeps her from it
                _remove(room)
                room.mkdir()
            room.chmod(stat.S_IRWXU)
            for entry in os.listxattr(room):
                os.removexattr(room, entry)
            for entry in os.listdir(room):  # noqa: PTH208 - mostly two
                _remove_tree(room / entry)
            if os.listdir(room):  # noqa: PTH208
                raise RuntimeError(f"{room} can't be emptied")

    def _files(self) -> int:
        """Files on the disk that the base is on: the sandbox's own, where it has namespaces."""
        disk = os.statvfs(self.base)
        return disk.f_files - disk.f_ffree


def _read_plain(path: Path, most: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        return file.read(most)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(folder: Path, target: Path, names: list[str]) -> None:
    """Links in `folder` to the teacher's files, in place of whatever is there."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(path)
        path.symlink_to(target / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove_tree(path: Path) -> None:
    """Remove a folder or a file; where rights are in the way, they are given back first."""
    try:
        shutil.rmtree(path)
    except OSError:
        _give_back_rights(path)
        _remove(path)


def _give_back_rights(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        return
    with contextlib.suppress(OSError):
        folder.chmod(stat.S_IRWXU)
    for root, names, _ in os.walk(folder):  # which opens a folder after its name came
        for path in (Path(root, name) for name in names):
            if not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(stat.S_IRWXU)


def _entries(folder: Path, most: int) -> list[tuple[str, os.stat_result]]:
    found: list[tuple[str, os.stat_result]] = []
    for root, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(root, name)  # noqa: PTH118 - many small paths
            with contextlib.suppress(OSError):
                found.append((os.path.relpath(path, folder), os.lstat(path)))
            if len(found) >= most:
                return found
    return found


def _fingerprint(folder: Path, most: int) -> list[Json]:
    return sorted(
        [name, info.st_size, info.st_mtime_ns, info.st_ino]
        for name, info in _entries(folder, most)
        if not stat.S_ISDIR(info.st_mode)
    )


def _copy(source: Path, target: Path, bounds: limits.Limits) -> None:
    """Copy plain files and links; whatever else a program can make is left out."""
    target.mkdir(parents=True, exist_ok=True)
    left = bounds.disk_bytes // 2
    for name, info in _entries(source, bounds.files):
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(info.st_mode):
                (target / name).mkdir(parents=True, exist_ok=True)
            elif stat.S_ISLNK(info.st_mode):
                (target / name).symlink_to((source / name).readlink())
            elif stat.S_ISREG(info.st_mode) and info.st_size <= left:
                left -= info.st_size
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, target / name, follow_symlinks=False)
