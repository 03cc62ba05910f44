"""The root of this package's errors: whoever calls can catch them all, and show their text."""

from __future__ import annotations


class ProgrammeError(Exception):
    """Something a person can put right; the text says what, where, and what to do next."""
