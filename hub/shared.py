"""Secrets that programs of one installation share, each in a file of the hub's own folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PROXY = "proxy_token"  # a hub and a proxy that are started apart
METRICS = "metrics_token"  # whoever collects the metrics


def secret(state: Path, name: str) -> str:
    """The secret of that name: made by whoever comes first, readable by nobody else."""
    file = state / name
    new = file.with_name(f".{name}.{os.getpid()}")
    if not file.exists():
        new.touch(mode=0o600)
        new.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            os.link(new, file)  # unlike a rename, it doesn't replace what the other has just made
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return file.read_text(encoding="ascii")
