"""Fixtures for every area."""

from tests.browser.chromium import browser, fonts
from tests.postgres import postgres_server, postgres_url

__all__ = ["browser", "fonts", "postgres_server", "postgres_url"]
