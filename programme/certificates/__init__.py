"""Certificates: signed statements that somebody graduated, printed, checked and taken back.

What is signed is a short text (`signed.py`); the QR code carries it whole, so that it can be
checked without the network, and opens the public page that also knows what was taken back.
"""

from __future__ import annotations

from programme.errors import ProgrammeError


class CertificateError(ProgrammeError):
    """A certificate can't be signed, printed or checked here; the message says what is missing."""
