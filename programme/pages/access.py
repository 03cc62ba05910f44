"""Who may see what: read from the roster anew for every request, so that a withdrawal counts."""

from __future__ import annotations

from dataclasses import dataclass

from programme.roster import members
from programme.site import Site


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in, and what she is in the programme."""

    username: str
    name: str
    staff: bool
    teaches: frozenset[str]
    learns: frozenset[str]

    def may_run(self, cohort: str) -> bool:
        """See its board and work with it: its instructors and staff."""
        return self.staff or cohort in self.teaches


def viewer(site: Site, username: str) -> Viewer:
    """The viewer of this name; one whom the roster does not know may see nothing."""
    mine = members(site, username)

    def cohorts(role: str) -> frozenset[str]:
        return frozenset(m.cohort for m in mine if m.role == role and m.cohort is not None)

    return Viewer(
        username=username,
        name=mine[0].name if mine else username,
        staff=any(member.role == "staff" for member in mine),
        teaches=cohorts("instructor"),
        learns=cohorts("student"),
    )
