"""Counts failed sign-ins, so that nobody can try names, codes or passwords for long.

Rule: a failure counts against the name and against the address it came from. A school shares one
address, so an address may fail more often than a name. Where another server asks for the password,
there is an address alone, and the name is ''.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_KEYS = 10_000


@dataclass
class Attempts:
    """Failures within a sliding window. Kept in memory: a restart of the hub forgets them."""

    per_name: int = 10
    per_address: int = 60
    window_s: float = 600.0
    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, deque[float]] = field(default_factory=dict)

    def allowed(self, username: str, address: str) -> bool:
        """Whether another try may be made now."""
        by_name = not username or self._recent(f"name {username}") < self.per_name
        return by_name and self._recent(f"address {address}") < self.per_address

    def failed(self, username: str, address: str) -> None:
        """Remember one failure."""
        if len(self._failed) > _MOST_KEYS:
            self._failed = {key: times for key, times in self._failed.items() if self._recent(key)}
        keys = [f"name {username}"] if username else []
        for key in (*keys, f"address {address}"):
            self._failed.setdefault(key, deque()).append(self.clock())

    def succeeded(self, username: str) -> None:
        """The name starts anew; its address does not."""
        self._failed.pop(f"name {username}", None)

    def _recent(self, key: str) -> int:
        times = self._failed.get(key, deque())
        while times and times[0] < self.clock() - self.window_s:
            times.popleft()
        return len(times)
