"""What all tables share: their metadata, how constraints are named, and moments in time."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, MetaData, TypeDecorator

# Not alembic's default name: a gradebook of nbgrader may lie in the same PostgreSQL database.
VERSION_TABLE = "programme_version"


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: SQLite would forget the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To naive UTC; a naive value is refused, as nobody can say what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: pass an aware datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def enrolment_id() -> Column[int]:
    """A column that names somebody's place in a cohort; such a place is never removed."""
    return Column("enrolment_id", ForeignKey("enrolments.id", ondelete="RESTRICT"), nullable=False)
