"""What `soc` says when it can't do what was asked."""

from __future__ import annotations


class SocError(Exception):
    """The verb was not done. Its text says what happened, where, and what to do next."""
