"""Landlock by ctypes: a process gives up every file but the ones named, for good.

Signals and abstract sockets are scoped to the domain too (kernel ABI 6), TCP is refused (ABI 4),
and no process inside may trace one outside.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)  # truncate, ioctl
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The kernel's Landlock version, 0 when it has none."""
    found: int = _libc.syscall(_CREATE, None, 0, 1)
    return max(found, 0)


def _all_rights(version: int) -> int:
    bits = 13
    if version >= 2:
        bits = 14
    if version >= 3:
        bits = 15
    if version >= 5:
        bits = 16
    return (1 << bits) - 1


def _fail(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"Landlock: {what}: {os.strerror(number)}")


def ruleset(readable: Sequence[Path], writable: Sequence[Path]) -> int:
    """A descriptor for `enter`: only `readable` (and executable) and `writable` trees or files.

    Paths that don't exist are left out. Whoever has the descriptor can add to it, so it must be
    closed before anybody else's code runs. Raises OSError.
    """
    version = abi()
    rights = _all_rights(version)
    attributes = struct.pack("Q", rights)
    if version >= 4:
        attributes += struct.pack("Q", 3)
    if version >= 6:
        attributes += struct.pack("Q", 3)
    made: int = _libc.syscall(_CREATE, attributes, len(attributes), 0)
    if made < 0:
        raise _fail("no ruleset")
    try:
        for path in readable:
            _allow(made, path, _READ & rights)
        for path in writable:
            _allow(made, path, rights)
    except OSError:
        os.close(made)
        raise
    return made


def enter(made: int) -> None:
    """Restrict this process, and all that it starts, to a ruleset; needs no_new_privs.

    Raises OSError.
    """
    if _libc.syscall(_RESTRICT, made, 0) != 0:
        raise _fail("not restricted")


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_ONLY
        if _libc.syscall(_ADD, ruleset, 1, struct.pack("Qi", rights, fd), 0) != 0:
            raise _fail(f"no rule for {path}")
    finally:
        os.close(fd)
