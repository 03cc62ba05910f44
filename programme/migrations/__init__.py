"""Alembic's migrations of the programme's database; `programme.store.ensure_database` runs them."""
