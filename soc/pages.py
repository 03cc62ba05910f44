"""The programme's pages as the hub runs them, with what they may not import: the hub's accounts.

`python -m soc.pages`. What makes accounts is imported when somebody presses the button: it brings
nbgrader, which the pages don't need otherwise.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from programme.pages.__main__ import main
from programme.site import Site

if TYPE_CHECKING:
    from soc.accounts import Opened


def open_accounts(
    site: Site, programme: str, address: str, on: date, at: datetime, *, again: bool = False
) -> Opened:
    """`soc.accounts.open_accounts`, imported late."""
    from soc import accounts  # noqa: PLC0415

    return accounts.open_accounts(site, programme, address, on, at, again=again)


if __name__ == "__main__":
    sys.exit(main(open_accounts))
