"""What alembic runs: on the connection that the caller opened, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from programme.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
