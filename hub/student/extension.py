"""The server extension (placeholder until the landing page is written)."""
