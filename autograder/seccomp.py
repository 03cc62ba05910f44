"""A seccomp filter by ctypes: what no beginner's program needs is refused with EPERM.

Denied: looking into or tracing other processes, new namespaces, mounts, kernel modules, BPF,
io_uring, SysV IPC, every socket that isn't a Unix one. `clone3` answers ENOSYS, so that libc
falls back to `clone`, whose flags the filter can read. A foreign architecture is killed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_NEW = 0x7E020000 | 0x00000080  # every CLONE_NEW* namespace flag
_AF_UNIX = 1

# name: (x86_64, aarch64); None where the architecture has no such call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "personality": (135, 92),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
_ARCHITECTURES = {
    # machine: (audit arch, column of the table, socket, clone, clone3)
    "x86_64": (0xC000003E, 0, 41, 56, 435),
    "aarch64": (0xC00000B7, 1, 198, 220, 435),
}


def supported() -> bool:
    """Whether this machine's architecture is in the table."""
    return platform.machine() in _ARCHITECTURES


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def build_filter() -> bytes:
    """The BPF program for this machine, ready for the kernel."""
    arch, column, sys_socket, sys_clone, sys_clone3 = _ARCHITECTURES[platform.machine()]
    refuse = _op(_RETURN, _ERRNO | errno.EPERM)
    program = [
        _op(_LOAD, 4),
        _op(_JUMP_EQ, arch, 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, 0),
        # The x32 numbers are a second door to the same calls.
        _op(_JUMP_GE, 0x40000000, 0, 1),
        _op(_RETURN, _KILL),
        _op(_JUMP_EQ, sys_clone3, 0, 1),
        _op(_RETURN, _ERRNO | errno.ENOSYS),
        _op(_JUMP_EQ, sys_clone, 0, 4),
        _op(_LOAD, 16),
        _op(_JUMP_SET, _CLONE_NEW, 0, 1),
        refuse,
        _op(_RETURN, _ALLOW),
        _op(_JUMP_EQ, sys_socket, 0, 4),
        _op(_LOAD, 16),
        _op(_JUMP_EQ, _AF_UNIX, 1, 0),
        refuse,
        _op(_RETURN, _ALLOW),
    ]
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            program += [_op(_JUMP_EQ, number, 0, 1), refuse]
    program.append(_op(_RETURN, _ALLOW))
    return b"".join(program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


_libc = ctypes.CDLL(None, use_errno=True)


def forbid_new_privileges() -> None:
    """Set no_new_privs: set-uid programs give nothing from here on. Raises OSError."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs: " + os.strerror(ctypes.get_errno()))


def apply(program: bytes) -> None:
    """Filter this process and all that it starts. Needs no_new_privs. Raises OSError."""
    buffer = ctypes.create_string_buffer(program, len(program))
    structure = _Program(len(program) // 8, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(structure), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp: " + os.strerror(ctypes.get_errno()))
