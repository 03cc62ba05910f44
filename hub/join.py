"""Enter walls that stand already, and give up every right there. Linux only, by ctypes.

bubblewrap builds the walls around a program that it executes, and an executed program shares no
memory with anyone. So it is given one that only waits, and a forked process joins that one's
namespaces instead (setns(2)). `os.setns` comes with Python 3.12.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
from pathlib import Path

_CLONE_NEWUSER = 0x1000_0000
_NS_GET_USERNS = 0xB701
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x2008_0522
_OTHERS = ("net", "ipc", "uts", "cgroup", "pid", "mnt")

_libc = ctypes.CDLL(None, use_errno=True)


def enter(pid: int) -> None:
    """Join every namespace of `pid`; of the process ids, this process's next children do.

    As an ordinary user this takes two user namespaces: bubblewrap mounts in one and drops its
    rights by going on to a second. Raises OSError; the process is then half inside and must end.
    """
    spaces = {name: os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in ("user", *_OTHERS)}
    builder = fcntl.ioctl(spaces["mnt"], _NS_GET_USERNS)
    here = Path("/proc/self/ns/user").stat().st_ino
    if os.fstat(builder).st_ino != here:
        _call("setns", builder, _CLONE_NEWUSER)
    for name in _OTHERS:
        _call("setns", spaces[name], 0)
    if os.fstat(spaces["user"]).st_ino not in (here, os.fstat(builder).st_ino):
        _call("setns", spaces["user"], _CLONE_NEWUSER)
    for opened in (*spaces.values(), builder):
        os.close(opened)


def adopt_orphans() -> None:
    """Let the caller be the parent of its descendants whose parents end, not the system's init."""
    _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def give_up_rights(uid: int) -> None:
    """Become `uid` (when root) without any capability, and without a way to gain one."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))
    for capability in range(last + 1):
        _call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Changing rights made /proc/self unreadable to its owner, and to the hub that counts memory.
    _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
