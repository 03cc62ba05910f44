"""One step from accepted to invited: people, groups, gradebooks, the hub's codes, and letters.

May be run twice: who is enrolled and invited stays so, and a letter that was printed goes on to
hold. A code can't be read back, so new letters for somebody make her old one stop working: they are
made only when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from hub import accounts
from programme.admitting.enrolling import Placed, enrol_accepted
from programme.admitting.letters import Letter, letters_pdf
from programme.site import Site
from soc.cohorts import ensure_students_in_gradebook


@dataclass(frozen=True)
class Opened:
    """What was done. `pdf` is empty when no letter was needed."""

    placed: tuple[Placed, ...]
    letters: tuple[Letter, ...]
    pdf: bytes


def open_accounts(
    site: Site, programme: str, address: str, on: date, at: datetime, *, again: bool = False
) -> Opened:
    """Enrol everybody who is accepted, invite who can't sign in yet, and write her letter.

    `again`: new letters for all who have not chosen a password, also when they were invited before.
    """
    placed = enrol_accepted(site, programme, on)
    for cohort in sorted({one.group.cohort for one in placed}):
        ensure_students_in_gradebook(site, site.cohort(cohort))
    waiting = set(accounts.without_password(site, [one.username for one in placed]))
    if not again:
        waiting -= set(accounts.invited(site, waiting))
    called = [one for one in placed if one.username in waiting]
    codes = accounts.invite(site, [one.username for one in called])
    letters = tuple(Letter(one, codes[one.username]) for one in called)
    return Opened(tuple(placed), letters, letters_pdf(letters, address, at) if letters else b"")
