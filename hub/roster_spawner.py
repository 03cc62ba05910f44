"""What a student's server has in common, whatever it runs on: one person of the roster, her memory.

Rule: no server is started for a name that the roster doesn't know.
"""

from __future__ import annotations

from typing import Any

from tornado.web import HTTPError
from traitlets import Any as AnyTrait
from traitlets import Integer
from traitlets.config import LoggingConfigurable

from hub.people import Person, is_username

MIB = 1024 * 1024


class RosterSpawner(LoggingConfigurable):
    """The roster's rules for a spawner of the hub, to be named before it among a class's bases.

    It is no Spawner itself: of those the hub demands that they start and stop something.
    """

    user: Any  # the spawner's own

    site = AnyTrait(help="The installation.").tag(config=True)
    find_person = AnyTrait(help="username -> Person or None").tag(config=True)
    memory_mib = Integer(1536, help="What one server may hold in memory.").tag(config=True)
    file_mib = Integer(128, help="The largest file a server can write.").tag(config=True)
    open_files = Integer(1024, help="Open files of one process.").tag(config=True)

    def _person(self) -> Person:
        """Whose server it is. Raises HTTPError 403 for a name that the roster doesn't know."""
        name = self.user.name
        person: Person | None = self.find_person(name) if is_username(name) else None
        if person is None:
            raise HTTPError(403, f"{name!r} is not in the roster, so no server is started.")
        return person

    def file_limits(self) -> dict[str, int]:
        """Limits of her processes, by the names of `resource` without RLIMIT_."""
        return {"FSIZE": self.file_mib * MIB, "NOFILE": self.open_files, "CORE": 0}
