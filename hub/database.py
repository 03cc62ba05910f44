"""The hub's own database: who is signed in, which servers run.

Rule: SQLite seldom waits for the disk. The hub commits some forty times for one sign-in, in its
only thread; by default each would wait for the disk two or three times, and everybody behind it.
With a log written ahead, what is committed survives the death of the hub; a power cut may cost the
last seconds of it, and with them no more than a sign-in.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any


class QuickConnection(sqlite3.Connection):
    """A connection to SQLite that commits to a log."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute("pragma journal_mode = wal").close()
        self.execute("pragma synchronous = normal").close()


def update(c: Any, state: Path) -> None:
    """SOC_HUB_DB, or SQLite in the hub's own folder."""
    c.JupyterHub.db_url = url = os.environ.get("SOC_HUB_DB", f"sqlite:///{state / 'hub.sqlite'}")
    if url.startswith("sqlite"):
        settings = {"check_same_thread": False, "factory": QuickConnection}
        c.JupyterHub.db_kwargs = {"connect_args": settings}
