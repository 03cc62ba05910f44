"""How much a submission may use. Frozen values; each is declared here and nowhere else."""

from __future__ import annotations

import resource
from dataclasses import asdict, dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits for one notebook of one submission."""

    cell_timeout_s: float = 30.0
    notebook_timeout_s: float = 300.0
    cpu_s: int = 240
    memory_bytes: int = 1024 * MIB
    disk_bytes: int = 256 * MIB
    file_bytes: int = 64 * MIB
    files: int = 20_000
    processes: int = 96
    descriptors: int = 256

    def as_json(self) -> dict[str, float]:
        """For the zygote."""
        return asdict(self)


def apply(limits: Limits, *, others: int) -> None:
    """Set this process's rlimits. `others` processes of the same user don't count against it."""
    mapped = _mapped_bytes()
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_AS, mapped + limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_NPROC, limits.processes + others),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def _mapped_bytes() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - read in each fork, so cheap
        return int(file.read().split()[0]) * resource.getpagesize()
