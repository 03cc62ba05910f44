"""`Doctor`: an error, in three lines a beginner can use, with Python's own words folded below."""
from __future__ import annotations
from typing import Any
class Doctor:
    """Explains errors."""
    @staticmethod
    def install(shell: Any = None) -> None:
        """Explain errors in this notebook."""
    @staticmethod
    def remove(shell: Any = None) -> None:
        """Show errors as Python does."""
    @staticmethod
    def explain(error: BaseException, source: str = "") -> str:
        """Three lines."""
        return ""
